/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_MODULE_SELFTEST_H
#define WG_MODULE_SELFTEST_H

#include <linux/types.h>

/* At load, in a debug build: the cipher against a vector and against crypto/, cutting against the
 * kernel's own. False, after a line in the log: the module must not load. */
bool wg_selftest(void);

#endif

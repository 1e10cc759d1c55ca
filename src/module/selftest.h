/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_MODULE_SELFTEST_H
#define WG_MODULE_SELFTEST_H

#include <linux/types.h>

/* Tests at load, in a debug build: the cipher against a vector and against crypto/, cutting against
 * the kernel's own. Returns false, after a line in the log, if the module must not load. */
bool wg_selftest(void);

#endif

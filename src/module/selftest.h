/* SPDX-License-Identifier: GPL-2.0 */
/* At load, in a debug build: the cipher against its vectors, cutting against the kernel's own, allowed
 * IPs, replay window, rate limiter. */
#ifndef WG_MODULE_SELFTEST_H
#define WG_MODULE_SELFTEST_H

#include <linux/types.h>

#ifdef WG_DEBUG
bool wg_selftest(void); /* false, after a line in the log: the module must not load */
#else
static inline bool wg_selftest(void)
{
	return true;
}
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What the crash tests need, compiled with -DWG_TEST_HOOKS only. WG_TEST_KILL_AT=N: SIGKILL at the
 * N-th step boundary. WG_TEST_TERM_AT=N: SIGTERM there. WG_TEST_FAIL_AT=N: the N-th change sent to
 * the kernel or a data path is reported as failed. WG_TEST_COUNT=FILE: "BOUNDARIES CALLS" of a run
 * that ends by itself. WG_TEST_FOUND_AT=N: at the N-th place where something has been read of the tunnel's link and
 * more is going to be, the shell command WG_TEST_FOUND_DO is run. */
#ifndef WG_QUICK_TEST_HOOKS_H
#define WG_QUICK_TEST_HOOKS_H

#include "../../lib/base/error.h"

#ifdef WG_TEST_HOOKS
void test_hooks_boundary(void);
void test_hooks_link_found(void);
/* Passes the result of a call on, or -1 with err where this is the one that is to fail: after it
 * was made, which is the harder case for those who undo. */
int test_hooks_result(int ret, struct wg_error *err);
#else
static inline void test_hooks_boundary(void)
{
}
static inline void test_hooks_link_found(void)
{
}
static inline int test_hooks_result(int ret, struct wg_error *err)
{
	(void)err;
	return ret;
}
#endif

#endif

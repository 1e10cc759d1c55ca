/* SPDX-License-Identifier: GPL-2.0 */
/* A child process, without a shell. */
#ifndef WG_LIB_PROCESS_H
#define WG_LIB_PROCESS_H

#include <signal.h>
#include <stddef.h>
#include "../port.h"
#include "error.h"

struct wg_process {
	const char *const *argv; /* argv[0] is looked up in PATH unless it has a slash */
	const char *const *env;  /* "NAME=VALUE" to add to the environment; NULL: none; NULL-ended */
	const char *input;       /* standard input of the child; NULL: ours is inherited */
	size_t input_len;
	/* NULL, or where a signal handler leaves its signal's number: that is passed on and the
	 * child still awaited. Bits from 7 up may count signals: when the value changes once more,
	 * the child is killed. */
	const volatile int *stop;
};

/* Runs it and waits. Returns its exit status, 128 + N if signal N killed it, 127 if there is no
 * such program (err says so); -1 with err where it could not be started. Our own descriptors are
 * close-on-exec throughout, so the child gets 0, 1 and 2 only; no signal is blocked or ignored for
 * it, but SIGHUP where we ignore it. SIGCHLD must not be ignored. */
int wg_process_run(const struct wg_process *p, struct wg_error *err);
/* The absolute path that PATH gives for a name; false where there is none. */
bool wg_process_find(const char *name, char *path, size_t size);

#endif

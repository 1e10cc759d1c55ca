/* SPDX-License-Identifier: GPL-2.0 */
/* A child process, without a shell. */
#ifndef WG_LIB_PROCESS_H
#define WG_LIB_PROCESS_H

#include <signal.h>
#include <stddef.h>
#include "../../port.h"
#include "error.h"

struct wg_process {
	const char *const *argv; /* argv[0] is looked up in PATH unless it has a slash */
	const char *const *env;  /* "NAME=VALUE" to add to the environment; NULL: none; NULL-ended */
	/* Names of variables that the child does not get, NULL-ended; one that ends in * stands for all
	 * that begin so. NULL: it gets all of ours. */
	const char *const *without;
	const char *input;       /* standard input of the child; NULL: ours is inherited */
	size_t input_len;
	/* NULL, or a stop word (wait.h). The first signal is passed on, to the child and to those of
	 * its descendants that have not left its process group, unless the terminal has sent it to
	 * the whole group already; the child is still awaited. The second signal kills them all. */
	const volatile int *stop;
	/* How long the child may take, in milliseconds; 0: as long as it likes. When the time is over
	 * they get SIGTERM, and SIGKILL three seconds later. */
	unsigned int limit_ms;
};

/* Runs it and waits for the child itself, not for what it leaves in the background. Returns its exit
 * status, 128 + N if signal N killed it, 127 if there is no such program (err says so); -1 with err
 * if it could not be started, or if its time was over (err->code ETIMEDOUT). Our own descriptors are
 * close-on-exec throughout, so the child gets 0, 1 and 2 only; no signal is blocked or ignored for
 * it, but SIGHUP where we ignore it. SIGCHLD must not be ignored, and other children of the caller
 * that end meanwhile are reaped. */
int wg_process_run(const struct wg_process *p, struct wg_error *err);
/* Turns what wg_process_run returned into an exit status of our own: 0, the child's, or 1 if it
 * could not be run or was too slow. If it is not 0, err says why, beginning with `what`; a sentence
 * of wg_process_run stays. */
int wg_process_explain(int status, const char *what, struct wg_error *err);
/* The absolute path that PATH gives for a name; false where there is none. */
bool wg_process_find(const char *name, char *path, size_t size);

#endif

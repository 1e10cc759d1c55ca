/* SPDX-License-Identifier: GPL-2.0 */
/* The one rule for waiting for another party: a child process, a daemon that is to answer, a lock.
 *
 * A wait has a limit, and it sees the signals that ask the program to end. A signal handler counts
 * them in one word, the *stop word*:
 *
 *	bits 0 to 6	the number of the last signal
 *	bit 7		the kernel sent it to the terminal's whole foreground process group
 *	bits 8 to 30	how many signals came
 *
 * 0 means that none came. The first signal ends the wait, or, where the other party is a child, is
 * passed on to it; the second one, of whatever kind, kills the child (process.h). Whoever must go
 * on after a signal, as when a tunnel is taken down, writes 0 into the word before the next wait:
 * a signal counts for the wait during which it comes, and for no later one. */
#ifndef WG_LIB_WAIT_H
#define WG_LIB_WAIT_H

#include "../../port.h"
#include "error.h"

/* How long a wait sleeps at most before it looks at its stop word again: a signal that comes just
 * before a system call does not interrupt it. */
#define WG_WAIT_SLICE_MS 50

/* For a signal handler: counts one signal in *stop. */
void wg_stop_count(volatile int *stop, int signo, bool from_terminal);
/* The parts of a stop word. */
static inline int wg_stop_signal(int word)
{
	return word & 0x7f;
}
static inline bool wg_stop_from_terminal(int word)
{
	return word & 0x80;
}
static inline int wg_stop_times(int word)
{
	return word >> 8;
}
/* "SIGTERM"; a number in words where the signal has no name here. Valid until the next call. */
const char *wg_signal_name(int signo);

/* For builds with test hooks; does nothing in others. While the file that `fd` refers to is open in this
 * process, a wait of any kind ends it by SIGABRT: `fd` is a lock that others need, and that nothing may be
 * waited under. It holds for one file at a time. */
void wg_wait_never_with(int fd);
/* Called by each function that waits for another party, before it does. */
void wg_wait_may_begin(void);

struct wg_wait {
	const volatile int *stop; /* a stop word; NULL: no signal ends the wait */
	u64 until_ms;             /* of the clock that wg_wait_begin reads; 0: no limit */
	unsigned int limit_ms;    /* as wg_wait_begin was told, for wg_wait_error */
};

enum wg_wait_result {
	WG_WAIT_READY,   /* the descriptor is ready; of wg_wait_nap: go on waiting */
	WG_WAIT_STOPPED, /* a signal came */
	WG_WAIT_TIMEOUT, /* the limit is reached */
};

/* Starts a wait of at most `limit_ms` milliseconds (0: no limit) from now on. */
void wg_wait_begin(struct wg_wait *w, const volatile int *stop, unsigned int limit_ms);
/* Starts the same time anew: the other party has made progress. */
void wg_wait_again(struct wg_wait *w);
/* Waits until poll() reports one of `events`, or an error, for `fd`. */
enum wg_wait_result wg_wait_fd(const struct wg_wait *w, int fd, short events);
/* Sleeps for `ms` milliseconds, less where the wait ends sooner. */
enum wg_wait_result wg_wait_nap(const struct wg_wait *w, unsigned int ms);
/* Writes why the wait ended: err->code is EINTR after a signal and ETIMEDOUT after the limit.
 * `party` is the subject of the sentence ("the daemon"). Returns -1. */
int wg_wait_error(const struct wg_wait *w, enum wg_wait_result why, const char *party,
		  struct wg_error *err);

#endif

// SPDX-License-Identifier: GPL-2.0
#include "wait.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#ifdef WG_TEST_HOOKS
#include <stdlib.h>
#include <sys/stat.h>
#endif

#ifdef WG_TEST_HOOKS
static struct {
	int fd;
	struct stat file;
} lock = {.fd = -1};

void wg_wait_never_with(int fd)
{
	lock.fd = fstat(fd, &lock.file) ? -1 : fd;
}

/* The number may have been given to another file since. */
void wg_wait_may_begin(void)
{
	struct stat now;

	if (lock.fd < 0 || fstat(lock.fd, &now) || now.st_dev != lock.file.st_dev ||
	    now.st_ino != lock.file.st_ino)
		return;
	fputs("a wait begins while a lock is held that others need\n", stderr);
	abort();
}
#else
void wg_wait_never_with(int fd)
{
	(void)fd;
}

void wg_wait_may_begin(void)
{
}
#endif

void wg_stop_count(volatile int *stop, int signo, bool from_terminal)
{
	const int most = 0x7fffff; /* what fits above the low eight bits of a positive int */
	int times = wg_stop_times(*stop);

	times += times < most;
	*stop = times << 8 | (from_terminal ? 0x80 : 0) | (signo & 0x7f);
}

const char *wg_signal_name(int signo)
{
	static char number[16];

	switch (signo) {
	case SIGHUP:
		return "SIGHUP";
	case SIGINT:
		return "SIGINT";
	case SIGQUIT:
		return "SIGQUIT";
	case SIGKILL:
		return "SIGKILL";
	case SIGSEGV:
		return "SIGSEGV";
	case SIGPIPE:
		return "SIGPIPE";
	case SIGTERM:
		return "SIGTERM";
	default: /* signals that are rare here */
		snprintf(number, sizeof(number), "signal %d", signo);
		return number;
	}
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

void wg_wait_begin(struct wg_wait *w, const volatile int *stop, unsigned int limit_ms)
{
	wg_wait_may_begin();
	w->stop = stop;
	w->limit_ms = limit_ms;
	wg_wait_again(w);
}

void wg_wait_again(struct wg_wait *w)
{
	w->until_ms = w->limit_ms ? now_ms() + w->limit_ms : 0;
}

/* READY: neither a signal nor the limit has ended the wait. *slice is how long it may sleep. */
static enum wg_wait_result look(const struct wg_wait *w, int *slice)
{
	u64 now = w->until_ms ? now_ms() : 0;

	*slice = WG_WAIT_SLICE_MS;
	if (w->stop && *w->stop)
		return WG_WAIT_STOPPED;
	if (w->until_ms && now >= w->until_ms)
		return WG_WAIT_TIMEOUT;
	if (w->until_ms && w->until_ms - now < WG_WAIT_SLICE_MS)
		*slice = (int)(w->until_ms - now);
	return WG_WAIT_READY;
}

enum wg_wait_result wg_wait_fd(const struct wg_wait *w, int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};
	enum wg_wait_result result;
	int slice;

	for (;;) {
		/* What is there already is taken, also after a signal or the limit. */
		if (poll(&p, 1, 0) > 0)
			return WG_WAIT_READY;
		result = look(w, &slice);
		if (result != WG_WAIT_READY)
			return result;
		if (poll(&p, 1, slice) > 0)
			return WG_WAIT_READY;
	}
}

enum wg_wait_result wg_wait_nap(const struct wg_wait *w, unsigned int ms)
{
	u64 end = now_ms() + ms, now;
	enum wg_wait_result result;
	int slice;

	for (;;) {
		result = look(w, &slice);
		now = now_ms();
		if (result != WG_WAIT_READY || now >= end)
			return result;
		if (end - now < (u64)slice)
			slice = (int)(end - now);
		nanosleep(&(struct timespec){.tv_nsec = slice * 1000000L}, NULL);
	}
}

int wg_wait_error(const struct wg_wait *w, enum wg_wait_result why, const char *party,
		  struct wg_error *err)
{
	if (why == WG_WAIT_STOPPED) {
		wg_error_set(err, "interrupted by %s while waiting for %s",
			     wg_signal_name(wg_stop_signal(*w->stop)), party);
		err->code = EINTR;
	} else {
		wg_error_set(err, "no answer from %s within %u seconds", party,
			     (w->limit_ms + 999) / 1000);
		err->code = ETIMEDOUT;
	}
	return -1;
}

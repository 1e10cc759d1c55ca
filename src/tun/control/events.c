// SPDX-License-Identifier: GPL-2.0
/* The time comes by a timer descriptor, since only that goes on while the machine is suspended. */
#include "events.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "../../core/timers.h"

static void timer_ready(struct event *e)
{
	u64 expirations;
	ssize_t n = read(e->fd, &expirations, sizeof(expirations));

	(void)n;
}

bool events_init(struct events *ev)
{
	memset(ev, 0, sizeof(*ev));
	ev->armed = WG_NEVER;
	ev->epoll = epoll_create1(EPOLL_CLOEXEC);
	ev->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	ev->timer_event = (struct event){.fd = ev->timer, .ready = timer_ready};
	if (ev->epoll >= 0 && ev->timer >= 0 && events_add(ev, &ev->timer_event, EVENTS_IN))
		return true;
	events_free(ev);
	return false;
}

void events_free(struct events *ev)
{
	if (ev->epoll >= 0)
		close(ev->epoll);
	if (ev->timer >= 0)
		close(ev->timer);
	ev->epoll = ev->timer = -1;
}

static bool control(struct events *ev, int operation, struct event *e, u32 interest)
{
	struct epoll_event what = {.data.ptr = e};

	if (interest & EVENTS_IN)
		what.events |= EPOLLIN;
	if (interest & EVENTS_OUT)
		what.events |= EPOLLOUT;
	return epoll_ctl(ev->epoll, operation, e->fd, &what) == 0;
}

bool events_add(struct events *ev, struct event *e, u32 interest)
{
	return control(ev, EPOLL_CTL_ADD, e, interest);
}

void events_change(struct events *ev, struct event *e, u32 interest)
{
	control(ev, EPOLL_CTL_MOD, e, interest);
}

static void arm(struct events *ev, u64 until)
{
	struct itimerspec when = {0};

	if (until == ev->armed)
		return;
	ev->armed = until;
	if (until != WG_NEVER) {
		when.it_value.tv_sec = (time_t)(until / WG_SECOND);
		when.it_value.tv_nsec = (long)(until % WG_SECOND);
	}
	timerfd_settime(ev->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

void events_turn(struct events *ev, u64 until)
{
	struct epoll_event what;
	struct event *e;

	if (until)
		arm(ev, until);
	if (epoll_wait(ev->epoll, &what, 1, until ? -1 : 0) != 1)
		return;
	e = what.data.ptr;
	e->ready(e);
}

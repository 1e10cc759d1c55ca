// SPDX-License-Identifier: GPL-2.0
/* While the device is not up, packets that the kernel has for it wait there: those that came in
 * the moment between the link and the sockets are sent, as by the kernel's WireGuard. */
#include "link.h"
#include <errno.h>
#include "actions.h"
#include "../report/logger.h"
#include "../path/worker.h"

#define OPEN_INTERVAL WG_SECOND /* between attempts to open the sockets */

/* Returns what the user can do about an error of opening the sockets. */
static const char *advice(int code)
{
	switch (code) {
	case EADDRINUSE:
		return "choose another listen-port, or end the program that has this one (ss -lunp)";
	case EACCES:
		return "a listen-port below 1024 takes CAP_NET_BIND_SERVICE";
	case EPERM:
		return "an fwmark takes CAP_NET_ADMIN";
	case EOWNERDEAD:
		return "the process wg-tun-cleanup has ended, start the daemon again";
	default: /* numbers of the system's */
		return "the tunnel carries nothing until then";
	}
}

static void begin_link(struct device *d)
{
	__atomic_store_n(&d->up, true, __ATOMIC_RELEASE);
	worker_resume(d);
}

static void go_up(struct device *d)
{
	struct wg_error err = {0};
	int ret;

	worker_prepare(d);
	pthread_rwlock_wrlock(&d->config);
	ret = worker_bind(d, &err);
	if (ret == 0)
		begin_link(d);
	pthread_rwlock_unlock(&d->config);
	if (ret < 0) {
		d->next_open = device_now() + OPEN_INTERVAL;
		logger_say(LOGGER_ERROR, "%s: it is tried again every second; %s", err.text,
			   advice(err.code));
		return;
	}
	logger_say(LOGGER_VERBOSE, "up, listens on port %u", d->listen_port);
	actions_up(d);
}

static void go_down(struct device *d)
{
	pthread_rwlock_wrlock(&d->config);
	__atomic_store_n(&d->up, false, __ATOMIC_RELEASE);
	worker_unbind(d);
	worker_hold(d);
	pthread_rwlock_unlock(&d->config);
	actions_down(d);
	logger_say(LOGGER_VERBOSE, "down");
}

void link_changed(struct device *d, bool up)
{
	if (up == d->link_up)
		return;
	d->link_up = up;
	if (up)
		go_up(d);
	else if (d->up)
		go_down(d);
	else
		worker_hold(d);
}

/* Packets that have waited since the link went up are too old. */
int link_open(struct device *d, struct wg_error *err)
{
	if (worker_bind(d, err) < 0)
		return -1;
	if (d->up)
		return 0;
	worker_hold(d);
	begin_link(d);
	/* Where an error was logged before, its end is logged, too. */
	logger_say(LOGGER_ERROR, "the sockets are open now: listens on port %u", d->listen_port);
	return 0;
}

void link_refresh(struct device *d)
{
	link_changed(d, worker_tun_state(d) == TUNIF_UP);
}

u64 link_work(struct device *d)
{
	struct wg_error err;
	int ret;

	if (!d->link_up || d->up)
		return WG_NEVER;
	if (device_now() < d->next_open)
		return d->next_open;
	d->next_open = device_now() + OPEN_INTERVAL;
	worker_prepare(d);
	pthread_rwlock_wrlock(&d->config);
	ret = link_open(d, &err);
	pthread_rwlock_unlock(&d->config);
	if (ret < 0)
		return d->next_open;
	actions_up(d);
	return WG_NEVER;
}

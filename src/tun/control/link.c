// SPDX-License-Identifier: GPL-2.0
/* While the device is not up, packets that the kernel has for it wait there: those that came in
 * the moment between the link and the sockets are sent, as by the kernel's WireGuard. */
#include "link.h"
#include "actions.h"
#include "../report/logger.h"
#include "../path/worker.h"

static void begin(struct device *d)
{
	__atomic_store_n(&d->up, true, __ATOMIC_RELEASE);
	worker_resume(d);
}

static void go_up(struct device *d)
{
	struct wg_error err;
	int ret;

	pthread_rwlock_wrlock(&d->config);
	ret = worker_bind(d, &err);
	if (ret == 0)
		begin(d);
	pthread_rwlock_unlock(&d->config);
	if (ret < 0) {
		logger_say(LOGGER_ERROR, "the link is up, but: %s; set another listen-port",
			   err.text);
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

/* What has waited since the link went up is too old. */
int link_open(struct device *d, struct wg_error *err)
{
	if (worker_bind(d, err) < 0)
		return -1;
	if (d->up)
		return 0;
	worker_hold(d);
	begin(d);
	logger_say(LOGGER_VERBOSE, "up, listens on port %u", d->listen_port);
	return 0;
}

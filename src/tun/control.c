// SPDX-License-Identifier: GPL-2.0
/* The loop of the control thread. */
#include "control.h"
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include "control/actions.h"
#include "control/link.h"
#include "device/handshakes.h"
#include "path/worker.h"
#include "report/logger.h"

static void wake_ready(struct event *e)
{
	u64 n;
	ssize_t got = read(e->fd, &n, sizeof(n));

	(void)got;
}

static struct control *control_of_signals(struct event *e)
{
	return (void *)((char *)e - offsetof(struct control, signals));
}

static void signal_ready(struct event *e)
{
	struct signalfd_siginfo info;

	if (read(e->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	logger_say(LOGGER_VERBOSE, "terminated by SIG%s", sigabbrev_np((int)info.ssi_signo));
	control_of_signals(e)->events.stop = true;
}

static int open_signals(struct wg_error *err)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (signal(SIGHUP, SIG_IGN) == SIG_ERR || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return wg_error_errno(err, errno, "cannot block signals");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot wait for signals");
	return fd;
}

int control_init(struct control *c, struct device *d, struct wg_error *err)
{
	memset(c, 0, sizeof(*c));
	c->device = d;
	uapi_socket_init(&c->socket);
	c->wake = (struct event){.fd = d->wake, .ready = wake_ready};
	c->signals = (struct event){.fd = open_signals(err), .ready = signal_ready};
	if (c->signals.fd < 0)
		return -1;
	if (!events_init(&c->events) || !events_add(&c->events, &c->wake, EVENTS_IN) ||
	    !events_add(&c->events, &c->signals, EVENTS_IN))
		return wg_error_errno(err, errno, "cannot wait for events");
	return 0;
}

int control_start(struct control *c, struct wg_error *err)
{
	if (uapi_server_start(&c->server, c->device, &c->events, c->socket.fd) &&
	    uapi_socket_watch(&c->socket, &c->events) && monitor_start(&c->monitor, &c->events))
		return 0;
	return wg_error_errno(err, errno, "cannot wait for events");
}

static u64 earlier_time(u64 a, u64 b)
{
	return a < b ? a : b;
}

void control_run(struct control *c)
{
	while (!c->events.stop) {
		u64 until;

		until = actions_asked(c->device);
		until = earlier_time(until, worker_work(c->device));
		until = earlier_time(until, handshakes_work(c->device));
		until = earlier_time(until, actions_due(c->device));
		until = earlier_time(until, monitor_work(&c->monitor));
		until = earlier_time(until, link_work(c->device));
		if (logger_says(LOGGER_VERBOSE))
			drops_say(&c->device->drops, device_now());
		events_turn(&c->events, until);
	}
	drops_say(&c->device->drops, WG_NEVER);
}

void control_stop(struct control *c)
{
	uapi_socket_remove(&c->socket);
	uapi_server_stop(&c->server);
	monitor_close(&c->monitor);
	close(c->signals.fd);
	events_free(&c->events);
}

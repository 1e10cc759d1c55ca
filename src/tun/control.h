/* SPDX-License-Identifier: GPL-2.0 */
/* The control thread does all that is not packets: requests of wg(8), timers, handshakes, netlink,
 * signals. It waits in one place, and each turn does a bounded amount of each, so that neither a
 * flood of handshakes nor a large request delays the others. */
#ifndef WG_TUN_CONTROL_H
#define WG_TUN_CONTROL_H

#include "../lib/base/error.h"
#include "control/events.h"
#include "control/monitor.h"
#include "uapi/uapi-server.h"
#include "uapi/uapi-socket.h"

struct control {
	struct device *device;
	struct events events;
	struct event wake, signals;
	struct monitor monitor;
	struct uapi_socket socket;
	struct uapi_server server;
};

/* Prepares the loop, and blocks SIGTERM and SIGINT, which end it; SIGHUP is ignored. Call it before
 * there are threads or children. Returns 0, or -1 with err. */
int control_init(struct control *c, struct device *d, struct wg_error *err);
/* Adds `socket` and `monitor`, which are open, to the loop. Returns 0, or -1 with err. */
int control_start(struct control *c, struct wg_error *err);
/* Returns when the loop has ended: by a signal, or since the link or the socket was removed. */
void control_run(struct control *c);
/* Removes the socket first, since a client that can connect is to be served; then closes all that
 * the control thread has. */
void control_stop(struct control *c);

#endif

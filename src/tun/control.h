/* SPDX-License-Identifier: GPL-2.0 */
/* The control thread: all that is not packets. It waits in one place, and each turn does a bounded
 * amount of everything, so that neither a flood of handshakes nor a large request keeps the others
 * waiting. */
#ifndef WG_TUN_CONTROL_H
#define WG_TUN_CONTROL_H

#include "../lib/error.h"
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

/* SIGTERM and SIGINT end the loop; call it before there are threads or children. SIGHUP does
 * not. */
int control_init(struct control *c, struct device *d, struct wg_error *err);
/* Takes what is in `socket` and `monitor`, which are open, into the loop. */
int control_start(struct control *c, struct wg_error *err);
void control_run(struct control *c);
/* The socket goes first: until then whoever finds it is served. */
void control_stop(struct control *c);

#endif

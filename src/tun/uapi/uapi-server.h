/* SPDX-License-Identifier: GPL-2.0 */
/* The socket RUNSTATEDIR/wireguard/NAME.sock and its clients. A client has one buffer each way;
 * what it does not read waits for it alone. */
#ifndef WG_TUN_UAPI_SERVER_H
#define WG_TUN_UAPI_SERVER_H

#include "../device/device.h"
#include "../control/events.h"
#include "uapi-get.h"
#include "uapi-set.h"

enum uapi_server_limit {
	UAPI_IN = 32 * 1024,
	UAPI_OUT = 64 * 1024,
	UAPI_CLIENTS = 16, /* one more, and the one that was silent longest goes */
};

struct uapi_client;

struct uapi_server {
	struct event event; /* the listening socket */
	struct device *device;
	struct events *events;
	struct slab memory; /* of clients */
	struct uapi_client *clients;
	unsigned int n_clients;
};

/* Listens on this descriptor (uapi-socket.h), which is its own from now on. */
bool uapi_server_start(struct uapi_server *s, struct device *d, struct events *ev, int fd);
void uapi_server_stop(struct uapi_server *s);

/* The part without I/O, for tests: a client as a machine. */
struct uapi_session {
	struct device *device;
	enum {
		UAPI_IDLE,
		UAPI_GETTING_LINES,
		UAPI_GETTING,
		UAPI_GETTING_COUNTERS,
		UAPI_SETTING,
		UAPI_REFUSING,
	} state;
	struct uapi_get get;
	struct uapi_set set;
	size_t in_len, out_len, out_sent;
	bool hopeless; /* the connection ends once the answer is out */
	char in[UAPI_IN], out[UAPI_OUT];
};

/* Works on s->in, and writes answers to s->out if that is empty. Returns true if there is more to
 * do without more input. */
bool uapi_session_work(struct uapi_session *s);
/* Ends what is in progress. */
void uapi_session_end(struct uapi_session *s);

#endif

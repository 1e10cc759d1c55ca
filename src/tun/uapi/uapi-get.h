/* SPDX-License-Identifier: GPL-2.0 */
/* The answer to "get=1", written in pieces as the client takes it: however many peers there are, it
 * needs one buffer. Peers may come and go meanwhile; each that is there throughout is told once. */
#ifndef WG_TUN_UAPI_GET_H
#define WG_TUN_UAPI_GET_H

#include "../device/peers.h"

#define UAPI_GET_PIECE 1024 /* no buffer may be smaller */

struct uapi_get {
	struct device *device;
	struct peer_cursor cursor;
	enum { UAPI_GET_DEVICE, UAPI_GET_PEER, UAPI_GET_IPS, UAPI_GET_DONE } next;
};

/* Begins an answer. `g` must stay where it is until the end. */
void uapi_get_begin(struct uapi_get *g, struct device *d);
/* Writes what fits, and returns how much that was; 0: all is told. */
size_t uapi_get_some(struct uapi_get *g, char *buf, size_t size);
/* Ends an answer, early or when all is told. */
void uapi_get_end(struct uapi_get *g);

#endif

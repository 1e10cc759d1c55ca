/* SPDX-License-Identifier: GPL-2.0 */
/* The peers of a device and their allowed IPs. Functions that change them are called by the control
 * thread only, with device->config written; that thread may look at them without the lock. */
#ifndef WG_TUN_PEERS_H
#define WG_TUN_PEERS_H

#include "device.h"

/* A list of peers and their allowed IPs that is read in pieces while both may change. */
struct peer_cursor {
	struct peer_cursor *next;
	struct peer *at;  /* NULL: the end */
	bool moved;	  /* `at` is another one than before, since the old one was removed */
	u64 generation;	  /* of the allowed IPs when `ip` was right */
	size_t ips;	  /* how many of at's allowed IPs were read */
	struct wg_allowedips_node *ip; /* the next one */
};

void peers_init(struct device *d);
void peers_free(struct device *d); /* no workers run any more */

struct peer *peers_find(const struct device *d, const u8 key[static WG_PUBLIC_LEN]);
/* Adds a peer with a key that no peer has yet. This computes no multiplication on the curve. NULL:
 * there is no memory, or there are WG_MAX_PEERS peers. */
struct peer *peers_add(struct device *d, const u8 key[static WG_PUBLIC_LEN]);
void peers_remove(struct device *d, struct peer *peer);
void peers_clear(struct device *d);

/* Gives the peer a prefix. Returns false if there is no memory. */
bool peers_allow(struct device *d, struct peer *peer, u8 family, const u8 *ip, u8 cidr);
/* Takes the prefix away if it is this peer's. */
void peers_disallow(struct device *d, struct peer *peer, u8 family, const u8 *ip, u8 cidr);
void peers_disallow_all(struct device *d, struct peer *peer);

/* Begins at the first peer. Until the end, or peers_cursor_end, the cursor must stay where it
 * is. */
void peers_cursor_begin(struct device *d, struct peer_cursor *c);
void peers_cursor_end(struct device *d, struct peer_cursor *c);
void peers_cursor_next(struct peer_cursor *c);
/* Returns the next allowed IP of c->at; NULL: there are no more. */
const struct wg_allowedips_node *peers_cursor_ip(struct device *d, struct peer_cursor *c);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The peers of a device, in the order they were added, and by public key; and their allowed IPs.
 * Changed under device->update_lock, read under RCU too. With each change of peers or allowed IPs, the
 * removal of all included, device->generation gets a value that no device ever had: a dump keeps no
 * reference, and its place is good while the generation is what it was. */
#ifndef WG_MODULE_PEERS_H
#define WG_MODULE_PEERS_H

#include <linux/list.h>
#include <linux/rhashtable.h>
#include "../core/allowedips.h"
#include "../core/messages.h"

struct wg_device;
struct wg_peer;

struct wg_peers {
	struct list_head list;
	u32 count;
	struct rhashtable by_key;
	bool closed; /* the link is going away: none can be added any more */
	struct wg_allowedips_node *spare[WG_ALLOWEDIPS_SPARE];
};

int wg_peers_init(struct wg_peers *p);
void wg_peers_free(struct wg_peers *p); /* there are none */

/* Under update_lock, or under RCU (then take a reference before leaving it). */
struct wg_peer *wg_peers_find(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN]);
/* The key is no peer's yet. ERR_PTR: -ENOMEM, -ERANGE (WG_MAX_PEERS are there), -ENODEV
 * (the link is going away: whoever holds it by reference only may come too late). */
struct wg_peer *wg_peers_add(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN]);
/* Takes it out of list (then peer->list is empty: a dump notices) and table; wg_peer_remove() does the
 * rest. */
void wg_peers_unlink(struct wg_device *wg, struct wg_peer *peer);

/* Family 4 or 6. -ENOMEM. */
int wg_peers_allow(struct wg_device *wg, struct wg_peer *peer, u8 family, const u8 *ip, u8 cidr);
/* Where the prefix is another peer's, or nobody's, nothing happens. */
void wg_peers_disallow(struct wg_device *wg, struct wg_peer *peer, u8 family, const u8 *ip, u8 cidr);
void wg_peers_disallow_all(struct wg_device *wg, struct wg_peer *peer);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The device: its identity, its peers, its sockets and lanes, and the locks.
 *
 * Locks, in the order they are taken:
 *   rtnl            links are made, moved, brought up and down, deleted.
 *   update_lock     a mutex: whoever changes peers, allowed IPs, the identity, port, mark, sockets.
 *   handshake_lock  a mutex: the handshake lock of the core (core/protocol.h). The curve runs under it,
 *                   so no packet waits for it.
 *   peer->lock      a spinlock, taken with bottom halves off: the session lock of one peer; never two
 *                   at a time.
 *   inside          indices->lock, lane->lock, queue locks: leaves, held for moments.
 * Readers of peers, indices, allowed IPs and sockets are in an RCU section with bottom halves off.
 *
 * Lifetime: a peer that was removed is in no table, its timer and work have ended, and it is freed when
 * the last train that holds a reference has gone (peer.h). The device waits for all of its peers. */
#ifndef WG_MODULE_DEVICE_H
#define WG_MODULE_DEVICE_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/workqueue.h>
#include "../core/allowedips.h"
#include "../core/protocol.h"
#include "keys.h"
#include "lane.h"
#include "peers.h"

struct wg_handshakes;

struct wg_device {
	struct net_device *dev;
	struct list_head list;	       /* all devices, under rtnl */
	struct net __rcu *birth_net;   /* where the sockets are; NULL: it has gone */
	struct mutex update_lock, handshake_lock;

	struct wg_local local;	       /* under handshake_lock; the identity also under update_lock */
	struct wg_host host;
	struct wg_allowedips allowed;  /* changed under update_lock */
	u64 generation;		       /* of its peers and allowed IPs: peers.h */
	struct wg_peers peers;
	struct wg_indices indices;

	struct wg_lanes lanes;	       /* trains on their way */
	struct workqueue_struct *crypt_wq, *handshake_wq;
	struct wg_handshakes *handshakes;

	struct sock __rcu *sock4;	       /* both NULL while it is down; see socket.h */
	struct sock __rcu *sock6;
	unsigned long draining;	       /* socket.c: which of them somebody takes packets out of */
	u16 listen_port;	       /* host order; 0: the kernel chooses when it goes up */
	u32 fwmark;
};

/* In ns: monotonic and going on while suspended, never 0; Unix time. */
u64 wg_device_now(void);
u64 wg_device_unix_now(void);

/* The device of a link, NULL where it is not one of ours. */
struct wg_device *wg_device_of(struct net_device *dev);
/* All that a link of ours has; its memory is zeroed, dev and birth_net are set. */
int wg_device_construct(struct wg_device *wg);
void wg_device_destruct(struct wg_device *wg); /* it has no peers; sleeps */
/* Under update_lock: all sessions end (wg_peer_expire). */
void wg_device_expire(struct wg_device *wg, bool identity);
/* Under update_lock: the private key, zeros: none. Ends all sessions. */
void wg_device_set_private(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN]);

/* All devices, under rtnl. */
extern struct list_head wg_device_all;

#endif

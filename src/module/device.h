/* SPDX-License-Identifier: GPL-2.0 */
/* The device, behind a link of the kind "wireguard": its identity, its peers, sockets and queues,
 * and the locks.
 *
 * Locks, in the order they are taken:
 *   rtnl            links are made, moved, brought up and down, deleted.
 *   update_lock     a mutex: whoever changes peers, allowed IPs, the identity, port, mark, sockets.
 *   identity_lock   a read-write semaphore: the identity lock of the core (core/handshake.h), which
 *                   handshakes hold for reading. The curve runs under it: no packet waits for it.
 *   peer->handshake_lock  a mutex: the handshake lock of one peer; never two at a time. It is held
 *                   while the curve runs for one message: a holder of RTNL that takes it waits for
 *                   that one message, and not for the queue.
 *   peer->lock      a spinlock, taken with bottom halves off: the session lock of one peer; never
 *                   two at a time.
 *   local_lock      a read-write spinlock: the identity does not change while it is held, either.
 *                   Softirqs read under it, to check the macs of arriving messages.
 *   inside          the locks of crypt-queue.h, the admission lock of the core (handshakes.c), the
 *                   tables' own: leaves, held for moments.
 * Readers of peers, indices, allowed IPs and sockets are in an RCU section with bottom halves off.
 *
 * Lifetime: a peer that was removed is in no table, its timer and work have ended, and it is freed
 * when the last batch that holds a reference has gone (peer.h). The device waits for all of its
 * peers. */
#ifndef WG_MODULE_DEVICE_H
#define WG_MODULE_DEVICE_H

#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/rhashtable.h>
#include <linux/rwsem.h>
#include <linux/timekeeping.h>
#include "../core/allowedips.h"
#include "../core/handshake.h"
#include "endpoint.h"
#include "handshake-report.h"
#include "crypt-queue.h"

struct sk_buff;
struct wg_handshakes;
struct wg_peer;

/* What files that come first in the order of this folder (README.md) call in later ones. link.c has
 * the only instance. */
struct wg_upcalls {
	/* Takes over a UDP packet that came in, with its data at its payload; it may be a
	 * super-packet (gso_size). Network and transport header are set. Softirq. */
	void (*receive)(struct wg_device *wg, struct sk_buff *skb);
	/* Sends what is staged, since there may be a session; with `keepalive`, sends an empty
	 * message if nothing is staged. Any context without peer->lock. */
	void (*flush)(struct wg_peer *peer, bool keepalive);
};

struct wg_device {
	struct net_device *dev;
	struct list_head list;	       /* all devices, under rtnl */
	struct net __rcu *creating_net;   /* where the sockets are; NULL: it has gone */
	struct mutex update_lock;
	struct rw_semaphore identity_lock;
	rwlock_t local_lock;

	/* Read under update_lock, identity_lock or local_lock; changed under all of them. */
	struct wg_local local;
	struct wg_host host;
	const struct wg_upcalls *upcalls;

	/* These change under update_lock (peer.h). With each change of peers or allowed IPs, the
	 * removal of all included, `generation` gets a value that no device ever had: a dump keeps
	 * no reference, and its place is good while the generation is what it was. */
	struct list_head peers;
	struct rhashtable peers_by_key;
	u64 generation;
	struct wg_allowedips allowed;
	struct wg_allowedips_node *spare[WG_ALLOWEDIPS_SPARE];

	struct rhashtable indices;     /* keypair.h */
	struct wg_crypt_queues queues; /* packets on their way through the ciphers */
	atomic_t staged_peers;	       /* those with packets that wait for a session */
	atomic_long_t staged_bytes;    /* truesize of these packets */
	/* Received handshake messages, and what peers want by themselves (initiations), are worked
	 * on side by side. */
	struct workqueue_struct *crypt_wq, *handshake_wq, *initiation_wq;
	struct wg_handshakes *handshakes;
	struct wg_handshake_report handshake_report;

	struct sock __rcu *socks[2];   /* IPv4, IPv6; both NULL while it is down; see socket.h */
	u16 listen_port;	       /* host order; 0: the kernel chooses when it goes up */
	u32 fwmark;
};

/* Writes a line to the kernel's log if dynamic debugging of the module is on, at a limited rate.
 * The arguments must not be secret. */
#define wg_debug(wg, text, ...) \
	net_dbg_ratelimited("wireguard: %s: " text "\n", (wg)->dev->name, ##__VA_ARGS__)

/* Returns the time in ns: monotonic, goes on while the machine is suspended, never 0. */
static inline u64 wg_device_now(void)
{
	return ktime_get_boottime_ns() ?: 1;
}

/* Counts and says what became of a handshake (handshake-report.h). `remote` is the peer that it is
 * about, `at` where the message came from or goes to; NULL if that is not known. Any context. */
static inline void wg_device_report(struct wg_device *wg, unsigned int row,
				    const struct wg_remote *remote, const struct wg_endpoint *at)
{
	wg_handshake_report(&wg->handshake_report, wg->dev, row,
			    remote ? remote->handshake.remote_static : NULL, at ? &at->addr : NULL,
			    wg_device_now());
}

#endif

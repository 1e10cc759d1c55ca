/* SPDX-License-Identifier: GPL-2.0 */
/* Trains: packets of one peer under one session that are sealed or opened together. Trains are
 * worked on by all processors at once and leave in the order they came: a lane keeps the order, and
 * a peer has one lane in each direction, so nothing of a peer is reordered. There are as many lanes
 * as processors, whatever the number of peers.
 *
 * A train stays open, and takes further packets of its session, until a processor claims it:
 * packets that come faster than they are worked on make longer trains. */
#ifndef WG_MODULE_LANE_H
#define WG_MODULE_LANE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "endpoint.h"

struct wg_device;
struct wg_keys;

enum wg_train_limit {
	WG_TRAIN_SEGMENTS = 64,	      /* of one outer super-packet; then a train takes no more */
	WG_TRAIN_BYTES = 64000,	      /* of one outer super-packet, at most */
	WG_LANE_BYTES = 4 << 20,      /* that wait in a lane, then packets are dropped */
};

enum wg_train_state {
	WG_TRAIN_OPEN,	  /* waits for a processor, and takes further packets */
	WG_TRAIN_CLAIMED,
	WG_TRAIN_DONE,	  /* sealed or opened; its turn to leave may not have come */
};

struct wg_train {
	struct list_head in_order, to_work;
	struct wg_lane *lane;
	struct wg_keys *keys;	 /* a reference, which holds the peer too */
	enum wg_train_state state;
	u32 count, bytes;	 /* messages; bytes that the lane counts */
	u64 counter;		 /* to send: of the first message */
	/* To send: plain packets, then what is to be transmitted (send.h). Received: outer packets,
	 * then the inner ones that are authentic (receive.h). */
	struct sk_buff_head packets;
	struct wg_endpoint from; /* received */
};

struct wg_lane {
	struct wg_device *device;
	spinlock_t lock;
	struct list_head in_order;
	u32 bytes;
	bool receiving, leaving; /* leaving: somebody takes trains out of it */
	struct napi_struct napi; /* of the receiving direction */
};

/* A processor's part of the work. Only its work uses `frag`: memory for what is sealed. */
struct wg_crypt_cpu {
	spinlock_t lock;
	struct list_head to_work;
	struct work_struct work;
	struct page_frag frag;
};

struct wg_lanes {
	struct wg_lane *send, *receive; /* `count` of each */
	u16 count;
	u16 next;			/* lane for the next peer */
	struct wg_crypt_cpu __percpu *cpus;
	unsigned int last_cpu;
};

/* device->crypt_wq is there already. */
int wg_lanes_init(struct wg_device *wg);
/* The device is down: all lanes are empty. Before crypt_wq goes, and after a failed init too. */
void wg_lanes_free(struct wg_device *wg);
void wg_lanes_up(struct wg_device *wg);	  /* NAPI */
/* The sockets are closed and no peer has a session: waits for what is in the lanes and empties
 * them. May sleep. */
void wg_lanes_down(struct wg_device *wg);

/* Under peer->lock, so that counters and order agree: one packet (`segments` messages from
 * `counter` on) is to be sent under `keys`. False: the lane is full or there is no memory; the
 * packet is still the caller's. */
bool wg_lane_send(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet, u32 segments,
		  u64 counter);
/* Takes over the caller's reference of `keys` and the packet, whatever happens. Softirq. */
void wg_lane_receive(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet,
		     const struct wg_endpoint *from, u32 segments);
/* False: nothing is to leave now, or somebody else takes it out. BH off, as for the next. */
bool wg_lane_enter(struct wg_lane *lane);
/* The next train that is done, in order; its bytes are free again. NULL: none, and others may
 * enter. */
struct wg_train *wg_lane_take(struct wg_lane *lane);
void wg_train_free(struct wg_train *t); /* and all that it holds */

int wg_lane_init(void); /* slab cache */
void wg_lane_exit(void);

#endif

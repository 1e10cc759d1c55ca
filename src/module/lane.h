/* SPDX-License-Identifier: GPL-2.0 */
/* Trains: packets of one peer under one session that are sealed or opened together. Trains are worked
 * on by all processors at once and leave in the order they came: a lane keeps the order, and a peer has
 * one lane in each direction, so nothing of a peer is reordered. There are as many lanes as processors,
 * whatever the number of peers.
 *
 * A train of packets to send stays open, and takes further ones, until a processor claims it: packets
 * that come faster than they are sealed make longer trains. */
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
	WG_TRAIN_SEGMENTS = 64,
	WG_TRAIN_BYTES = 64000,	      /* of plaintext: what one outer super-packet can carry */
	WG_LANE_BYTES = 4 << 20,      /* that wait in a lane, then packets are dropped */
};

enum wg_train_state {
	WG_TRAIN_OPEN,	  /* waits for a processor; one to send takes further packets */
	WG_TRAIN_CLAIMED,
	WG_TRAIN_DONE,	  /* sealed or opened; its turn to leave may not have come */
};

struct wg_train {
	struct list_head in_order, to_work;
	struct wg_keys *keys;	 /* a reference, which holds the peer too */
	enum wg_train_state state;
	bool receiving;
	u32 count, bytes;	 /* messages; bytes that the lane counts */
	u64 counter;		 /* to send: of the first message */
	/* To send: plain packets, then what is to be transmitted. Received: the one outer packet (data at
	 * the first message, gso_size if there are several), then the inner ones that are authentic,
	 * their counters in the control block (receive.c). */
	struct sk_buff_head packets;
	struct wg_endpoint from; /* received */
};

struct wg_lane {
	struct wg_device *device;
	spinlock_t lock;
	struct list_head in_order;
	u32 bytes;
	bool leaving;	   /* somebody takes trains out of it */
	struct napi_struct napi; /* of the receiving direction */
};

struct wg_crypt_cpu {
	struct wg_device *device;
	spinlock_t lock;
	struct list_head to_work;
	struct work_struct work;
};

struct wg_lanes {
	struct wg_lane *send, *receive; /* `count` of each */
	u16 count;
	u16 next;			/* lane for the next peer */
	struct wg_crypt_cpu __percpu *cpus;
	unsigned int last_cpu;
};

int wg_lanes_init(struct wg_device *wg);
/* The device is down and has no peers: all lanes are empty. */
void wg_lanes_free(struct wg_device *wg);
void wg_lanes_up(struct wg_device *wg);	  /* NAPI */
void wg_lanes_down(struct wg_device *wg);

/* Under peer->lock, so that counters and order agree: one packet (`segments` messages from `counter`
 * on) is to be sent under `keys`. False: the lane is full or there is no memory; the packet is still
 * the caller's. */
bool wg_lane_send(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet, u32 segments,
		  u64 counter);
/* Takes over the caller's reference of `keys` and the packet, whatever happens. */
void wg_lane_receive(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet,
		     const struct wg_endpoint *from, u32 segments);
/* The next train that is done, in order; NULL: none. Its bytes are free again. */
struct wg_train *wg_lane_take(struct wg_lane *lane);
void wg_train_free(struct wg_train *t); /* and all that it holds */

int wg_lane_init(void); /* slab cache */
void wg_lane_exit(void);

#endif

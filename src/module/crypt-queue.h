/* SPDX-License-Identifier: GPL-2.0 */
/* Trains: packets of one peer under one session that are sealed or opened together. Trains are
 * worked on by all processors at once and leave in the order they came: a queue keeps the order, and
 * a peer has one queue in each direction, so nothing of a peer is reordered. There are as many queues
 * as processors, whatever the number of peers.
 *
 * A batch stays open, and takes further packets of its session, until a processor claims it:
 * packets that come faster than they are worked on make longer batches. Where there is one processor,
 * what would gain nothing by waiting is sealed or opened where it comes. */
#ifndef WG_MODULE_CRYPT_QUEUE_H
#define WG_MODULE_CRYPT_QUEUE_H

#include <linux/llist.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "endpoint.h"

struct wg_device;
struct wg_peer_keypair;

enum wg_crypt_limit {
	WG_BATCH_SEGMENTS = 64,	 /* of one outer super-packet; then a batch takes no more */
	WG_BATCH_BYTES = 64000,	 /* of one outer super-packet, at most */
	WG_CRYPT_QUEUE_BYTES = 4 << 20, /* that wait in a queue, then packets are dropped */
};

struct wg_crypt_batch {
	struct list_head in_order;
	struct llist_node to_work;
	struct wg_crypt_queue *queue;
	struct wg_peer_keypair *keys; /* a reference, which holds the peer too */
	bool claimed;	      /* by a processor: it takes no further packets */
	bool done;	      /* sealed or opened; its turn to leave may not have come */
	u32 count, bytes;     /* messages; bytes that the queue counts */
	/* To send: plain packets, then what is to be transmitted (send.h). Received: outer packets,
	 * then the inner ones that are authentic (receive.h). */
	struct sk_buff_head packets;
	struct wg_endpoint from; /* received */
};

struct wg_crypt_queue {
	struct wg_device *device;
	spinlock_t lock;
	struct list_head in_order;
	u32 bytes;
	bool receiving;
	struct napi_struct napi; /* batches leave by it: one processor at a time takes them out */
};

/* A processor has a queue in each direction, whoever works on what is in them, and its part of the
 * work. Memory for what is sealed: `frag` is its work's only, `frag_bh` is used with BH off. */
struct wg_crypt_cpu {
	struct wg_crypt_queue send, receive;
	struct llist_head to_work;
	struct work_struct work;
	struct page_frag frag, frag_bh;
} ____cacheline_aligned_in_smp;

struct wg_crypt_queues {
	struct wg_crypt_cpu *cpus; /* nr_cpu_ids */
	u16 next;		  /* whose queues the next peer has */
};

int wg_crypt_queues_init(struct wg_device *wg);
/* The device is down: all queues are empty. */
void wg_crypt_queues_free(struct wg_device *wg);
void wg_crypt_queues_up(struct wg_device *wg); /* NAPI */
/* The sockets are closed and no peer has a session: waits for what is in the queues and empties
 * them. May sleep. */
void wg_crypt_queues_down(struct wg_device *wg);

/* One packet of `segments` messages under `keys` joins the queue; received ones came `from` there,
 * else NULL. To send: under peer->lock, so that counters and order agree. BH off; it may be sealed or
 * opened here, and leaves when that is on again. False: the queue is full or there is no memory; the
 * packet is still the caller's. */
bool wg_crypt_queue_add(struct wg_crypt_queue *queue, struct wg_peer_keypair *keys, struct sk_buff *packet, u32 segments,
		 const struct wg_endpoint *from);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Seals and opens packets on all processors, in order and with a share for each peer.
 *
 * A batch is a run of packets of one peer under one keypair. A peer has one queue in each
 * direction. Batches join their queue in the order in which the packets came, any processor may
 * claim the next batch of any queue, and finished batches leave each queue in order. Queues that
 * have unclaimed batches are served in turn, one batch each, and so are queues that have finished
 * batches. One peer's backlog therefore delays another peer's packet by one batch at most, and a
 * worker that does not get its processor holds up only the peer whose batch it has claimed.
 *
 * A batch takes further packets until a processor claims it: packets that arrive faster than they
 * are worked off form longer batches. On a machine with one processor, a packet that would gain
 * nothing by waiting is sealed or opened in the context that adds it. */
#ifndef WG_MODULE_CRYPT_QUEUE_H
#define WG_MODULE_CRYPT_QUEUE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "endpoint.h"

struct wg_device;
struct wg_peer_keypair;
struct wg_crypt_batch;

enum wg_crypt_limit {
	/* One outer super-packet: messages, and bytes of UDP payload. A batch takes no more
	 * messages. */
	WG_BATCH_SEGMENTS = 64,
	WG_BATCH_BYTES = 64000,
	/* Bytes of packets (truesize) that one queue may hold, and all queues of a device. When the
	 * queues hold much, each may hold an equal share of the device's bytes. */
	WG_CRYPT_QUEUE_BYTES = 2 << 20,
	WG_CRYPT_DEVICE_BYTES = 16 << 20,
};

/* What the two directions do with batches and keypairs. send.c and receive.c each have one. */
struct wg_crypt_ops {
	/* Take and drop a reference: a batch has one to its keypair, from when it is made until it
	 * is freed. */
	struct wg_peer_keypair *(*get)(struct wg_peer_keypair *keypair);
	void (*put)(struct wg_peer_keypair *keypair);
	/* Seals or opens the packets of the batch, which is the caller's alone. `frag` is memory
	 * for what is sealed, which nobody else uses until this returns. */
	void (*crypt)(struct wg_crypt_batch *batch, struct page_frag *frag);
	/* Transmits or delivers the packets of the batch, whose turn it is to leave. BH off.
	 * Returns the part of the NAPI budget that this cost. */
	u32 (*leave)(struct wg_crypt_batch *batch, struct napi_struct *napi);
};

/* One direction of one peer. `lock` guards all but the two list nodes; queues->lock guards `work`,
 * and the processor's lock guards `exit`. While a queue holds a batch, that batch's keypair holds
 * the peer, and the peer holds the queue. */
struct wg_crypt_queue {
	struct wg_device *device;
	const struct wg_crypt_ops *ops;
	spinlock_t lock;
	u32 bytes;		   /* truesize of all packets in it */
	struct list_head in_order; /* all batches */
	struct list_head waiting;  /* those that nobody has claimed */
	struct list_head work;	   /* in queues->work while `listed` */
	struct list_head exit;	   /* in a processor's list while `leaving` */
	bool listed;		   /* a processor will claim the next waiting batch */
	bool leaving;		   /* a processor takes finished batches out: no other one may */
};

/* Both directions of a peer. */
struct wg_crypt_pair {
	struct wg_crypt_queue send, receive;
};

struct wg_crypt_batch {
	struct list_head in_order, waiting;
	struct wg_crypt_queue *queue;
	struct wg_peer_keypair *keypair; /* a reference, which holds the peer too */
	bool claimed;	  /* by a processor: takes no further packets; under queue->lock */
	bool done;	  /* sealed or opened, and waits for its turn to leave; under queue->lock */
	u32 count, bytes; /* messages; truesize of the packets as they came */
	/* To send: plain packets, then the packets to be transmitted (send.h). Received: outer
	 * packets, then the inner packets that are authentic (receive.h). */
	struct sk_buff_head packets;
	struct wg_endpoint from; /* received: where all of its packets came from */
};

/* What one processor has. `frag` is used by its worker only, `frag_bh` with BH off. */
struct wg_crypt_cpu {
	struct work_struct work;
	struct page_frag frag, frag_bh;
	spinlock_t lock;
	struct list_head exit; /* queues with finished batches, served in turn */
	struct napi_struct napi;
} ____cacheline_aligned_in_smp;

struct wg_crypt_queues {
	struct wg_crypt_cpu *cpus; /* nr_cpu_ids */
	spinlock_t lock;
	struct list_head work; /* queues with waiting batches, served in turn */
	u32 listed;	       /* how many they are */
	atomic_t busy;	       /* queues that hold packets */
	atomic_long_t bytes;   /* truesize of all packets in them */
	const struct wg_crypt_ops *send, *receive;
};

/* Returns 0 or -ENOMEM. */
int wg_crypt_queues_init(struct wg_device *wg, const struct wg_crypt_ops *send,
			 const struct wg_crypt_ops *receive);
/* Frees the queues of a device that is down: all queues are empty. */
void wg_crypt_queues_free(struct wg_device *wg);
void wg_crypt_queues_up(struct wg_device *wg); /* NAPI */
/* Waits until all batches have been sealed or opened, and drops them. The sockets are closed and no
 * peer has a session. May sleep. */
void wg_crypt_queues_down(struct wg_device *wg);

/* Makes the queues of a peer of this device, empty. The caller frees them with kfree(). NULL: no
 * memory. May sleep. */
struct wg_crypt_pair *wg_crypt_pair_new(struct wg_device *wg);

/* Adds one packet of `segments` messages under `keypair`. `from` is where a received packet came
 * from, and NULL for one that is sent. The caller of one that is sent holds peer->lock, so that the
 * order of counters is the order of packets. BH is off; the packet may be sealed or opened before
 * this returns, and leaves after BH is on again. Returns false if the queue is full or there is no
 * memory: the packet is still the caller's. */
bool wg_crypt_queue_add(struct wg_crypt_queue *queue, struct wg_peer_keypair *keypair,
			struct sk_buff *packet, u32 segments, const struct wg_endpoint *from);

#endif

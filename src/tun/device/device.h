/* SPDX-License-Identifier: GPL-2.0 */
/* The device: its identity, its peers, its sockets and threads, and the locks.
 *
 * Threads: one control thread (UAPI, timers, handshakes, netlink, signals) and a few workers
 * (packets: TUN to UDP and back). Locks, in the order they are taken:
 *   config     read by workers for each batch, while they use peers or sockets; written by the
 *              control thread to change peers, allowed IPs, the identity, the sockets. It alone
 *              writes, so it reads without the lock. Writers come first.
 *   peer->lock the session lock of one peer; never two at a time.
 *   inside     index_table, keypair_lock, staged.lock, the handshake queue, and the lock of the
 *              sockets that only send (path/sockets.h): leaves, held for moments.
 * The control thread alone runs handshakes: the core's handshake locks are nobody's. Its identity
 * lock is config, its admission lock is inside the handshake queue. */
#ifndef WG_TUN_DEVICE_H
#define WG_TUN_DEVICE_H

#include <net/if.h>
#include <pthread.h>
#include "../../core/allowedips.h"
#include "../../core/handshake.h"
#include "../../lib/base/error.h"
#include "../report/drops.h"
#include "../report/handshake-report.h"
#include "heap.h"
#include "keypair.h"
#include "peer.h"
#include "slab.h"
#include "staged.h"

struct worker;
struct handshake_queue;
struct peer_cursor;

/* Whether a message of ours was routed back into the tunnel, which is said once. */
enum device_loop {
	DEVICE_LOOP_NONE,
	DEVICE_LOOP_WRITING, /* a worker writes loop_endpoint */
	DEVICE_LOOP_TO_SAY,  /* the control thread is to say it */
	DEVICE_LOOP_SAID,
};

struct device {
	char name[IFNAMSIZ];
	pthread_rwlock_t config;
	struct wg_local local;
	struct wg_host host;
	struct wg_allowedips allowed;
	struct wg_allowedips_node *spare[WG_ALLOWEDIPS_SPARE];
	struct index_table *indices;
	struct peer *peers, **last_peer;
	size_t n_peers;
	struct peer **by_key; /* hash by public key, grows; see peers.c */
	size_t by_key_size;
	u8 hash_key[16];
	struct slab peer_memory, node_memory;
	struct slab keypair_memory; /* under keypair_lock */
	pthread_mutex_t keypair_lock;
	u64 ips_generation;	     /* counts changes of allowed IPs, from 1 */
	struct peer_cursor *cursors; /* control's: lists of peers that are going on */
	struct heap deadlines;	     /* control's */
	struct staged_memory staged; /* packets of all peers that wait; has its own lock */

	u16 listen_port; /* 0: the kernel chooses one, which is then here, too */
	u32 fwmark;
	u32 mtu;      /* of the TUN device, read by workers (atomic) */
	/* Bits of enum offload (path/offload.h): what is used, as long as nothing refuses it; what
	 * this kernel damages; and of the first those that are for writing to the TUN device and
	 * that the link's features allow (atomic). */
	u32 offloads, damaged, tun_gro;
	bool link_up; /* control's: what the link is */
	bool up;      /* it is, and the sockets are open: sessions run (atomic) */
	u64 next_open; /* control's: when to try again to open the sockets of a link that is up */
	bool moved;   /* the link is in another network namespace than the sockets (atomic) */

	u32 loop_noticed;		/* enum device_loop (atomic) */
	struct endpoint loop_endpoint;	/* where the messages were to go that came back to us */

	struct drops drops;
	struct handshake_report handshake_report;
	struct worker *workers;
	unsigned int n_workers;
	struct handshake_queue *handshakes; /* from workers to control */

	/* Asked peers: a lock-free stack, what the control thread has taken of it but not done yet,
	 * and the eventfd that wakes it. */
	struct peer *asked, *taken;
	int wake;  /* eventfd, for handshakes too */
	bool source_learnt; /* a peer has a source whose way is not known; see control/sources.h (atomic) */
	bool look; /* by a worker: the link is gone, or not what it was thought to be (atomic) */
};

/* Makes a device. The name is valid (options.c). */
struct device *device_new(const char *name, struct wg_error *err);
/* Frees the device. Call it after worker_stop(). */
void device_free(struct device *d);

/* Return the time in ns: monotonic, which goes on while the machine is suspended; and Unix time. */
u64 device_now(void);
u64 device_unix_now(void);

/* Asks the control thread to do these actions (enum wg_action) for the peer, and to look at its
 * deadline again. A worker calls it, with or without peer->lock. It costs little if the peer has
 * asked already. */
void device_ask(struct device *d, struct peer *peer, u32 actions);
/* Takes one peer that asked. The control thread calls it. NULL: there is none. */
struct peer *device_take_asked(struct device *d);
/* Returns what that peer asked for. Until then the peer does not ask again. */
u32 device_take_actions(struct peer *peer);
/* Forgets a peer that is about to be freed. The caller writes config. */
void device_forget_asked(struct device *d, struct peer *peer);
/* Under peer->lock: an authentic message came from `from`. Returns true if the control thread is to be
 * woken then, to ask which way that leaves by. */
bool device_heard_peer(struct device *d, struct peer *peer, const struct endpoint *from);
/* Wakes the control thread. */
void device_wake(struct device *d);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* A session's keypair, counted, and the table that finds it by the index in a message: random
 * numbers that name a remote's handshake, and its session once that is ready. Most of it is what
 * the core asks for (../core/host.h), under the handshake lock or a peer's lock; what its verbs
 * are given stays alive for as long as that is held. */
#ifndef WG_MODULE_KEYPAIR_H
#define WG_MODULE_KEYPAIR_H

#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include "../core/keypair.h"
#include "nesting.h"

struct wg_peer;

struct wg_peer_keypair {
	/* First: the core's pointer is ours. It is under the peer's lock, but for the two keys and
	 * the indices, which do not change once it is ready. */
	struct wg_keypair pair;
	struct wg_peer *peer;	/* a reference */
	struct wg_nesting_session nesting; /* once it is ready */
	u64 id;			/* for the log; no other keypair of this module ever had it */
	refcount_t refs;
	struct rcu_head rcu;
};

static inline struct wg_peer_keypair *wg_peer_keypair_of(struct wg_keypair *k)
{
	return container_of(k, struct wg_peer_keypair, pair);
}

struct wg_peer_keypair *wg_peer_keypair_get(struct wg_peer_keypair *k);
void wg_peer_keypair_put(struct wg_peer_keypair *k); /* any context; wipes after a grace period */

extern const struct rhashtable_params wg_indices_params; /* device->indices */
/* Returns the keypair of an index with a reference for the caller; NULL: it is nobody's. The caller
 * is in an RCU section. */
struct wg_peer_keypair *wg_indices_keys(struct rhashtable *t, u32 index);

extern const struct wg_host wg_peer_keypair_host; /* ctx: the struct wg_device, to be filled in */

int wg_keypair_init(void);  /* the slab cache; -ENOMEM */
/* Call once all keypairs have been freed, or wait for a grace period to be. */
void wg_keypair_exit(void);

#endif

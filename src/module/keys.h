/* SPDX-License-Identifier: GPL-2.0 */
/* A session's keypair, counted, and the table that finds it by the index in a message: random numbers
 * that name a remote's handshake, and its session once that is ready. */
#ifndef WG_MODULE_KEYS_H
#define WG_MODULE_KEYS_H

#include <linux/kref.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include "../core/keypair.h"

struct wg_device;
struct wg_peer;

struct wg_keys {
	struct wg_keypair pair; /* first: the core's pointer is ours. Under the peer's lock, but for the
				 * two keys and the indices, which do not change once it is ready. */
	struct wg_peer *peer;	/* a reference */
	bool has_index;		/* keypair_ready was called: its index is to be dropped */
	struct kref refs;
	struct rcu_head rcu;
};

static inline struct wg_keys *wg_keys_of(struct wg_keypair *k)
{
	return container_of(k, struct wg_keys, pair);
}

struct wg_keys *wg_keys_new(struct wg_peer *peer); /* may sleep; NULL: no memory */
struct wg_keys *wg_keys_get(struct wg_keys *k);
void wg_keys_put(struct wg_keys *k); /* any context; wipes after a grace period */

struct wg_indices {
	struct rhashtable table;
};

int wg_indices_init(struct wg_indices *t);
void wg_indices_free(struct wg_indices *t); /* it is empty */
bool wg_indices_add(struct wg_indices *t, struct wg_peer *peer, u32 *index); /* may sleep */
/* These two in any context, other changes at the same time allowed. */
void wg_indices_set_keys(struct wg_indices *t, u32 index, struct wg_keys *k); /* takes no reference */
void wg_indices_drop(struct wg_indices *t, u32 index);
/* Under RCU; with a reference for the caller. NULL: nobody's. */
struct wg_peer *wg_indices_peer(struct wg_indices *t, u32 index);
struct wg_keys *wg_indices_keys(struct wg_indices *t, u32 index);

int wg_keys_init(void); /* slab caches */
void wg_keys_exit(void);

#endif

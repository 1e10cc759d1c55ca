/* SPDX-License-Identifier: GPL-2.0 */
/* A session's keypair with its ciphers, and the table that finds it by the index in a data message.
 * Workers hold references; the keys are wiped and freed with the last one. */
#ifndef WG_TUN_KEYPAIR_H
#define WG_TUN_KEYPAIR_H

#include <pthread.h>
#include "../../core/keypair.h"
#include "aead.h"

struct device;
struct peer;

struct keypair {
	struct wg_keypair pair; /* first: the core's pointer is ours. Under the peer's lock. */
	struct peer *peer;	/* valid while config is held since before the keys were found */
	struct device *device;
	struct aead send, receive; /* keyed once, when ready; read only from then on */
	bool has_ciphers, has_index; /* the core said it is ready: the index is to be dropped */
	int refs;		     /* atomic */
};

static inline struct keypair *keypair_of(struct wg_keypair *k)
{
	return (struct keypair *)k;
}

struct keypair *keypair_new(struct peer *peer); /* one reference; NULL: no memory */
void keypair_get(struct keypair *k);
void keypair_put(struct keypair *k); /* NULL is allowed */
/* Keys the ciphers, and wipes the keys of the core's part. */
void keypair_ready(struct keypair *k);

/* Indices of handshakes and sessions: random numbers that name a remote, and a keypair once it is
 * ready. The table has locks of its own; lookups by workers do not wait for handshakes. */
struct index_table;
struct index_table *index_table_new(void);
void index_table_free(struct index_table *t);
bool index_add(struct index_table *t, struct peer *peer, u32 *index);
/* Gives the index a keypair; takes no reference to it. */
void index_set_keypair(struct index_table *t, u32 index, struct keypair *k);
void index_drop(struct index_table *t, u32 index);
struct peer *index_peer(struct index_table *t, u32 index);
/* Returns the keypair with a reference for the caller; NULL: no session has this index. */
struct keypair *index_keypair(struct index_table *t, u32 index);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Which remote an inner address belongs to: the longest prefix wins. A compressed binary trie for
 * each family. Lookups may run while one writer changes it, in an RCU section where the host is a
 * kernel: what they follow is published (port.h), and a node that was taken out goes to the host,
 * which frees it once no lookup can be at it. Writers are serialised by the caller. */
#ifndef WG_CORE_ALLOWEDIPS_H
#define WG_CORE_ALLOWEDIPS_H

#include "../port.h"

struct wg_remote;

/* What lookups read comes first, to be in one cache line. */
struct wg_allowedips_node {
	struct wg_allowedips_node __rcu *child[2];
	u8 bits[16]; /* network order; host bits are zero, and so is all after an IPv4 address */
	struct wg_remote __rcu *remote; /* NULL: only a fork */
	u8 cidr, family;	  /* family: 4 or 6 */
	/* The rest is the writer's; of a node that is out of the trie, it is free_node's. */
	struct wg_allowedips_node *parent;
	/* The remote's list; prev of its first is its last. */
	struct wg_allowedips_node *next, *prev;
};

struct wg_allowedips {
	struct wg_allowedips_node __rcu *root[2]; /* of IPv4 and IPv6 */
	/* A node is out of the trie; lookups may still be at it. */
	void (*free_node)(void *ctx, struct wg_allowedips_node *node);
	void *ctx;
};

/* At most this many nodes are needed for one insert. */
#define WG_ALLOWEDIPS_SPARE 2

/* Gives the prefix to `remote` as the last of its list, and takes it from the remote that has it.
 * `remote` may have it already. Host bits are ignored. `spare` has unused nodes of the caller's,
 * whose contents do not matter; the ones that were used, spare[0] first, are set to NULL. */
void wg_allowedips_insert(struct wg_allowedips *t, u8 family, const u8 *ip, u8 cidr,
			  struct wg_remote *remote,
			  struct wg_allowedips_node *spare[static WG_ALLOWEDIPS_SPARE]);
/* Takes exactly this prefix away if it is `remote`'s. Returns whether it was. */
bool wg_allowedips_remove(struct wg_allowedips *t, u8 family, const u8 *ip, u8 cidr,
			  const struct wg_remote *remote);
void wg_allowedips_remove_remote(struct wg_allowedips *t, struct wg_remote *remote);
/* Returns the remote of an address (4 or 16 bytes, network order); NULL: it is nobody's. */
struct wg_remote *wg_allowedips_find(const struct wg_allowedips *t, u8 family, const u8 *ip);
/* Return the remote of the destination or source of the IP packet at `p`; NULL, too, if the packet
 * is neither IPv4 nor IPv6, or is shorter than its header. */
struct wg_remote *wg_allowedips_find_dst(const struct wg_allowedips *t, const u8 *p, size_t len);
struct wg_remote *wg_allowedips_find_src(const struct wg_allowedips *t, const u8 *p, size_t len);

#endif

// SPDX-License-Identifier: GPL-2.0
/* A node's children are longer prefixes within its own; the bit after its prefix says which. Each
 * node has a remote or two children, or both, so there are fewer forks than prefixes.
 *
 * What a lookup may see at any moment is a trie that is whole: a node is complete before its parent
 * gets it, and a node that goes keeps its children. */
#include "allowedips.h"
#include "remote.h"

/* An address or prefix as numbers: bit 0 is the topmost of `high`. */
struct key {
	u64 high, low;
};

static inline struct key key_of(const u8 *ip, u8 family)
{
	if (family == 4)
		return (struct key){.high = (u64)wg_load_be32(ip) << 32};
	return (struct key){wg_load_be64(ip), wg_load_be64(ip + 8)};
}

static inline struct key cut(struct key k, unsigned int cidr)
{
	if (cidr <= 64)
		return (struct key){.high = cidr ? k.high & UINT64_MAX << (64 - cidr) : 0};
	return (struct key){k.high, k.low & UINT64_MAX << (128 - cidr)};
}

/* Returns bit `at` of a key's 128 bits; for 128, any. */
static inline unsigned int bit_of(struct key k, unsigned int at)
{
	return (unsigned int)((at & 64 ? k.low : k.high) << (at & 63) >> 63);
}

/* Returns whether the first `cidr` bits agree. Each step of a lookup does this, so it is
 * inlined. */
static inline bool alike(const struct wg_allowedips_node *n, struct key k, unsigned int cidr)
{
	struct key own = key_of(n->bits, 6);
	struct key differs = cut((struct key){own.high ^ k.high, own.low ^ k.low}, cidr);

	return !(differs.high | differs.low);
}

static inline bool covers(const struct wg_allowedips_node *n, struct key k)
{
	return alike(n, k, n->cidr);
}

struct wg_remote *wg_allowedips_find(const struct wg_allowedips *t, u8 family, const u8 *ip)
{
	const struct wg_allowedips_node *n = wg_consume(t->root[family == 6]);
	struct wg_remote *found = NULL;
	struct key k = key_of(ip, family);

	while (n && covers(n, k)) {
		struct wg_remote *r = wg_consume(n->remote);

		if (r)
			found = r;
		n = wg_consume(n->child[bit_of(k, n->cidr)]);
	}
	return found;
}

enum { IP4_HEADER = 20, IP4_SRC = 12, IP4_DST = 16, IP6_HEADER = 40, IP6_SRC = 8, IP6_DST = 24 };

static struct wg_remote *find_in(const struct wg_allowedips *t, const u8 *p, size_t len, u8 at4,
				 u8 at6)
{
	if (len >= IP4_HEADER && p[0] >> 4 == 4)
		return wg_allowedips_find(t, 4, p + at4);
	if (len >= IP6_HEADER && p[0] >> 4 == 6)
		return wg_allowedips_find(t, 6, p + at6);
	return NULL;
}

struct wg_remote *wg_allowedips_find_dst(const struct wg_allowedips *t, const u8 *p, size_t len)
{
	return find_in(t, p, len, IP4_DST, IP6_DST);
}

struct wg_remote *wg_allowedips_find_src(const struct wg_allowedips *t, const u8 *p, size_t len)
{
	return find_in(t, p, len, IP4_SRC, IP6_SRC);
}

static void unlink_node(struct wg_allowedips_node *n)
{
	struct wg_remote *r = wg_own(n->remote);
	struct wg_allowedips_node *after;

	if (r->allowed == n)
		r->allowed = n->next;
	else
		n->prev->next = n->next;
	after = n->next ? n->next : r->allowed;
	if (after)
		after->prev = n->prev;
}

/* Gives the node to `r`, as the last of its list. */
static void give(struct wg_allowedips_node *n, struct wg_remote *r)
{
	if (wg_own(n->remote))
		unlink_node(n);
	n->next = NULL;
	if (r->allowed) {
		n->prev = r->allowed->prev;
		n->prev->next = n;
	} else {
		r->allowed = n;
	}
	r->allowed->prev = n;
	wg_publish(n->remote, r);
}

/* Returns the slot where a prefix is or belongs: the node that it holds is that prefix, or does not
 * cover it. */
static struct wg_allowedips_node __rcu **locate(struct wg_allowedips *t, u8 family, struct key k,
						u8 cidr, struct wg_allowedips_node **parent)
{
	struct wg_allowedips_node __rcu **slot = &t->root[family == 6];
	struct wg_allowedips_node *n = wg_own(*slot);

	*parent = NULL;
	while (n && n->cidr < cidr && covers(n, k)) {
		*parent = n;
		slot = &n->child[bit_of(k, n->cidr)];
		n = wg_own(*slot);
	}
	return slot;
}

static bool is_prefix(const struct wg_allowedips_node *n, struct key k, u8 cidr)
{
	return n && n->cidr == cidr && covers(n, k);
}

static struct wg_allowedips_node *use_spare(struct wg_allowedips_node **spare, struct key k,
					    u8 cidr, u8 family)
{
	struct wg_allowedips_node *n = *spare;

	*spare = NULL;
	*n = (struct wg_allowedips_node){.cidr = cidr, .family = family};
	k = cut(k, cidr);
	wg_store_be64(n->bits, k.high);
	wg_store_be64(n->bits + 8, k.low);
	return n;
}

static void adopt(struct wg_allowedips_node *parent, struct wg_allowedips_node *child)
{
	wg_publish(parent->child[bit_of(key_of(child->bits, 6), parent->cidr)], child);
	child->parent = parent;
}

void wg_allowedips_insert(struct wg_allowedips *t, u8 family, const u8 *ip, u8 cidr,
			  struct wg_remote *remote,
			  struct wg_allowedips_node *spare[static WG_ALLOWEDIPS_SPARE])
{
	struct key k = key_of(ip, family);
	struct wg_allowedips_node *parent, *leaf, *top;
	struct wg_allowedips_node __rcu **slot = locate(t, family, k, cidr, &parent);
	struct wg_allowedips_node *below = wg_own(*slot);
	u8 fork = cidr;

	if (is_prefix(below, k, cidr)) {
		give(below, remote);
		return;
	}
	leaf = top = use_spare(&spare[0], k, cidr, family);
	give(leaf, remote);
	if (below) {
		while (!alike(below, k, fork))
			fork--;
		if (fork < cidr) {
			top = use_spare(&spare[1], k, fork, family);
			adopt(top, leaf);
		}
		adopt(top, below);
	}
	top->parent = parent;
	wg_publish(*slot, top);
}

/* Removes the node's remote, and the node unless it is a fork: its only child, if any, is spliced
 * into its parent. Without a child, the parent may be a fork that is no longer needed; it has
 * another child, so this ends there. */
static void take_away(struct wg_allowedips *t, struct wg_allowedips_node *n)
{
	unlink_node(n);
	wg_publish(n->remote, NULL);
	while (n && !wg_own(n->remote)) {
		struct wg_allowedips_node *left = wg_own(n->child[0]), *right = wg_own(n->child[1]);
		struct wg_allowedips_node *up = n->parent, *child = left ? left : right;

		if (left && right)
			break;
		if (child)
			child->parent = up;
		if (up)
			wg_publish(up->child[wg_own(up->child[1]) == n], child);
		else
			wg_publish(t->root[n->family == 6], child);
		t->free_node(t->ctx, n);
		n = up;
	}
}

bool wg_allowedips_remove(struct wg_allowedips *t, u8 family, const u8 *ip, u8 cidr,
			  const struct wg_remote *remote)
{
	struct key k = key_of(ip, family);
	struct wg_allowedips_node *parent, *n = wg_own(*locate(t, family, k, cidr, &parent));

	if (!is_prefix(n, k, cidr) || wg_own(n->remote) != remote)
		return false;
	take_away(t, n);
	return true;
}

void wg_allowedips_remove_remote(struct wg_allowedips *t, struct wg_remote *remote)
{
	while (remote->allowed)
		take_away(t, remote->allowed);
}

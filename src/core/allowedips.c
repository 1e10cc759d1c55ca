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

static struct key key_of(const u8 *ip, u8 family)
{
	if (family == 4)
		return (struct key){.high = (u64)ip[0] << 56 | (u64)ip[1] << 48 | (u64)ip[2] << 40 |
					    (u64)ip[3] << 32};
	return (struct key){wg_load_be64(ip), wg_load_be64(ip + 8)};
}

static struct key key_of_node(const struct wg_allowedips_node *n)
{
	return (struct key){wg_load_be64(n->bits), wg_load_be64(n->bits + 8)};
}

static inline u64 mask(unsigned int bits)
{
	return bits ? UINT64_MAX << (64 - bits) : 0;
}

static struct key cut(struct key k, unsigned int cidr)
{
	if (cidr <= 64)
		return (struct key){.high = k.high & mask(cidr)};
	return (struct key){k.high, k.low & mask(cidr - 64)};
}

/* Of a key's 128 bits; the one after the last is any. */
static inline unsigned int bit_of(struct key k, unsigned int at)
{
	return (unsigned int)((at & 64 ? k.low : k.high) << (at & 63) >> 63);
}

/* How many bits two keys begin with alike. */
static unsigned int common(struct key a, struct key b)
{
	u64 high = a.high ^ b.high, low = a.low ^ b.low;

	if (high)
		return (unsigned int)__builtin_clzll(high);
	return low ? 64 + (unsigned int)__builtin_clzll(low) : 128;
}

/* Inlined, as what each step of a lookup does. */
static inline bool covers(const struct wg_allowedips_node *n, struct key k)
{
	u64 high = wg_load_be64(n->bits) ^ k.high;

	if (n->cidr <= 64)
		return !(high & mask(n->cidr));
	return !high && !((wg_load_be64(n->bits + 8) ^ k.low) & mask(n->cidr - 64U));
}

static struct wg_allowedips_node **root_of(struct wg_allowedips *t, u8 family)
{
	return family == 4 ? &t->root4 : &t->root6;
}

static struct wg_remote *find(struct wg_allowedips_node *const *root, struct key k)
{
	const struct wg_allowedips_node *n = wg_consume(*root);
	struct wg_remote *found = NULL;

	while (n && covers(n, k)) {
		struct wg_remote *r = wg_consume(n->remote);

		if (r)
			found = r;
		n = wg_consume(n->child[bit_of(k, n->cidr)]);
	}
	return found;
}

struct wg_remote *wg_allowedips_find(const struct wg_allowedips *t, u8 family, const u8 *ip)
{
	return find(family == 4 ? &t->root4 : &t->root6, key_of(ip, family));
}

enum ip_len {
	IP4_HEADER = 20,
	IP4_SRC = 12,
	IP4_DST = 16,
	IP6_HEADER = 40,
	IP6_SRC = 8,
	IP6_DST = 24,
};

static struct wg_remote *find_in(const struct wg_allowedips *t, const u8 *packet, size_t len,
				 size_t at4, size_t at6)
{
	if (len >= IP4_HEADER && packet[0] >> 4 == 4)
		return wg_allowedips_find(t, 4, packet + at4);
	if (len >= IP6_HEADER && packet[0] >> 4 == 6)
		return wg_allowedips_find(t, 6, packet + at6);
	return NULL;
}

struct wg_remote *wg_allowedips_find_dst(const struct wg_allowedips *t, const u8 *packet,
					 size_t len)
{
	return find_in(t, packet, len, IP4_DST, IP6_DST);
}

struct wg_remote *wg_allowedips_find_src(const struct wg_allowedips *t, const u8 *packet,
					 size_t len)
{
	return find_in(t, packet, len, IP4_SRC, IP6_SRC);
}

static void link_last(struct wg_remote *r, struct wg_allowedips_node *n)
{
	struct wg_allowedips_node *first = r->allowed;

	n->next = NULL;
	n->prev = first ? first->prev : n;
	if (first) {
		first->prev->next = n;
		first->prev = n;
	} else {
		r->allowed = n;
	}
}

static void unlink_node(struct wg_allowedips_node *n)
{
	struct wg_remote *r = n->remote;

	if (r->allowed == n)
		r->allowed = n->next;
	else
		n->prev->next = n->next;
	if (n->next)
		n->next->prev = n->prev;
	else if (r->allowed)
		r->allowed->prev = n->prev;
}

static void give(struct wg_allowedips_node *n, struct wg_remote *remote)
{
	if (n->remote)
		unlink_node(n);
	link_last(remote, n);
	wg_publish(n->remote, remote);
}

/* Where a prefix is or belongs: what the slot holds is that prefix, or does not cover it. */
struct place {
	struct wg_allowedips_node *parent, **slot;
};

static struct place locate(struct wg_allowedips *t, u8 family, struct key k, u8 cidr)
{
	struct place p = {.slot = root_of(t, family)};

	while (*p.slot && (*p.slot)->cidr < cidr && covers(*p.slot, k)) {
		p.parent = *p.slot;
		p.slot = &p.parent->child[bit_of(k, p.parent->cidr)];
	}
	return p;
}

static bool is_prefix(const struct wg_allowedips_node *n, struct key k, u8 cidr)
{
	return n && n->cidr == cidr && covers(n, k);
}

static void store(u8 *p, u64 v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (u8)(v >> (56 - 8 * i));
}

static struct wg_allowedips_node *use_spare(struct wg_allowedips_node **spare, struct key k,
					    u8 cidr, u8 family)
{
	struct wg_allowedips_node *n = *spare;

	*spare = NULL;
	memset(n, 0, sizeof(*n));
	k = cut(k, cidr);
	store(n->bits, k.high);
	store(n->bits + 8, k.low);
	n->cidr = cidr;
	n->family = family;
	return n;
}

static void adopt(struct wg_allowedips_node *parent, struct wg_allowedips_node *child)
{
	parent->child[bit_of(key_of_node(child), parent->cidr)] = child;
	child->parent = parent;
}

void wg_allowedips_insert(struct wg_allowedips *t, u8 family, const u8 *ip, u8 cidr,
			  struct wg_remote *remote,
			  struct wg_allowedips_node *spare[static WG_ALLOWEDIPS_SPARE])
{
	struct key k = key_of(ip, family);
	struct place p = locate(t, family, k, cidr);
	struct wg_allowedips_node *below = *p.slot, *leaf, *top;
	unsigned int alike;

	if (is_prefix(below, k, cidr)) {
		give(below, remote);
		return;
	}
	leaf = top = use_spare(&spare[0], k, cidr, family);
	give(leaf, remote);
	if (below) {
		alike = common(k, key_of_node(below));
		if (alike < cidr) {
			top = use_spare(&spare[1], k, (u8)alike, family);
			adopt(top, leaf);
		}
		adopt(top, below);
	}
	top->parent = p.parent;
	wg_publish(*p.slot, top);
}

/* Puts its only child, or nothing, in its place. */
static void splice_out(struct wg_allowedips *t, struct wg_allowedips_node *n)
{
	struct wg_allowedips_node *up = n->parent;
	struct wg_allowedips_node *child = n->child[0] ? n->child[0] : n->child[1];

	if (child)
		child->parent = up;
	if (up)
		wg_publish(up->child[up->child[1] == n], child);
	else
		wg_publish(*root_of(t, n->family), child);
	t->free_node(t->ctx, n);
}

static bool needed(const struct wg_allowedips_node *n)
{
	return n->remote || (n->child[0] && n->child[1]);
}

/* No more than the node and its parent can become needless: the parent leaves a child behind. */
static void take_away(struct wg_allowedips *t, struct wg_allowedips_node *n)
{
	struct wg_allowedips_node *up = n->parent;

	unlink_node(n);
	wg_publish(n->remote, NULL);
	if (needed(n))
		return;
	splice_out(t, n);
	if (up && !needed(up))
		splice_out(t, up);
}

bool wg_allowedips_remove(struct wg_allowedips *t, u8 family, const u8 *ip, u8 cidr,
			  const struct wg_remote *remote)
{
	struct key k = key_of(ip, family);
	struct wg_allowedips_node *n = *locate(t, family, k, cidr).slot;

	if (!is_prefix(n, k, cidr) || n->remote != remote)
		return false;
	take_away(t, n);
	return true;
}

void wg_allowedips_remove_remote(struct wg_allowedips *t, struct wg_remote *remote)
{
	while (remote->allowed)
		take_away(t, remote->allowed);
}

static struct wg_allowedips_node *deepest(struct wg_allowedips_node *n)
{
	while (n->child[0] || n->child[1])
		n = n->child[0] ? n->child[0] : n->child[1];
	return n;
}

/* Children go before their parents, which are the way back. */
static void clear_from(struct wg_allowedips *t, struct wg_allowedips_node *n)
{
	struct wg_allowedips_node *next;

	for (n = n ? deepest(n) : NULL; n; n = next) {
		struct wg_allowedips_node *up = n->parent;

		next = up && up->child[0] == n && up->child[1] ? deepest(up->child[1]) : up;
		if (n->remote)
			unlink_node(n);
		t->free_node(t->ctx, n);
	}
}

void wg_allowedips_clear(struct wg_allowedips *t)
{
	struct wg_allowedips_node *n4 = t->root4, *n6 = t->root6;

	wg_publish(t->root4, NULL);
	wg_publish(t->root6, NULL);
	clear_from(t, n4);
	clear_from(t, n6);
}

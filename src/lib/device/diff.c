// SPDX-License-Identifier: GPL-2.0
/* What has to be sent so that a device becomes what a file says. The file is played through, entry
 * by entry, on a table of all allowed IPs that starts as the device's, since a later peer takes an
 * allowed IP from an earlier one; what then differs from the device is the change. The common case,
 * a file in the device's order that says what the device has, needs no table. Fails only without
 * randomness: the tables are seeded, as their keys can be chosen by an attacker. */
#include "diff.h"

#include <stdlib.h>
#include "../base/alloc.h"
#include "../base/secret.h"
#include "setting.h"

#define NONE       UINT32_MAX
#define SEED_WORDS (1 + WG_KEY_LEN / 4)

/* A peer that the file names, however often. */
struct entity {
	struct wg_peer *want;       /* its first entry; the later ones are folded into it */
	const struct wg_peer *have; /* NULL: the device lacks it */
	u32 replaced; /* number (from 1) of the entry that last replaced its allowed IPs, or 0 */
	bool loses; /* an allowed IP that nobody gets */
	bool keeps; /* one that it has on the device, or gives to another peer */
};

/* A prefix that the file or the device has. */
struct slot {
	const struct wg_allowedip *ip;
	u32 device; /* entity that has it on the device, or NONE */
	u32 owner;  /* entity that claimed it last, or NONE */
	u32 claim;  /* number of the entry that did, or 0 for the device */
};

/* Open addressing; buckets hold indices of entities or slots. */
struct table {
	u32 *bucket;
	u32 mask;
};

struct diff {
	struct wg_device *want;
	const struct wg_device *have;
	u64 seed[SEED_WORDS];
	struct entity *entities;
	u32 n_entities;
	u32 *entity_of; /* for each entry of `want`; NONE for one that the device would ignore */
	const struct wg_peer **gone;
	size_t n_gone;
	struct table by_prefix;
	struct slot *slots;
	u32 n_slots;
};

static void table_init(struct table *t, size_t n)
{
	size_t size = 16;

	while (size < n * 2)
		size *= 2;
	t->mask = (u32)(size - 1);
	t->bucket = wg_realloc(NULL, size, sizeof(*t->bucket));
	memset(t->bucket, 0xff, size * sizeof(*t->bucket));
}

/* Multilinear hashing: with random seeds, two different inputs of one length collide with the
 * least probability there can be, whoever chose them. */
static u32 hash(const struct diff *d, const u32 *words, size_t n)
{
	u64 h = d->seed[0];

	for (size_t i = 0; i < n; i++)
		h += d->seed[i + 1] * words[i];
	return (u32)(h >> 32);
}

static bool same_key(const struct wg_peer *a, const struct wg_peer *b)
{
	return !memcmp(a->public_key, b->public_key, WG_KEY_LEN);
}

/* The bucket of this peer's entity, or the empty one where it belongs. */
static u32 *find_entity(const struct diff *d, const struct table *t, const struct wg_peer *peer)
{
	u32 words[WG_KEY_LEN / 4], *bucket;

	memcpy(words, peer->public_key, sizeof(words));
	for (u32 i = hash(d, words, WG_KEY_LEN / 4);; i++) {
		bucket = &t->bucket[i & t->mask];
		if (*bucket == NONE || same_key(d->entities[*bucket].want, peer))
			return bucket;
	}
}

static bool same_prefix(const struct wg_allowedip *a, const struct wg_allowedip *b)
{
	u8 bytes = a->cidr / 8, bits = a->cidr % 8;

	if (a->family != b->family || a->cidr != b->cidr || memcmp(a->addr, b->addr, bytes))
		return false;
	return !bits || !((a->addr[bytes] ^ b->addr[bytes]) >> (8 - bits));
}

/* The slot of a prefix, made if it is not there. */
static u32 find_slot(struct diff *d, const struct wg_allowedip *ip)
{
	u32 words[5] = {0}, *bucket;
	u8 addr[16] = {0}, bytes = ip->cidr / 8, bits = ip->cidr % 8;

	memcpy(addr, ip->addr, bytes);
	if (bits)
		addr[bytes] = (u8)(ip->addr[bytes] & 0xff00 >> bits);
	memcpy(words, addr, sizeof(addr));
	words[4] = (u32)ip->family << 8 | ip->cidr;
	for (u32 i = hash(d, words, 5);; i++) {
		bucket = &d->by_prefix.bucket[i & d->by_prefix.mask];
		if (*bucket == NONE)
			break;
		if (same_prefix(d->slots[*bucket].ip, ip))
			return *bucket;
	}
	*bucket = d->n_slots;
	d->slots[d->n_slots] = (struct slot){.ip = ip, .device = NONE, .owner = NONE};
	return d->n_slots++;
}

/* Peers of the file and the device, side by side. False where they do not agree one by one. */
static bool match_in_order(struct diff *d)
{
	const struct wg_peer *have = d->have->peers;
	u32 n = 0;

	for (struct wg_peer *want = d->want->peers; want; want = want->next, have = have->next, n++) {
		if (!have || !same_key(want, have) || wg_peer_is_parting(want))
			return false;
		d->entities[n] = (struct entity){.want = want, .have = have};
		d->entity_of[n] = n;
	}
	d->n_entities = n;
	return !have;
}

/* Whether a peer of the file counts as if it was not there. A data path ignores a peer with its own public key,
 * so it never shows one. */
static bool is_ignored(const struct diff *d, const struct wg_peer *peer)
{
	if (wg_peer_is_parting(peer))
		return true;
	return d->have->flags & WG_DEVICE_HAS_PUBLIC_KEY &&
	       !(d->want->flags & WG_DEVICE_HAS_PRIVATE_KEY) &&
	       !memcmp(peer->public_key, d->have->public_key, WG_KEY_LEN);
}

static void match_by_key(struct diff *d)
{
	struct table t;
	u32 entry = 0, cursor = 0;

	table_init(&t, d->want->n_peers);
	d->n_entities = 0;
	for (struct wg_peer *p = d->want->peers; p; p = p->next, entry++) {
		u32 *bucket = find_entity(d, &t, p);

		if (*bucket == NONE && !is_ignored(d, p)) {
			d->entities[d->n_entities] = (struct entity){.want = p};
			*bucket = d->n_entities++;
		}
		d->entity_of[entry] = *bucket;
	}
	for (const struct wg_peer *p = d->have->peers; p; p = p->next) {
		/* Mostly, the device's next peer is the file's next, too. */
		bool next = cursor < d->n_entities && same_key(d->entities[cursor].want, p);
		u32 found = next ? cursor : *find_entity(d, &t, p);

		if (found == NONE) {
			d->gone[d->n_gone++] = p;
			continue;
		}
		d->entities[found].have = p;
		cursor = found + 1;
	}
	free(t.bucket);
}

static bool same_list(const struct wg_allowedip *a, const struct wg_allowedip *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (!same_prefix(a, b) || a->flags & WG_ALLOWEDIP_REMOVE_ME)
			return false;
	return !a && !b;
}

/* Whether no allowed IP changes, as far as that shows without a table. No prefix is on a device
 * twice, so lists that are equal to the device's claim nothing from each other. */
static bool allowedips_agree(const struct diff *d)
{
	if (d->n_entities != d->want->n_peers)
		return false;
	for (u32 i = 0; i < d->n_entities; i++) {
		const struct wg_peer *want = d->entities[i].want, *have = d->entities[i].have;
		bool replaces = want->flags & WG_PEER_REPLACE_ALLOWEDIPS;

		if (replaces ? !same_list(want->allowedips, have ? have->allowedips : NULL)
			     : !!want->allowedips)
			return false;
	}
	return true;
}

static size_t count_allowedips(const struct wg_device *dev)
{
	size_t n = 0;

	for (const struct wg_peer *p = dev->peers; p; p = p->next)
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next)
			n++;
	return n;
}

/* The file's prefixes first, so that what is sent keeps the file's order. Returns the slots of the
 * file's allowed IPs, one after the other. */
static u32 *fill_slots(struct diff *d)
{
	size_t n_want = count_allowedips(d->want), n = n_want + count_allowedips(d->have), i = 0;
	u32 *slot_of = wg_realloc(NULL, n_want + 1, sizeof(*slot_of));

	d->slots = wg_realloc(NULL, n + 1, sizeof(*d->slots));
	table_init(&d->by_prefix, n);
	for (const struct wg_peer *p = d->want->peers; p; p = p->next)
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next)
			slot_of[i++] = find_slot(d, ip);
	for (u32 e = 0; e < d->n_entities; e++) {
		const struct wg_peer *have = d->entities[e].have;

		for (const struct wg_allowedip *ip = have ? have->allowedips : NULL; ip; ip = ip->next) {
			struct slot *slot = &d->slots[find_slot(d, ip)];

			slot->device = slot->owner = e;
		}
	}
	return slot_of;
}

/* Whom a slot's prefix belongs to: a claim from before its claimant's last replacement is void. */
static u32 owner_of(const struct diff *d, const struct slot *slot)
{
	if (slot->owner == NONE || slot->claim < d->entities[slot->owner].replaced)
		return NONE;
	return slot->owner;
}

/* Plays the entries of the file in their order, as a data path would. */
static void play(struct diff *d, const u32 *slot_of)
{
	u32 entry = 0;

	for (const struct wg_peer *p = d->want->peers; p; p = p->next) {
		u32 e = d->entity_of[entry++];

		if (e != NONE && p->flags & WG_PEER_REPLACE_ALLOWEDIPS)
			d->entities[e].replaced = entry;
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next) {
			struct slot *slot = &d->slots[*slot_of++];

			if (e == NONE)
				continue;
			if (!(ip->flags & WG_ALLOWEDIP_REMOVE_ME)) {
				slot->owner = e;
				slot->claim = entry;
			} else if (owner_of(d, slot) == e) {
				slot->owner = NONE;
			}
		}
	}
}

static void clear_allowedips(struct diff *d)
{
	for (u32 e = 0; e < d->n_entities; e++) {
		struct wg_peer *want = d->entities[e].want;

		want->allowedips = want->last_allowedip = NULL;
		want->flags &= (u16)~WG_PEER_REPLACE_ALLOWEDIPS;
	}
}

static bool is_removed(const struct diff *d, const struct slot *slot)
{
	return slot->device != NONE && owner_of(d, slot) == NONE;
}

static bool replaces_all(const struct entity *e)
{
	return e->loses && !e->keeps;
}

/* Adding a prefix takes it from the peer that has it, so only one that nobody gets has to go. A prefix that
 * another peer gets must not go before: a list that has one is not replaced. */
static void collect_allowedips(struct diff *d)
{
	for (u32 i = 0; i < d->n_slots; i++) {
		const struct slot *slot = &d->slots[i];

		if (is_removed(d, slot))
			d->entities[slot->device].loses = true;
		else if (slot->device != NONE)
			d->entities[slot->device].keeps = true;
	}
	for (u32 i = 0; i < d->n_slots; i++) {
		const struct slot *slot = &d->slots[i];
		bool removed = is_removed(d, slot);
		u32 e = removed ? slot->device : owner_of(d, slot);

		if (removed ? replaces_all(&d->entities[e]) : e == slot->device)
			continue;
		wg_peer_add_allowedip(d->want, d->entities[e].want, slot->ip->family, slot->ip->addr,
				      slot->ip->cidr, removed ? WG_ALLOWEDIP_REMOVE_ME : 0);
	}
	for (u32 i = 0; i < d->n_entities; i++)
		if (replaces_all(&d->entities[i]))
			d->entities[i].want->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
}

static void diff_allowedips(struct diff *d)
{
	u32 *slot_of;

	if (allowedips_agree(d)) {
		clear_allowedips(d);
		return;
	}
	slot_of = fill_slots(d);
	play(d, slot_of);
	free(slot_of);
	clear_allowedips(d);
	collect_allowedips(d);
}

/* What a later entry says about a peer counts; what it does not mention stays. */
static void fold_values(struct wg_peer *into, const struct wg_peer *later)
{
	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++) {
		if (s->role != WG_ROLE_VALUE || !wg_setting_is_given(s, later))
			continue;
		memcpy(wg_setting_field(s, into), wg_setting_value(s, later), wg_setting_ops(s)->size);
		wg_setting_set_flag(s, into, true);
	}
}

static void fold_entries(struct diff *d)
{
	u32 entry = 0;

	for (const struct wg_peer *p = d->want->peers; p; p = p->next, entry++) {
		struct wg_peer *into;

		if (d->entity_of[entry] == NONE)
			continue;
		into = d->entities[d->entity_of[entry]].want;
		if (into == p)
			continue;
		fold_values(into, p);
	}
}

/* Drops the peer's settings that agree. What the file does not mention is zero, which is what it shall
 * become where a flag can say so. Returns whether any setting is left. */
static bool diff_values(struct wg_peer *want, const struct wg_peer *have)
{
	bool left = false;

	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++) {
		bool same;

		if (s->role != WG_ROLE_VALUE)
			continue;
		same = wg_setting_ops(s)->agrees(wg_setting_value(s, want), wg_setting_value(s, have));
		if (s->flag)
			wg_setting_set_flag(s, want, !same);
		else if (same)
			memset(wg_setting_field(s, want), 0, wg_setting_ops(s)->size);
		left |= wg_setting_is_given(s, want);
	}
	return left;
}

/* Returns whether anything about the peer is left to send. */
static bool diff_peer(struct wg_peer *want, const struct wg_peer *have)
{
	static const struct wg_peer none;
	bool left = diff_values(want, have ? have : &none);

	return left || !have || want->flags & ~WG_PEER_HAS_PUBLIC_KEY || want->allowedips;
}

static void diff_peers(struct diff *d)
{
	struct wg_device *want = d->want;

	want->peers = want->last_peer = NULL;
	want->n_peers = 0;
	for (u32 i = 0; i < d->n_entities; i++) {
		struct wg_peer *p = d->entities[i].want;

		p->next = NULL;
		if (!diff_peer(p, d->entities[i].have))
			continue;
		if (want->last_peer)
			want->last_peer->next = p;
		else
			want->peers = p;
		want->last_peer = p;
		want->n_peers++;
	}
	/* The kernel waits for its readers once for all peers, or once for each. */
	if (d->n_gone && d->n_gone == d->have->n_peers) {
		want->flags |= WG_DEVICE_REPLACE_PEERS;
		return;
	}
	for (size_t i = 0; i < d->n_gone; i++) {
		struct wg_peer *p = wg_device_add_peer(want);

		memcpy(p->public_key, d->gone[i]->public_key, WG_KEY_LEN);
		p->flags = WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REMOVE_ME;
	}
}

static void diff_settings(struct wg_device *want, const struct wg_device *have)
{
	want->flags &= ~(u32)WG_DEVICE_REPLACE_PEERS;
	for (const struct wg_setting *s = wg_interface_settings; s->type != WG_TYPE_NONE; s++)
		if (s->role != WG_ROLE_VALUE ||
		    wg_setting_ops(s)->agrees(wg_setting_value(s, want), wg_setting_value(s, have)))
			wg_setting_set_flag(s, want, false);
}

int wg_diff(struct wg_device *want, const struct wg_device *have, bool *changed, struct wg_error *err)
{
	struct diff d = {.want = want, .have = have};
	size_t n = want->n_peers + 1;

	if (wg_secret_random((u8 *)d.seed, sizeof(d.seed), err))
		return -1;
	diff_settings(want, have);
	d.entities = wg_realloc(NULL, n, sizeof(*d.entities));
	d.entity_of = wg_realloc(NULL, n, sizeof(*d.entity_of));
	if (!match_in_order(&d)) {
		d.gone = wg_realloc(NULL, have->n_peers + 1, sizeof(*d.gone));
		match_by_key(&d);
	}
	diff_allowedips(&d);
	fold_entries(&d);
	diff_peers(&d);
	*changed = want->flags || want->peers;
	free(d.entities);
	free(d.entity_of);
	free(d.gone);
	free(d.slots);
	free(d.by_prefix.bucket);
	return 0;
}

/* Takes the allowed IPs that are marked out of a peer's list, and adds them to `to`, unmarked. */
static void move_removals(struct wg_peer *from, struct wg_peer *to)
{
	struct wg_allowedip *ip = from->allowedips, *next;

	from->allowedips = from->last_allowedip = NULL;
	for (; ip; ip = next) {
		struct wg_peer *into = ip->flags & WG_ALLOWEDIP_REMOVE_ME ? to : from;

		next = ip->next;
		ip->next = NULL;
		ip->flags = 0;
		if (into->last_allowedip)
			into->last_allowedip->next = ip;
		else
			into->allowedips = ip;
		into->last_allowedip = ip;
	}
}

/* The same, from all peers; of a peer of which nothing else is left to say nothing is sent. */
static void move_all_removals(struct wg_device *change, struct wg_peer *to)
{
	struct wg_peer *p = change->peers, *next;

	change->peers = change->last_peer = NULL;
	change->n_peers = 0;
	for (; p; p = next) {
		bool had = p->allowedips;

		next = p->next;
		p->next = NULL;
		move_removals(p, to);
		if (had && !p->allowedips && !(p->flags & ~WG_PEER_HAS_PUBLIC_KEY) &&
		    !p->endpoint.addr.sa_family)
			continue;
		if (change->last_peer)
			change->last_peer->next = p;
		else
			change->peers = p;
		change->last_peer = p;
		change->n_peers++;
	}
}

void wg_diff_avoid_removals(struct wg_device *change, struct wg_device *parting)
{
	struct wg_peer moved = {0}, *p;

	move_all_removals(change, &moved);
	if (!moved.allowedips)
		return;
	memcpy(parting->name, change->name, sizeof(parting->name));
	p = wg_device_add_peer(parting);
	*p = moved;
	wg_peer_set_parting(p);
	p = wg_device_add_peer(parting);
	wg_peer_set_parting(p);
	p->flags |= WG_PEER_REMOVE_ME;
}

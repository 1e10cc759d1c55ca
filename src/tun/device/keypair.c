// SPDX-License-Identifier: GPL-2.0
/* Keypairs that workers share, and the table of indices: open addressing in stripes, each with a
 * lock of its own, so that a lookup waits for nothing longer than another lookup. */
#include "keypair.h"
#include <stdlib.h>
#include "../../lib/base/secret.h"
#include "device.h"

#define STRIPES	   64 /* a power of two */
#define FIRST_ROOM 16

struct index_slot {
	struct peer *peer; /* NULL: empty */
	struct keypair *keys;
	u32 index;
};

struct stripe {
	pthread_mutex_t lock;
	struct index_slot *slots;
	u32 n, room; /* room: a power of two, or 0 */
};

struct index_table {
	struct stripe stripes[STRIPES];
};

struct keypair *keypair_new(struct peer *peer)
{
	struct device *d = peer->device;
	struct keypair *k;

	pthread_mutex_lock(&d->keypair_lock);
	k = slab_alloc(&d->keypair_memory);
	pthread_mutex_unlock(&d->keypair_lock);
	if (!k)
		return NULL;
	k->peer = peer;
	k->device = d;
	k->refs = 1;
	return k;
}

void keypair_get(struct keypair *k)
{
	__atomic_add_fetch(&k->refs, 1, __ATOMIC_RELAXED);
}

void keypair_put(struct keypair *k)
{
	struct device *d;

	if (!k || __atomic_sub_fetch(&k->refs, 1, __ATOMIC_ACQ_REL))
		return;
	d = k->device;
	if (k->has_ciphers) {
		aead_wipe(&k->send);
		aead_wipe(&k->receive);
	}
	pthread_mutex_lock(&d->keypair_lock);
	slab_free(&d->keypair_memory, k);
	pthread_mutex_unlock(&d->keypair_lock);
}

void keypair_ready(struct keypair *k)
{
	aead_init(&k->send, k->pair.send_key);
	aead_init(&k->receive, k->pair.receive_key);
	k->has_ciphers = true;
	wg_secret_wipe(k->pair.send_key, sizeof(k->pair.send_key));
	wg_secret_wipe(k->pair.receive_key, sizeof(k->pair.receive_key));
}

struct index_table *index_table_new(void)
{
	struct index_table *t = calloc(1, sizeof(*t));

	for (int i = 0; t && i < STRIPES; i++)
		pthread_mutex_init(&t->stripes[i].lock, NULL);
	return t;
}

void index_table_free(struct index_table *t)
{
	for (int i = 0; t && i < STRIPES; i++) {
		pthread_mutex_destroy(&t->stripes[i].lock);
		free(t->stripes[i].slots);
	}
	free(t);
}

/* Returns the stripe of an index, locked. */
static struct stripe *stripe_of(struct index_table *t, u32 index)
{
	struct stripe *s = &t->stripes[index % STRIPES];

	pthread_mutex_lock(&s->lock);
	return s;
}

static void unlock(struct stripe *s)
{
	pthread_mutex_unlock(&s->lock);
}

/* Indices are random already, so they are their own hash. */
static u32 home(const struct stripe *s, u32 index)
{
	return index / STRIPES & (s->room - 1);
}

static struct index_slot *find_slot(const struct stripe *s, u32 index)
{
	if (!s->room)
		return NULL;
	for (u32 i = home(s, index); s->slots[i].peer; i = (i + 1) & (s->room - 1))
		if (s->slots[i].index == index)
			return &s->slots[i];
	return NULL;
}

static void put_slot(struct stripe *s, const struct index_slot *slot)
{
	u32 i = home(s, slot->index);

	while (s->slots[i].peer)
		i = (i + 1) & (s->room - 1);
	s->slots[i] = *slot;
}

/* A third of the table is kept empty. */
static bool make_room(struct stripe *s)
{
	struct stripe old = *s;

	if (s->room && s->n + 1 <= s->room / 3 * 2)
		return true;
	s->room = old.room ? old.room * 2 : FIRST_ROOM;
	s->slots = calloc(s->room, sizeof(*s->slots));
	if (!s->slots) {
		s->slots = old.slots;
		s->room = old.room;
		return false;
	}
	for (u32 i = 0; i < old.room; i++)
		if (old.slots[i].peer)
			put_slot(s, &old.slots[i]);
	free(old.slots);
	return true;
}

bool index_add(struct index_table *t, struct peer *peer, u32 *index)
{
	struct index_slot slot = {.peer = peer};
	struct wg_error err;
	struct stripe *s;
	bool added = false, taken = true;

	while (taken) {
		if (wg_secret_random((u8 *)&slot.index, sizeof(slot.index), &err) < 0)
			return false;
		s = stripe_of(t, slot.index);
		taken = find_slot(s, slot.index);
		added = !taken && make_room(s);
		if (added) {
			put_slot(s, &slot);
			s->n++;
		}
		unlock(s);
	}
	*index = slot.index;
	return added;
}

void index_set_keypair(struct index_table *t, u32 index, struct keypair *k)
{
	struct stripe *s = stripe_of(t, index);
	struct index_slot *slot = find_slot(s, index);

	if (slot)
		slot->keys = k;
	unlock(s);
}

/* Moves the entries behind the hole into it, if they may stand there. */
static void close_hole(struct stripe *s, u32 hole)
{
	u32 mask = s->room - 1;

	for (u32 i = (hole + 1) & mask; s->slots[i].peer; i = (i + 1) & mask) {
		if (((i - home(s, s->slots[i].index)) & mask) < ((i - hole) & mask))
			continue;
		s->slots[hole] = s->slots[i];
		hole = i;
	}
	memset(&s->slots[hole], 0, sizeof(s->slots[hole]));
}

void index_drop(struct index_table *t, u32 index)
{
	struct stripe *s = stripe_of(t, index);
	struct index_slot *slot = find_slot(s, index);

	if (slot) {
		close_hole(s, (u32)(slot - s->slots));
		s->n--;
	}
	unlock(s);
}

struct peer *index_peer(struct index_table *t, u32 index)
{
	struct stripe *s = stripe_of(t, index);
	const struct index_slot *slot = find_slot(s, index);
	struct peer *peer = slot ? slot->peer : NULL;

	unlock(s);
	return peer;
}

struct keypair *index_keypair(struct index_table *t, u32 index)
{
	struct stripe *s = stripe_of(t, index);
	const struct index_slot *slot = find_slot(s, index);
	struct keypair *k = slot ? slot->keys : NULL;

	if (k)
		keypair_get(k);
	unlock(s);
	return k;
}

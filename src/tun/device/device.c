// SPDX-License-Identifier: GPL-2.0
/* The device as a whole: what the core asks its host for, and how workers reach the control
 * thread. */
#include "device.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "../../lib/base/secret.h"
#include "handshakes.h"
#include "peers.h"
#include "staged.h"

/* A bit in peer->asked, beside the actions: the peer is in the stack. */
#define QUEUED (1U << 31)

static u64 clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (u64)t.tv_sec * WG_SECOND + (u64)t.tv_nsec;
}

u64 device_now(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

u64 device_unix_now(void)
{
	return clock_ns(CLOCK_REALTIME);
}

static struct wg_remote *host_remote_by_key(void *ctx, const u8 key[static 32])
{
	struct peer *peer = peers_find(ctx, key);

	return peer ? &peer->remote : NULL;
}

static struct wg_remote *host_remote_by_index(void *ctx, u32 index)
{
	struct device *d = ctx;
	struct peer *peer = index_peer(d->indices, index);

	return peer ? &peer->remote : NULL;
}

/* One thread runs all handshakes, so there are no handshake locks. */
static void host_remote_release(void *ctx, struct wg_remote *remote)
{
	(void)ctx;
	(void)remote;
}

static bool host_has_index(void *ctx, u32 index)
{
	struct device *d = ctx;

	return index_peer(d->indices, index);
}

static bool host_index_new(void *ctx, struct wg_remote *remote, u32 *index)
{
	struct device *d = ctx;

	return index_add(d->indices, peer_of(remote), index);
}

static void host_index_drop(void *ctx, u32 index)
{
	struct device *d = ctx;

	index_drop(d->indices, index);
}

static struct wg_keypair *host_keypair_new(void *ctx, struct wg_remote *remote)
{
	struct keypair *k = keypair_new(peer_of(remote));

	(void)ctx;
	return k ? &k->pair : NULL;
}

static void host_keypair_ready(void *ctx, struct wg_remote *remote, struct wg_keypair *pair)
{
	struct device *d = ctx;
	struct keypair *k = keypair_of(pair);

	(void)remote;
	k->has_index = true;
	keypair_ready(k);
	index_set_keypair(d->indices, pair->local_index, k);
}

static void host_keypair_free(void *ctx, struct wg_keypair *pair)
{
	struct device *d = ctx;
	struct keypair *k = keypair_of(pair);

	if (k->has_index)
		index_drop(d->indices, pair->local_index);
	keypair_put(k);
}

static const struct wg_host host = {
	.remote_by_key = host_remote_by_key,
	.remote_by_index = host_remote_by_index,
	.remote_release = host_remote_release,
	.has_index = host_has_index,
	.index_new = host_index_new,
	.index_drop = host_index_drop,
	.keypair_new = host_keypair_new,
	.keypair_ready = host_keypair_ready,
	.keypair_free = host_keypair_free,
};

/* Batches of workers follow each other without a pause: without this no writer would get in. */
static void init_config_lock(struct device *d)
{
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&d->config, &attr);
	pthread_rwlockattr_destroy(&attr);
}

static int init_local(struct device *d, struct wg_error *err)
{
	u8 random[32];

	if (wg_secret_random(d->hash_key, sizeof(d->hash_key), err) < 0 ||
	    wg_secret_random(random, sizeof(random), err) < 0)
		return -1;
	d->host = host;
	d->host.ctx = d;
	wg_secret_lock(&d->local, sizeof(d->local));
	wg_local_init(&d->local, &d->host, random);
	wg_secret_wipe(random, sizeof(random));
	return 0;
}

struct device *device_new(const char *name, struct wg_error *err)
{
	struct device *d = calloc(1, sizeof(*d));

	if (!d) {
		wg_error_errno(err, ENOMEM, "cannot make the device");
		return NULL;
	}
	strncpy(d->name, name, sizeof(d->name) - 1);
	init_config_lock(d);
	pthread_mutex_init(&d->keypair_lock, NULL);
	slab_init(&d->keypair_memory, sizeof(struct keypair), true);
	peers_init(d);
	d->indices = index_table_new();
	d->handshakes = handshakes_new();
	d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!d->indices || !d->handshakes || d->wake < 0)
		wg_error_errno(err, ENOMEM, "cannot make the device");
	else if (init_local(d, err) == 0)
		return d;
	device_free(d);
	return NULL;
}

void device_free(struct device *d)
{
	if (!d)
		return;
	peers_free(d);
	index_table_free(d->indices);
	handshakes_free(d->handshakes);
	slab_wipe(&d->keypair_memory);
	wg_secret_wipe(&d->local, sizeof(d->local));
	if (d->wake >= 0)
		close(d->wake);
	pthread_mutex_destroy(&d->keypair_lock);
	pthread_rwlock_destroy(&d->config);
	wg_secret_wipe(d, sizeof(*d));
	free(d);
}

bool device_heard_peer(struct device *d, struct peer *peer, const struct endpoint *from)
{
	if (endpoint_equal(&peer->endpoint, from))
		return false;
	peer->endpoint = *from;
	return !__atomic_exchange_n(&d->source_learnt, true, __ATOMIC_RELEASE);
}

/* A counter that is full wakes the reader, too. */
void device_wake(struct device *d)
{
	u64 one = 1;
	ssize_t n = write(d->wake, &one, sizeof(one));

	(void)n;
}

void device_ask(struct device *d, struct peer *peer, u32 actions)
{
	struct peer *head;

	if (__atomic_fetch_or(&peer->asked, actions | QUEUED, __ATOMIC_ACQ_REL) & QUEUED)
		return;
	head = __atomic_load_n(&d->asked, __ATOMIC_RELAXED);
	do
		peer->next_asked = head;
	while (!__atomic_compare_exchange_n(&d->asked, &head, peer, true, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
	/* If other peers are in the stack, the first of them has woken the control thread. */
	if (!head)
		device_wake(d);
}

struct peer *device_take_asked(struct device *d)
{
	struct peer *peer;

	if (!d->taken)
		d->taken = __atomic_exchange_n(&d->asked, NULL, __ATOMIC_ACQUIRE);
	peer = d->taken;
	if (peer)
		d->taken = peer->next_asked;
	return peer;
}

u32 device_take_actions(struct peer *peer)
{
	return __atomic_exchange_n(&peer->asked, 0, __ATOMIC_ACQ_REL) & ~QUEUED;
}

static bool leave_list(struct peer **at, const struct peer *peer)
{
	while (*at && *at != peer)
		at = &(*at)->next_asked;
	if (!*at)
		return false;
	*at = peer->next_asked;
	return true;
}

void device_forget_asked(struct device *d, struct peer *peer)
{
	if (__atomic_load_n(&peer->asked, __ATOMIC_ACQUIRE) & QUEUED &&
	    !leave_list(&d->taken, peer))
		leave_list(&d->asked, peer);
}

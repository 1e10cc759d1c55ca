// SPDX-License-Identifier: GPL-2.0
#include "host.h"
#include "device.h"
#include "keys.h"
#include "peer.h"

static struct wg_remote *remote_by_key(void *ctx, const u8 public_key[static 32])
{
	struct wg_peer *peer = wg_peers_find(ctx, public_key);

	return peer ? &peer->remote : NULL;
}

/* What has an index has not been buried (peer.c), which takes the handshake lock, and keeps the
 * table's reference. */
static struct wg_remote *remote_by_index(void *ctx, u32 index)
{
	struct wg_device *wg = ctx;
	struct wg_peer *peer;

	rcu_read_lock();
	peer = wg_indices_peer(&wg->indices, index);
	rcu_read_unlock();
	if (!peer)
		return NULL;
	wg_peer_put(peer);
	return &peer->remote;
}

static bool index_new(void *ctx, struct wg_remote *remote, u32 *index)
{
	struct wg_device *wg = ctx;

	return wg_indices_add(&wg->indices, wg_peer_of(remote), index);
}

static void index_drop(void *ctx, u32 index)
{
	struct wg_device *wg = ctx;

	wg_indices_drop(&wg->indices, index);
}

static struct wg_keypair *keypair_new(void *ctx, struct wg_remote *remote)
{
	struct wg_keys *k = wg_keys_new(wg_peer_of(remote));

	return k ? &k->pair : NULL;
}

static void keypair_ready(void *ctx, struct wg_remote *remote, struct wg_keypair *pair)
{
	struct wg_device *wg = ctx;
	struct wg_keys *k = wg_keys_of(pair);

	k->has_index = true;
	wg_indices_set_keys(&wg->indices, pair->local_index, k);
}

static void keypair_free(void *ctx, struct wg_keypair *pair)
{
	struct wg_device *wg = ctx;
	struct wg_keys *k = wg_keys_of(pair);

	if (k->has_index)
		wg_indices_drop(&wg->indices, pair->local_index);
	wg_keys_put(k);
}

const struct wg_host wg_host = {
	.remote_by_key = remote_by_key,
	.remote_by_index = remote_by_index,
	.index_new = index_new,
	.index_drop = index_drop,
	.keypair_new = keypair_new,
	.keypair_ready = keypair_ready,
	.keypair_free = keypair_free,
};

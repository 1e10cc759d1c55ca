// SPDX-License-Identifier: GPL-2.0
#include "peers.h"
#include <linux/err.h>
#include "device.h"
#include "peer.h"

static const struct rhashtable_params by_key = {
	.key_len = WG_PUBLIC_LEN,
	.key_offset = offsetof(struct wg_peer, remote.handshake.remote_static),
	.head_offset = offsetof(struct wg_peer, by_key),
	.automatic_shrinking = true,
};

static void changed(struct wg_device *wg)
{
	static atomic64_t generations;

	lockdep_assert_held(&wg->update_lock);
	wg->generation = atomic64_inc_return(&generations);
}

int wg_peers_init(struct wg_peers *p)
{
	INIT_LIST_HEAD(&p->list);
	return rhashtable_init(&p->by_key, &by_key);
}

void wg_peers_free(struct wg_peers *p)
{
	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++)
		wg_peer_node_free(NULL, p->spare[i]);
	rhashtable_destroy(&p->by_key);
}

struct wg_peer *wg_peers_find(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN])
{
	return rhashtable_lookup_fast(&wg->peers.by_key, key, by_key);
}

struct wg_peer *wg_peers_add(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN])
{
	struct wg_peers *p = &wg->peers;
	struct wg_peer *peer;
	int ret;

	lockdep_assert_held(&wg->update_lock);
	if (p->closed)
		return ERR_PTR(-ENODEV);
	if (p->count >= WG_MAX_PEERS)
		return ERR_PTR(-ERANGE);
	peer = wg_peer_new(wg, key);
	if (!peer)
		return ERR_PTR(-ENOMEM);
	ret = rhashtable_lookup_insert_fast(&p->by_key, &peer->by_key, by_key);
	if (ret) {
		wg_peer_put(peer);
		return ERR_PTR(ret == -EEXIST ? ret : -ENOMEM);
	}
	list_add_tail(&peer->list, &p->list);
	p->count++;
	changed(wg);
	return peer;
}

void wg_peers_unlink(struct wg_device *wg, struct wg_peer *peer)
{
	rhashtable_remove_fast(&wg->peers.by_key, &peer->by_key, by_key);
	list_del_init(&peer->list);
	wg->peers.count--;
	changed(wg);
}

static bool reserve_nodes(struct wg_peers *p)
{
	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++) {
		if (!p->spare[i])
			p->spare[i] = wg_peer_node_new();
		if (!p->spare[i])
			return false;
	}
	return true;
}

int wg_peers_allow(struct wg_device *wg, struct wg_peer *peer, u8 family, const u8 *ip, u8 cidr)
{
	lockdep_assert_held(&wg->update_lock);
	if (!reserve_nodes(&wg->peers))
		return -ENOMEM;
	changed(wg);
	wg_allowedips_insert(&wg->allowed, family, ip, cidr, &peer->remote, wg->peers.spare);
	return 0;
}

void wg_peers_disallow(struct wg_device *wg, struct wg_peer *peer, u8 family, const u8 *ip, u8 cidr)
{
	lockdep_assert_held(&wg->update_lock);
	changed(wg);
	wg_allowedips_remove(&wg->allowed, family, ip, cidr, &peer->remote);
}

void wg_peers_disallow_all(struct wg_device *wg, struct wg_peer *peer)
{
	lockdep_assert_held(&wg->update_lock);
	changed(wg);
	wg_allowedips_remove_remote(&wg->allowed, &peer->remote);
}

// SPDX-License-Identifier: GPL-2.0
#include "peers.h"
#include "actions.h"
#include "device.h"

struct wg_peer *wg_peers_add(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN])
{
	struct wg_peer *peer;
	int ret;

	if (wg->dev->reg_state != NETREG_REGISTERED)
		return ERR_PTR(-ENODEV);
	if (atomic_read(&wg->peers_by_key.nelems) >= WG_MAX_PEERS)
		return ERR_PTR(-ERANGE);
	peer = wg_peer_new(wg, key);
	if (!peer)
		return ERR_PTR(-ENOMEM);
	wg_actions_init(peer);
	ret = rhashtable_lookup_insert_fast(&wg->peers_by_key, &peer->by_key, wg_peers_params);
	if (ret) {
		wg_peer_put(peer);
		return ERR_PTR(ret == -EEXIST ? ret : -ENOMEM);
	}
	list_add_tail(&peer->list, &wg->peers);
	wg_peers_changed(wg);
	return peer;
}

void wg_peers_expire(struct wg_device *wg)
{
	struct wg_peer *peer;

	list_for_each_entry(peer, &wg->peers, list) {
		mutex_lock(&peer->handshake_lock);
		wg_handshake_forget(&wg->local, &peer->remote, false);
		spin_lock_bh(&peer->lock);
		wg_remote_expire(&peer->remote, &wg->host);
		spin_unlock_bh(&peer->lock);
		mutex_unlock(&peer->handshake_lock);
		cond_resched();
	}
}

void wg_peers_retire(struct wg_device *wg)
{
	struct wg_peer *peer;

	list_for_each_entry(peer, &wg->peers, list) {
		wg_peer_retire(peer, false);
		cond_resched();
	}
}

void wg_peers_begin_anew(struct wg_device *wg)
{
	struct wg_peer *peer;

	list_for_each_entry(peer, &wg->peers, list) {
		wg_peer_begin_anew(peer);
		cond_resched();
	}
}

/* A thread that found the peer before it died sees that it is dead, under one of the locks. */
void wg_peer_stop(struct wg_peer *peer, bool dead)
{
	struct wg_device *wg = peer->device;
	struct sk_buff_head dropped;

	__skb_queue_head_init(&dropped);
	mutex_lock(&peer->handshake_lock);
	wg_handshake_forget(&wg->local, &peer->remote, dead);
	spin_lock_bh(&peer->lock);
	wg_remote_expire(&peer->remote, &wg->host);
	wg_timers_stop(&peer->remote.timers);
	wg_endpoint_forget_source(&peer->endpoint);
	wg_peer_unstage(peer, &dropped);
	peer->dead = dead;
	spin_unlock_bh(&peer->lock);
	mutex_unlock(&peer->handshake_lock);
	wg_peer_drop(peer, &dropped);
}

void wg_peers_remove(struct wg_peer *peer)
{
	struct wg_device *wg = peer->device;

	wg_peer_disallow_all(peer);
	rhashtable_remove_fast(&wg->peers_by_key, &peer->by_key, wg_peers_params);
	list_del(&peer->list);
	wg_peer_stop(peer, true);
	wg_actions_stop(peer);
	wg_peer_put(peer);
}

void wg_peers_remove_all(struct wg_device *wg)
{
	struct wg_peer *peer, *next;

	wg_peers_changed(wg);
	list_for_each_entry_safe(peer, next, &wg->peers, list) {
		wg_peers_remove(peer);
		cond_resched();
	}
}

void wg_peer_set_keepalive(struct wg_peer *peer, u16 seconds, bool up)
{
	u32 actions;

	spin_lock_bh(&peer->lock);
	actions = wg_timers_set_persistent(&peer->remote.timers, seconds, up, wg_device_now());
	wg_actions_arm(peer);
	spin_unlock_bh(&peer->lock);
	wg_peer_act(peer, actions);
}

// SPDX-License-Identifier: GPL-2.0
#include "device.h"
#include <linux/timekeeping.h>
#include "handshakes.h"
#include "host.h"
#include "peer.h"

u64 wg_device_now(void)
{
	return ktime_get_boottime_ns() ?: 1;
}

u64 wg_device_unix_now(void)
{
	return ktime_get_real_ns();
}

static int construct_queues(struct wg_device *wg)
{
	const char *name = wg->dev->name;

	wg->crypt_wq = alloc_workqueue("wg-crypt-%s", WQ_CPU_INTENSIVE | WQ_MEM_RECLAIM | WQ_PERCPU,
				       0, name);
	if (!wg->crypt_wq)
		return -ENOMEM;
	wg->handshake_wq = alloc_workqueue("wg-handshake-%s", WQ_UNBOUND | WQ_FREEZABLE, 0, name);
	if (!wg->handshake_wq)
		goto err_crypt;
	if (wg_lanes_init(wg))
		goto err_handshake;
	wg->handshakes = wg_handshakes_new(wg);
	if (wg->handshakes)
		return 0;
	wg_lanes_free(wg);
err_handshake:
	destroy_workqueue(wg->handshake_wq);
err_crypt:
	destroy_workqueue(wg->crypt_wq);
	return -ENOMEM;
}

static int construct_tables(struct wg_device *wg)
{
	int ret = wg_indices_init(&wg->indices);

	if (ret)
		return ret;
	ret = wg_peers_init(&wg->peers);
	if (ret)
		wg_indices_free(&wg->indices);
	return ret;
}

static void destruct_tables(struct wg_device *wg)
{
	wg_peers_free(&wg->peers);
	wg_indices_free(&wg->indices);
}

int wg_device_construct(struct wg_device *wg)
{
	int ret;

	mutex_init(&wg->update_lock);
	mutex_init(&wg->handshake_lock);
	wg->host = wg_host;
	wg->host.ctx = wg;
	wg_local_init(&wg->local, &wg->host);
	wg->allowed.free_node = wg_peer_node_free;
	ret = construct_tables(wg);
	if (ret)
		return ret;
	ret = construct_queues(wg);
	if (ret)
		destruct_tables(wg);
	return ret;
}

/* First whoever may still be about to leave a lane. */
void wg_device_destruct(struct wg_device *wg)
{
	wg_handshakes_free(wg->handshakes);
	destroy_workqueue(wg->handshake_wq);
	destroy_workqueue(wg->crypt_wq);
	wg_lanes_free(wg);
	destruct_tables(wg);
	wg_local_wipe(&wg->local);
}

void wg_device_expire(struct wg_device *wg, bool identity)
{
	struct wg_peer *peer;

	list_for_each_entry(peer, &wg->peers.list, list) {
		wg_peer_expire(peer, identity);
		cond_resched();
	}
}

void wg_device_set_private(struct wg_device *wg, const u8 key[static WG_PUBLIC_LEN])
{
	lockdep_assert_held(&wg->update_lock);
	mutex_lock(&wg->handshake_lock);
	wg_local_set_private(&wg->local, key);
	mutex_unlock(&wg->handshake_lock);
	wg_device_expire(wg, true);
}

// SPDX-License-Identifier: GPL-2.0
/* The core decides, this does. A dead peer's timer is never set and its work never queued again:
 * both are done under its lock, where `dead` is looked at. So neither needs a reference. */
#include "actions.h"
#include <linux/random.h>
#include "device.h"
#include "socket.h"

enum {
	BY_WORK = WG_ACT_ZERO_KEYS | WG_ACT_INITIATE,
	BY_FLUSH = WG_ACT_FLUSH | WG_ACT_KEEPALIVE,
};

void wg_actions_arm(struct wg_peer *peer)
{
	u64 deadline = wg_timers_deadline(&peer->remote.timers), now;

	lockdep_assert_held(&peer->lock);
	if (peer->dead || deadline >= peer->timer_at)
		return;
	peer->timer_at = deadline;
	now = wg_device_now();
	/* Rounded up, so that what is due then is due. */
	mod_timer(&peer->timer,
		  jiffies + (deadline > now ? nsecs_to_jiffies(deadline - now) + 1 : 0));
}

static void timer_fired(struct timer_list *t)
{
	struct wg_peer *peer = timer_container_of(peer, t, timer);
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	peer->timer_at = WG_NEVER;
	if (!peer->dead) {
		actions = wg_remote_tick(&peer->remote, &peer->device->host, wg_device_now());
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	wg_actions_do(peer, actions);
}

static void initiate(struct wg_peer *peer)
{
	struct wg_message_initiation m;
	struct wg_device *wg = peer->device;
	struct wg_entropy random;
	struct wg_endpoint to;
	bool made;
	u64 now;

	if (READ_ONCE(peer->endpoint.addr.sa_family) == AF_UNSPEC)
		return;
	get_random_bytes_wait(&random, sizeof(random));
	down_read(&wg->identity_lock);
	mutex_lock(&peer->handshake_lock);
	now = wg_device_now();
	/* When it goes down or the peer dies, handshakes are forgotten under this lock. */
	made = netif_running(wg->dev) && !peer->dead &&
	       wg_handshake_initiate(&wg->local, &peer->remote, &m, &random, ktime_get_real_ns(),
				    now);
	if (made) {
		spin_lock_bh(&peer->lock);
		to = peer->endpoint;
		wg_timers_initiated(&peer->remote.timers, random.jitter, now);
		wg_peer_count_sent(peer, 1, sizeof(m));
		wg_actions_arm(peer);
		spin_unlock_bh(&peer->lock);
	}
	mutex_unlock(&peer->handshake_lock);
	up_read(&wg->identity_lock);
	if (made) {
		wg_debug(wg, "initiation to %pISpfsc", &to.addr);
		wg_socket_send_message(wg, &to, (const u8 *)&m, sizeof(m));
	}
	memzero_explicit(&random, sizeof(random));
}

static void work(struct work_struct *w)
{
	struct wg_peer *peer = container_of(w, struct wg_peer, work);
	u32 actions = atomic_xchg(&peer->asked, 0);

	if (actions & WG_ACT_ZERO_KEYS) {
		mutex_lock(&peer->handshake_lock);
		wg_handshake_forget(&peer->device->local, &peer->remote, false);
		mutex_unlock(&peer->handshake_lock);
	}
	if (actions & WG_ACT_INITIATE)
		initiate(peer);
}

void wg_actions_do(struct wg_peer *peer, u32 actions)
{
	struct sk_buff_head dropped;

	if (!actions)
		return;
	__skb_queue_head_init(&dropped);
	spin_lock_bh(&peer->lock);
	if (actions & WG_ACT_DROP_STAGED)
		wg_peer_unstage(peer, &dropped);
	if (actions & WG_ACT_FORGET_SOURCE)
		wg_endpoint_forget_source(&peer->endpoint);
	if (actions & WG_ACT_HANDSHAKE_DONE)
		peer->last_handshake = ktime_get_real_ns();
	if (actions & BY_WORK && !peer->dead) {
		atomic_or(actions & BY_WORK, &peer->asked);
		queue_work(peer->device->handshake_wq, &peer->work);
	}
	spin_unlock_bh(&peer->lock);
	__skb_queue_purge(&dropped);
	if (actions & BY_FLUSH)
		peer->device->upcalls->flush(peer, actions & (WG_ACT_CONFIRM | WG_ACT_KEEPALIVE));
}

void wg_actions_init(struct wg_peer *peer)
{
	timer_setup(&peer->timer, timer_fired, 0);
	peer->timer_at = WG_NEVER;
	INIT_WORK(&peer->work, work);
}

void wg_actions_stop(struct wg_peer *peer)
{
	timer_shutdown_sync(&peer->timer);
	cancel_work_sync(&peer->work);
}

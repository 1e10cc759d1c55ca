// SPDX-License-Identifier: GPL-2.0
/* The core decides, and this file carries it out. A dead peer's timer is never set and its work is
 * never queued again: both are done under the peer's lock, where `dead` is looked at. So neither
 * timer nor work needs a reference. */
#include "actions.h"
#include <linux/random.h>
#include "../core/actions.h"
#include "device.h"
#include "socket.h"

void wg_actions_arm(struct wg_peer *peer)
{
	u64 deadline = wg_timers_deadline(&peer->remote.timers), now;

	lockdep_assert_held(&peer->lock);
	if (peer->dead || deadline >= peer->timer_at)
		return;
	peer->timer_at = deadline;
	now = wg_device_now();
	/* The timer is rounded up, so that what is due at the deadline is due when it fires. */
	mod_timer(&peer->timer,
		  jiffies + (deadline > now ? nsecs_to_jiffies(deadline - now) + 1 : 0));
}

/* The peer does not answer, and the core has tried again or given up. The caller holds
 * peer->lock. */
static void report_silence(struct wg_peer *peer, u32 actions)
{
	if (actions & WG_ACT_INITIATE && peer->remote.timers.attempts > 1)
		wg_device_report(peer->device, WG_INITIATION_UNANSWERED, &peer->remote,
				 &peer->endpoint);
	else if (actions & WG_ACT_DROP_STAGED)
		wg_device_report(peer->device, WG_INITIATION_GAVE_UP, &peer->remote,
				 &peer->endpoint);
}

static void timer_fired(struct timer_list *t)
{
	struct wg_peer *peer = timer_container_of(peer, t, timer);
	u32 actions = 0;

	spin_lock_bh(&peer->lock);
	peer->timer_at = WG_NEVER;
	if (!peer->dead) {
		actions = wg_remote_tick(&peer->remote, &peer->device->host, wg_device_now());
		report_silence(peer, actions);
		wg_actions_arm(peer);
	}
	spin_unlock_bh(&peer->lock);
	wg_peer_act(peer, actions);
}

/* Writes an initiation, and tells the session of it. Returns WG_INITIATION_SENT if it is to be
 * sent, to `to`; else why there is none. The locks of wg_handshake_initiate() are held. */
static enum wg_initiation_result create_initiation(struct wg_peer *peer,
						   struct wg_message_initiation *m,
						   struct wg_endpoint *to, u64 now)
{
	struct wg_device *wg = peer->device;
	struct wg_entropy random;
	bool created;

	lockdep_assert_held_read(&wg->identity_lock);
	get_random_bytes(&random, sizeof(random));
	created = wg_handshake_initiate(&wg->local, &peer->remote, m, &random, ktime_get_real_ns(),
					now);
	if (created) {
		spin_lock_bh(&peer->lock);
		*to = peer->endpoint;
		wg_timers_initiated(&peer->remote.timers, random.jitter, now);
		wg_actions_arm(peer);
		spin_unlock_bh(&peer->lock);
	}
	memzero_explicit(&random, sizeof(random));
	return created ? WG_INITIATION_SENT :
			 wg_handshake_initiate_failure(&wg->local, &peer->remote);
}

static void begin_handshake(struct wg_remote *remote)
{
	struct wg_peer *peer = wg_peer_of(remote);
	struct wg_device *wg = peer->device;
	struct wg_message_initiation m;
	struct wg_endpoint to = {};
	unsigned int result = WG_HANDSHAKE_REASONS; /* there is nothing to report */

	if (READ_ONCE(peer->endpoint.addr.sa_family) == AF_UNSPEC) {
		wg_device_report(wg, WG_INITIATION_NO_ENDPOINT, &peer->remote, NULL);
		return;
	}
	wait_for_random_bytes();
	down_read(&wg->identity_lock);
	mutex_lock(&peer->handshake_lock);
	/* When the link goes down or the peer dies, handshakes are forgotten under this lock. */
	if (netif_running(wg->dev) && !peer->dead)
		result = create_initiation(peer, &m, &to, wg_device_now());
	mutex_unlock(&peer->handshake_lock);
	up_read(&wg->identity_lock);
	if (result == WG_INITIATION_SENT) {
		if (wg_socket_send_message(wg, peer, &to, (const u8 *)&m, sizeof(m),
					   WG_SOCKET_HANDSHAKE_DS))
			result = WG_INITIATION_NOT_SENT;
		else
			wg_peer_count_handshake(peer, sizeof(m));
	}
	if (result != WG_HANDSHAKE_REASONS)
		wg_device_report(wg, result, &peer->remote, to.addr.sa_family ? &to : NULL);
}

/* The work of a dead peer is not queued: wg_actions_stop() has ended it, or will. */
static void defer(struct wg_remote *remote, u32 actions)
{
	struct wg_peer *peer = wg_peer_of(remote);

	spin_lock_bh(&peer->lock);
	if (!peer->dead) {
		atomic_or(actions, &peer->asked);
		queue_work(peer->device->initiation_wq, &peer->work);
	}
	spin_unlock_bh(&peer->lock);
}

static void forget_handshake(struct wg_remote *remote)
{
	struct wg_peer *peer = wg_peer_of(remote);

	mutex_lock(&peer->handshake_lock);
	wg_handshake_forget(&peer->device->local, remote, false);
	mutex_unlock(&peer->handshake_lock);
}

static void change(struct wg_remote *remote, u32 actions)
{
	struct wg_peer *peer = wg_peer_of(remote);
	struct sk_buff_head dropped;

	__skb_queue_head_init(&dropped);
	spin_lock_bh(&peer->lock);
	if (actions & WG_ACT_DROP_STAGED)
		wg_peer_unstage(peer, &dropped);
	if (actions & WG_ACT_FORGET_SOURCE)
		wg_endpoint_forget_source(&peer->endpoint);
	if (actions & WG_ACT_HANDSHAKE_DONE)
		peer->last_handshake = ktime_get_real_ns();
	spin_unlock_bh(&peer->lock);
	wg_peer_drop(peer, &dropped);
}

static void flush_staged(struct wg_remote *remote, bool keepalive)
{
	struct wg_peer *peer = wg_peer_of(remote);

	peer->device->upcalls->flush(peer, keepalive);
}

void wg_peer_retire(struct wg_peer *peer, bool identity)
{
	mutex_lock(&peer->handshake_lock);
	wg_handshake_forget(&peer->device->local, &peer->remote, identity);
	spin_lock_bh(&peer->lock);
	wg_remote_retire(&peer->remote);
	spin_unlock_bh(&peer->lock);
	mutex_unlock(&peer->handshake_lock);
}

static void retire(struct wg_remote *remote)
{
	wg_peer_retire(wg_peer_of(remote), true);
}

static const struct wg_action_ops ops = {
	.defer = defer,
	.forget_handshake = forget_handshake,
	.change = change,
	.initiate = begin_handshake,
	.flush = flush_staged,
	.retire = retire,
};

static void work_on_actions(struct work_struct *w)
{
	struct wg_peer *peer = container_of(w, struct wg_peer, work);

	wg_actions_sleeping(&ops, &peer->remote, (u32)atomic_xchg(&peer->asked, 0));
}

void wg_peer_act(struct wg_peer *peer, u32 actions)
{
	wg_actions_do(&ops, &peer->remote, actions);
}

void wg_peer_begin_anew(struct wg_peer *peer)
{
	lockdep_assert_held_write(&peer->device->identity_lock);
	wg_actions_begin_anew(&ops, &peer->remote);
}

void wg_actions_init(struct wg_peer *peer)
{
	timer_setup(&peer->timer, timer_fired, 0);
	peer->timer_at = WG_NEVER;
	INIT_WORK(&peer->work, work_on_actions);
}

void wg_actions_stop(struct wg_peer *peer)
{
	timer_shutdown_sync(&peer->timer);
	cancel_work_sync(&peer->work);
}

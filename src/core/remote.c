// SPDX-License-Identifier: GPL-2.0
#include "remote.h"

/* The age of a session at which its initiator asks for a new one at the latest, so that it is there
 * before this one ends. */
#define LAST_MINUTE (WG_REJECT_AFTER_TIME - WG_KEEPALIVE_TIMEOUT - WG_REKEY_TIMEOUT)

void wg_remote_init(struct wg_remote *r, const u8 public_key[static WG_PUBLIC_LEN])
{
	memset(r, 0, sizeof(*r));
	memcpy(r->handshake.remote_static, public_key, WG_PUBLIC_LEN);
	wg_timers_stop(&r->timers);
}

/* `now` may be before k->created_at: another thread may have derived the session since. */
static bool is_aged(const struct wg_keypair *k, u64 age, u64 now)
{
	return now > k->created_at && now - k->created_at >= age;
}

void wg_remote_send(struct wg_remote *r, u32 n, bool data, struct wg_send_reservation *reservation,
		    u64 now)
{
	struct wg_keypair *k = r->keys.active;

	*reservation = (struct wg_send_reservation){0};
	if (wg_keypair_may_send(k, n, now)) {
		reservation->keypair = k;
		reservation->counter = k->send_counter;
		k->send_counter += n;
		wg_timers_sent(&r->timers, data, now);
		/* Only the initiator asks because of age, so that not both ends do. */
		if (k->send_counter <= WG_REKEY_AFTER_MESSAGES &&
		    !(k->initiator && is_aged(k, WG_REKEY_AFTER_TIME, now)))
			return;
	}
	reservation->actions = wg_timers_want_handshake(&r->timers, now);
}

bool wg_remote_accept(struct wg_received *batch, struct wg_keypair *used, u64 counter, u32 len,
		      u64 now)
{
	if (!wg_keypair_may_receive(used, now)) {
		batch->expired++;
		return false;
	}
	if (!wg_replay_accept(&used->replay, counter)) {
		batch->replayed++;
		return false;
	}
	batch->accepted++;
	batch->bytes += len + WG_DATA_OVERHEAD;
	batch->data |= len > 0;
	return true;
}

u32 wg_remote_received(struct wg_remote *r, struct wg_keypair *used,
		       const struct wg_received *batch, const struct wg_host *host, u64 now)
{
	struct wg_keypairs *keys = &r->keys;
	u32 actions = 0;

	if (!batch->accepted)
		return 0;
	r->rx_bytes += batch->bytes;
	/* The session was let go while its messages were opened. They are good, but the timers are
	 * about sessions that there are. */
	if (used != keys->active && used != keys->next && used != keys->previous)
		return 0;
	if (wg_keypairs_confirm(keys, used, host)) {
		wg_timers_handshake_complete(&r->timers);
		actions |= WG_ACT_HANDSHAKE_DONE | WG_ACT_FLUSH;
	}
	wg_timers_received(&r->timers, batch->data, now);
	/* This is asked once a session: a peer that only receives would ask with each message. */
	if (keys->active && keys->active->initiator && !r->timers.last_minute &&
	    is_aged(keys->active, LAST_MINUTE, now)) {
		r->timers.last_minute = true;
		actions |= wg_timers_want_handshake(&r->timers, now);
	}
	return actions;
}

void wg_remote_count_sent(struct wg_remote *r, u64 bytes)
{
	r->tx_bytes += bytes;
}

void wg_remote_count_refused(struct wg_remote *r, u64 bytes)
{
	r->tx_bytes -= bytes;
}

u32 wg_remote_tick(struct wg_remote *r, const struct wg_host *host, u64 now)
{
	u32 actions;

	if (!wg_keypair_may_send(r->keys.active, 1, now))
		wg_timers_ended(&r->timers);
	actions = wg_timers_tick(&r->timers, now);
	if (actions & WG_ACT_ZERO_KEYS)
		wg_keypairs_clear(&r->keys, host);
	return actions;
}

static void exhaust_keypair(struct wg_keypair *k)
{
	if (k)
		k->send_counter = WG_REJECT_AFTER_MESSAGES;
}

void wg_remote_retire(struct wg_remote *r)
{
	exhaust_keypair(r->keys.previous);
	exhaust_keypair(r->keys.active);
	exhaust_keypair(r->keys.next);
	r->timers.next_initiation = 0;
}

void wg_remote_expire(struct wg_remote *r, const struct wg_host *host)
{
	wg_keypairs_clear(&r->keys, host);
	wg_timers_ended(&r->timers);
	r->timers.next_initiation = 0;
}

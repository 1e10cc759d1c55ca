// SPDX-License-Identifier: GPL-2.0
#include "remote.h"

/* So late an initiator still gets a new session before this one ends. */
#define LAST_MINUTE (WG_REJECT_AFTER_TIME - WG_KEEPALIVE_TIMEOUT - WG_REKEY_TIMEOUT)

void wg_remote_init(struct wg_remote *r, const u8 public_key[static WG_PUBLIC_LEN])
{
	memset(r, 0, sizeof(*r));
	memcpy(r->handshake.remote_static, public_key, WG_PUBLIC_LEN);
	wg_session_init(&r->session);
}

/* The caller may have taken the time before somebody else derived the session. */
static bool is_aged(const struct wg_keypair *k, u64 age, u64 now)
{
	return now > k->birth && now - k->birth >= age;
}

/* One of the two ends asks for the next session by time, so that they do not both. */
static bool wants_rekey(const struct wg_keypair *k, u64 now)
{
	return k->send_counter > WG_REKEY_AFTER_MESSAGES ||
	       (k->initiator && is_aged(k, WG_REKEY_AFTER_TIME, now));
}

static bool may_send(const struct wg_remote *r, u32 n, u64 now)
{
	return r->keys.active && wg_keypair_may_send(r->keys.active, n, now);
}

void wg_remote_send(struct wg_remote *r, u32 n, bool data, struct wg_grant *grant, u64 now)
{
	struct wg_keypair *k = r->keys.active;

	*grant = (struct wg_grant){0};
	if (!may_send(r, n, now)) {
		grant->actions = wg_session_want_handshake(&r->session, now);
		return;
	}
	grant->keypair = k;
	grant->counter = k->send_counter;
	k->send_counter += n;
	if (data)
		wg_session_data_sent(&r->session, now);
	wg_session_authenticated_sent(&r->session, now);
	if (wants_rekey(k, now))
		grant->actions = wg_session_want_handshake(&r->session, now);
}

static bool is_held(const struct wg_keypairs *keys, const struct wg_keypair *k)
{
	return k == keys->active || k == keys->next || k == keys->previous;
}

/* Once a session: whoever only receives would ask with each message. */
static u32 ask_in_last_minute(struct wg_remote *r, u64 now)
{
	const struct wg_keypair *k = r->keys.active;

	if (!k || !k->initiator || r->session.last_minute || !is_aged(k, LAST_MINUTE, now))
		return 0;
	r->session.last_minute = true;
	return wg_session_want_handshake(&r->session, now);
}

u32 wg_remote_received(struct wg_remote *r, struct wg_keypair *used, bool data,
		       const struct wg_host *host, u64 now)
{
	u32 actions = 0;

	/* It was let go while its messages were opened: they are good, but its time is over. */
	if (!is_held(&r->keys, used))
		return 0;
	if (wg_keypairs_confirm(&r->keys, used, host)) {
		wg_session_handshake_complete(&r->session);
		actions |= WG_ACT_HANDSHAKE_DONE | WG_ACT_FLUSH;
	}
	if (data)
		wg_session_data_received(&r->session, now);
	wg_session_authenticated_received(&r->session, now);
	return actions | ask_in_last_minute(r, now);
}

void wg_remote_initiated(struct wg_remote *r, u32 random, u64 now)
{
	wg_session_initiation_sent(&r->session, random, now);
	wg_session_authenticated_sent(&r->session, now);
}

u32 wg_remote_tick(struct wg_remote *r, const struct wg_host *host, u64 now)
{
	u32 actions;

	if (!may_send(r, 1, now))
		wg_session_ended(&r->session);
	actions = wg_session_tick(&r->session, now);
	if (actions & WG_ACT_ZERO_KEYS)
		wg_keypairs_clear(&r->keys, host);
	return actions;
}

void wg_remote_expire(struct wg_remote *r, const struct wg_host *host)
{
	wg_keypairs_clear(&r->keys, host);
	wg_session_ended(&r->session);
}

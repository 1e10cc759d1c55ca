// SPDX-License-Identifier: GPL-2.0
/* The life of an index. index_new gives one
 *  - to an initiation of ours. It stays with the handshake (pending) until a newer initiation
 *    replaces it, the handshake is forgotten, or an initiation of the other side was answered when
 *    ours was old: index_drop. Or until the response comes: the session has it then.
 *  - to a response of ours. The session has it at once.
 * A session has an index from keypair_ready on, and gives it back with itself: keypair_free. Where
 * a session cannot be made, index_drop for a response's index; an initiation keeps its own and goes
 * on waiting. So each index meets either index_drop or the keypair_free of a ready keypair, once.
 *
 * A response leaves an initiation of ours that waits alone: where both sides begin at once, neither
 * needs to begin again (wg_keypairs_add chooses).
 *
 * The order of the checks is that of their cost. */
#include "handshake.h"
#include "../crypto/ct.h"

void wg_local_init(struct wg_local *l, const struct wg_host *host, const u8 random[static 32])
{
	l->host = host;
	memcpy(l->checker.master, random, sizeof(l->checker.master));
}

void wg_local_set_private(struct wg_local *l, const u8 private_key[static WG_PUBLIC_LEN])
{
	wg_identity_set(&l->identity, private_key);
	wg_cookie_checker_init(&l->checker, l->identity.public_key);
}

void wg_handshake_forget(struct wg_local *l, struct wg_remote *r, bool identity)
{
	struct wg_handshake *h = &r->handshake;

	if (h->pending.active)
		l->host->index_drop(l->host->ctx, h->pending.index);
	wg_ct_wipe(&h->pending, sizeof(h->pending));
	if (!identity)
		return;
	wg_ct_wipe(h->static_static, sizeof(h->static_static));
	h->static_static_known = false;
}

static bool is_self(const struct wg_local *l, const u8 public_key[static WG_PUBLIC_LEN])
{
	return !memcmp(l->identity.public_key, public_key, WG_PUBLIC_LEN);
}

bool wg_handshake_initiate(struct wg_local *l, struct wg_remote *r, struct wg_message_initiation *m,
			  const struct wg_entropy *random, u64 unix_now, u64 now)
{
	const struct wg_host *host = l->host;
	struct wg_handshake *h = &r->handshake;
	bool had_index = h->pending.active;
	u32 index, old = h->pending.index;

	if (!l->identity.present || is_self(l, h->remote_static) ||
	    !host->index_new(host->ctx, r, &index))
		return false;
	if (!wg_noise_create_initiation(h, &l->identity, m, index, random->ephemeral, unix_now,
					now)) {
		host->index_drop(host->ctx, index);
		return false;
	}
	if (had_index)
		host->index_drop(host->ctx, old);
	wg_cookie_add_macs(&r->jar, h->remote_static, (u8 *)m, sizeof(*m), now);
	return true;
}

/* Makes the session of a finished handshake ready. It has its keys already. */
static void finish_handshake(const struct wg_local *l, struct wg_incoming *in, struct wg_remote *r,
			     struct wg_keypair *k, u32 index, const u8 remote_index[static 4],
			     u64 now)
{
	k->created_at = now;
	k->local_index = index;
	k->remote_index = wg_load_le32(remote_index);
	l->host->keypair_ready(l->host->ctx, r, k);
	in->keypair = k;
	in->remote = r;
}

/* Responds to an initiation that was consumed and is new. */
static enum wg_handshake_result respond_to(struct wg_local *l, struct wg_incoming *in,
					   struct wg_remote *r, struct wg_noise_opened *o,
					   const struct wg_entropy *random, u64 now)
{
	struct wg_message_response *m = (struct wg_message_response *)in->reply;
	const struct wg_host *host = l->host;
	enum wg_handshake_result result = WG_HANDSHAKE_NO_MEMORY;
	struct wg_handshake *h = &r->handshake;
	struct wg_keypair *k;
	u32 index;

	if (!host->index_new(host->ctx, r, &index))
		return result;
	k = host->keypair_new(host->ctx, r);
	if (!k)
		goto drop_index;
	result = WG_HANDSHAKE_FORGED;
	if (!wg_noise_create_response(o, h, m, index, random->ephemeral, k->send_key,
				      k->receive_key))
		goto free_keypair;
	memcpy(h->latest_timestamp, o->timestamp, sizeof(h->latest_timestamp));
	h->last_initiation = now;
	if (h->pending.active && now >= h->pending.started_at + WG_REKEY_TIMEOUT)
		wg_handshake_forget(l, r, false);
	wg_cookie_add_macs(&r->jar, h->remote_static, in->reply, sizeof(*m), now);
	in->reply_len = sizeof(*m);
	finish_handshake(l, in, r, k, index, o->message->sender, now);
	return WG_HANDSHAKE_RESPONDED;

free_keypair:
	host->keypair_free(host->ctx, k);
drop_index:
	host->index_drop(host->ctx, index);
	return result;
}

/* Responds to an initiation that was opened, if it is authentic and new. */
static enum wg_handshake_result answer_initiation(struct wg_local *l, struct wg_incoming *in,
						  struct wg_noise_opened *o,
						  const struct wg_entropy *random, u64 now)
{
	struct wg_remote *r = NULL;

	if (!is_self(l, o->remote_static))
		r = l->host->remote_by_key(l->host->ctx, o->remote_static);
	in->named = r;
	if (!r)
		return WG_HANDSHAKE_UNKNOWN;
	if (!wg_noise_consume_initiation(o, &r->handshake, &l->identity))
		return WG_HANDSHAKE_FORGED;
	if (memcmp(o->timestamp, r->handshake.latest_timestamp, sizeof(o->timestamp)) <= 0)
		return WG_HANDSHAKE_REPLAYED;
	if (r->handshake.last_initiation &&
	    now < r->handshake.last_initiation + WG_INITIATION_INTERVAL)
		return WG_HANDSHAKE_TOO_SOON;
	return respond_to(l, in, r, o, random, now);
}

static enum wg_handshake_result receive_initiation(struct wg_local *l, struct wg_incoming *in,
						  const struct wg_message_initiation *m,
						  const struct wg_entropy *random, u64 now)
{
	enum wg_handshake_result result = WG_HANDSHAKE_FORGED;
	struct wg_noise_opened o;

	if (wg_noise_open_initiation(&o, &l->identity, m))
		result = answer_initiation(l, in, &o, random, now);
	wg_ct_wipe(&o, sizeof(o));
	return result;
}

static enum wg_handshake_result receive_response(struct wg_local *l, struct wg_incoming *in,
						const struct wg_message_response *m, u64 now)
{
	const struct wg_host *host = l->host;
	u32 index = wg_load_le32(m->receiver);
	struct wg_remote *r = host->remote_by_index(host->ctx, index);
	struct wg_handshake *h;
	struct wg_keypair *k;

	in->named = r;
	/* The index may be that of a session. */
	if (!r || !r->handshake.pending.active || r->handshake.pending.index != index)
		return WG_HANDSHAKE_UNKNOWN;
	h = &r->handshake;
	k = host->keypair_new(host->ctx, r);
	if (!k)
		return WG_HANDSHAKE_NO_MEMORY;
	if (!wg_noise_consume_response(h, &l->identity, m, k->send_key, k->receive_key)) {
		host->keypair_free(host->ctx, k);
		return WG_HANDSHAKE_FORGED;
	}
	k->initiator = true;
	k->started_at = h->pending.started_at;
	k->loses_tie = memcmp(l->identity.public_key, h->remote_static, WG_PUBLIC_LEN) < 0;
	wg_ct_wipe(&h->pending, sizeof(h->pending));
	finish_handshake(l, in, r, k, index, m->sender, now);
	return WG_HANDSHAKE_COMPLETED;
}

static enum wg_handshake_result receive_cookie(struct wg_local *l, struct wg_incoming *in,
					      const struct wg_message_cookie *m, u64 now)
{
	struct wg_remote *r = l->host->remote_by_index(l->host->ctx, wg_load_le32(m->receiver));

	in->named = r;
	if (!r)
		return WG_HANDSHAKE_UNKNOWN;
	if (!wg_cookie_consume(&r->jar, r->handshake.remote_static, m, now))
		return WG_HANDSHAKE_FORGED;
	in->remote = r;
	return WG_HANDSHAKE_COOKIE_TAKEN;
}

enum wg_handshake_result wg_handshake_receive(struct wg_local *l, struct wg_incoming *in,
					      const u8 *message, size_t len,
					      const struct wg_entropy *random, u64 now)
{
	u32 type = wg_message_handshake_type(message, len);

	memset(in, 0, sizeof(*in));
	in->len = len;
	if (!type)
		return WG_HANDSHAKE_MALFORMED;
	/* The identity may have gone since the message was admitted. */
	if (!l->identity.present)
		return WG_HANDSHAKE_NO_IDENTITY;
	if (type == WG_MESSAGE_COOKIE)
		return receive_cookie(l, in, (const struct wg_message_cookie *)message, now);
	if (type == WG_MESSAGE_INITIATION)
		return receive_initiation(l, in, (const struct wg_message_initiation *)message,
					  random, now);
	return receive_response(l, in, (const struct wg_message_response *)message, now);
}

void wg_handshake_release(struct wg_local *l, struct wg_incoming *in)
{
	if (in->named)
		l->host->remote_release(l->host->ctx, in->named);
	in->named = in->remote = NULL;
}

u32 wg_handshake_apply(struct wg_local *l, struct wg_incoming *in, u64 now)
{
	struct wg_remote *r = in->remote;
	struct wg_keypair *fresh = in->keypair;

	in->keypair = NULL;
	r->rx_bytes += in->len;
	wg_keypairs_add(&r->keys, fresh, l->host);
	wg_timers_derived(&r->timers, now);
	if (!fresh->initiator) {
		wg_timers_sent(&r->timers, false, now);
		return 0;
	}
	wg_timers_handshake_complete(&r->timers);
	return WG_ACT_FLUSH | WG_ACT_CONFIRM | WG_ACT_HANDSHAKE_DONE;
}

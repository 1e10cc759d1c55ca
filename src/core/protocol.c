// SPDX-License-Identifier: GPL-2.0
/* The life of an index. index_new gives one
 *  - to an initiation of ours. It stays with the handshake (has_index) until a newer initiation
 *    replaces it, the handshake is forgotten, or an initiation of the other side was answered when
 *    ours was old: index_drop. Or until the response comes: the session has it then.
 *  - to a response of ours. The session has it at once.
 * A session has an index from keypair_ready on, and gives it back with itself: keypair_free. Where
 * a session cannot be made, index_drop for a response's index; an initiation keeps its own and goes
 * on waiting. So each index meets either index_drop or the keypair_free of a ready keypair, once.
 *
 * A response is made on a copy of the handshake. An initiation of ours that waits goes on waiting:
 * where both sides begin at once, neither needs to begin again (wg_keypairs_add chooses).
 *
 * The order of the checks is that of their cost; nothing is computed for, and nothing sent to, who
 * does not even know our public key (mac1). */
#include "protocol.h"
#include "../crypto/ct.h"

void wg_local_init(struct wg_local *l, const struct wg_host *host)
{
	memset(l, 0, sizeof(*l));
	l->host = host;
}

void wg_local_set_private(struct wg_local *l, const u8 private_key[static WG_PUBLIC_LEN])
{
	wg_identity_set(&l->identity, private_key);
	wg_cookie_checker_init(&l->checker, l->identity.public_key);
}

void wg_local_wipe(struct wg_local *l)
{
	wg_ct_wipe(l, sizeof(*l));
}

static void drop_index(const struct wg_local *l, struct wg_handshake *h)
{
	if (h->has_index)
		l->host->index_drop(l->host->ctx, h->local_index);
	h->has_index = false;
}

void wg_protocol_forget(struct wg_local *l, struct wg_remote *r, bool identity)
{
	drop_index(l, &r->handshake);
	if (identity)
		wg_handshake_reset(&r->handshake);
	else
		wg_handshake_clear(&r->handshake);
}

enum wg_noise_result wg_protocol_initiate(struct wg_local *l, struct wg_remote *r,
					  struct wg_message_initiation *m,
					  const struct wg_entropy *random, u64 unix_now, u64 now)
{
	const struct wg_host *host = l->host;
	bool had_index = r->handshake.has_index;
	u32 index, old = r->handshake.local_index;
	enum wg_noise_result result;

	if (!host->index_new(host->ctx, r, &index))
		return WG_NOISE_NO_MEMORY;
	result = wg_noise_create_initiation(&r->handshake, &l->identity, m, index,
					    random->ephemeral, unix_now);
	if (result != WG_NOISE_OK) {
		host->index_drop(host->ctx, index);
		return result;
	}
	if (had_index)
		host->index_drop(host->ctx, old);
	r->handshake.initiated = now;
	wg_cookie_add_macs(&r->jar, r->handshake.remote_static, (u8 *)m, sizeof(*m), now);
	return WG_NOISE_OK;
}

static enum wg_protocol_result refusal(enum wg_noise_result result)
{
	switch (result) {
	case WG_NOISE_NO_IDENTITY:
		return WG_PROTOCOL_NO_IDENTITY;
	case WG_NOISE_REPLAY:
		return WG_PROTOCOL_REPLAYED;
	case WG_NOISE_TOO_SOON:
		return WG_PROTOCOL_TOO_SOON;
	case WG_NOISE_WRONG_STATE:
	case WG_NOISE_SELF:
		return WG_PROTOCOL_UNKNOWN;
	case WG_NOISE_NO_MEMORY:
		return WG_PROTOCOL_NO_MEMORY;
	case WG_NOISE_OK:
	case WG_NOISE_LOW_ORDER:
	case WG_NOISE_BAD_CRYPTO:
		break;
	}
	return WG_PROTOCOL_FORGED;
}

/* The session of a finished handshake, whose index it takes over. */
static void fill(struct wg_keypair *k, const struct wg_local *l, struct wg_handshake *h, u64 now)
{
	k->birth = now;
	k->begun = h->initiated;
	k->local_index = h->local_index;
	k->remote_index = h->remote_index;
	wg_noise_derive(h, k->send_key, k->receive_key, &k->initiator);
	k->yields =
		k->initiator && memcmp(l->identity.public_key, h->remote_static, WG_PUBLIC_LEN) < 0;
}

/* From a consumed initiation to the session. */
static enum wg_protocol_result make_response(const struct wg_local *l, struct wg_remote *r,
					     struct wg_handshake *h, struct wg_incoming *in,
					     const struct wg_entropy *random, u64 now)
{
	struct wg_message_response *m = (struct wg_message_response *)in->reply;
	const struct wg_host *host = l->host;
	struct wg_keypair *keypair;
	enum wg_noise_result result;
	u32 index;

	if (!host->index_new(host->ctx, r, &index))
		return WG_PROTOCOL_NO_MEMORY;
	keypair = host->keypair_new(host->ctx, r);
	if (!keypair) {
		host->index_drop(host->ctx, index);
		return WG_PROTOCOL_NO_MEMORY;
	}
	result = wg_noise_create_response(h, m, index, random->ephemeral);
	if (result != WG_NOISE_OK) {
		host->keypair_free(host->ctx, keypair);
		host->index_drop(host->ctx, index);
		return refusal(result);
	}
	fill(keypair, l, h, now);
	wg_cookie_add_macs(&r->jar, h->remote_static, in->reply, sizeof(*m), now);
	host->keypair_ready(host->ctx, r, keypair);
	in->reply_len = sizeof(*m);
	in->keypair = keypair;
	in->remote = r;
	return WG_PROTOCOL_RESPONDED;
}

/* What stays of an answered initiation, when its session has the rest. */
static void remember(const struct wg_local *l, struct wg_handshake *ours,
		     const struct wg_handshake *answered, u64 now)
{
	memcpy(ours->latest_timestamp, answered->latest_timestamp, sizeof(ours->latest_timestamp));
	ours->last_initiation = answered->last_initiation;
	if (ours->state == WG_HANDSHAKE_CREATED_INITIATION &&
	    now >= ours->initiated + WG_REKEY_TIMEOUT) {
		drop_index(l, ours);
		wg_handshake_clear(ours);
	}
}

static enum wg_protocol_result answer(struct wg_local *l, struct wg_remote *r,
				      struct wg_incoming *in, const struct wg_noise_opened *o,
				      const struct wg_message_initiation *m,
				      const struct wg_entropy *random, u64 now)
{
	struct wg_handshake h = r->handshake;
	enum wg_noise_result noise = wg_noise_consume_initiation(&h, &l->identity, o, m, now);
	enum wg_protocol_result result;

	memcpy(r->handshake.static_static, h.static_static, sizeof(h.static_static));
	r->handshake.static_static_known = h.static_static_known;
	if (noise == WG_NOISE_OK)
		result = make_response(l, r, &h, in, random, now);
	else
		result = refusal(noise);
	if (result == WG_PROTOCOL_RESPONDED)
		remember(l, &r->handshake, &h, now);
	wg_ct_wipe(&h, sizeof(h));
	return result;
}

static enum wg_protocol_result receive_initiation(struct wg_local *l, struct wg_incoming *in,
						  const struct wg_message_initiation *m,
						  const struct wg_entropy *random, u64 now)
{
	struct wg_noise_opened o;
	enum wg_noise_result noise = wg_noise_open_initiation(&o, &l->identity, m);
	enum wg_protocol_result result = WG_PROTOCOL_UNKNOWN;

	if (noise == WG_NOISE_OK) {
		struct wg_remote *r = l->host->remote_by_key(l->host->ctx, o.remote_static);

		if (r)
			result = answer(l, r, in, &o, m, random, now);
	} else {
		result = refusal(noise);
	}
	wg_ct_wipe(&o, sizeof(o));
	return result;
}

static enum wg_protocol_result complete(struct wg_local *l, struct wg_remote *r,
					struct wg_incoming *in, const struct wg_message_response *m,
					u64 now)
{
	const struct wg_host *host = l->host;
	struct wg_handshake h = r->handshake;
	enum wg_noise_result noise = wg_noise_consume_response(&h, &l->identity, m);
	enum wg_protocol_result result = WG_PROTOCOL_NO_MEMORY;

	if (noise != WG_NOISE_OK) {
		result = refusal(noise);
	} else {
		in->keypair = host->keypair_new(host->ctx, r);
		if (in->keypair) {
			fill(in->keypair, l, &h, now);
			r->handshake = h;
			in->remote = r;
			host->keypair_ready(host->ctx, r, in->keypair);
			result = WG_PROTOCOL_COMPLETED;
		}
	}
	wg_ct_wipe(&h, sizeof(h));
	return result;
}

static enum wg_protocol_result receive_response(struct wg_local *l, struct wg_incoming *in,
						const struct wg_message_response *m, u64 now)
{
	u32 index = wg_load_le32(m->receiver);
	struct wg_remote *r = l->host->remote_by_index(l->host->ctx, index);

	/* It may be the index of a session. */
	if (!r || !r->handshake.has_index || r->handshake.local_index != index)
		return WG_PROTOCOL_UNKNOWN;
	return complete(l, r, in, m, now);
}

static enum wg_protocol_result receive_cookie(struct wg_local *l, struct wg_incoming *in,
					      const struct wg_message_cookie *m, u64 now)
{
	struct wg_remote *r = l->host->remote_by_index(l->host->ctx, wg_load_le32(m->receiver));

	if (!r)
		return WG_PROTOCOL_UNKNOWN;
	if (!wg_cookie_consume(&r->jar, r->handshake.remote_static, m, now))
		return WG_PROTOCOL_FORGED;
	in->remote = r;
	return WG_PROTOCOL_COOKIE_TAKEN;
}

/* Of an initiation or a response. True: Noise may look at it; else `result` is set. */
static bool admitted(struct wg_local *l, struct wg_incoming *in, const u8 *message, size_t len,
		     const struct wg_addr *from, bool under_load, const struct wg_entropy *random,
		     u64 now, enum wg_protocol_result *result)
{
	switch (wg_cookie_check(&l->checker, message, len, from, under_load, random->secret, now)) {
	case WG_MAC_INVALID:
		*result = WG_PROTOCOL_BAD_MAC;
		return false;
	case WG_MAC_VALID:
		if (!under_load)
			return true;
		wg_cookie_create(&l->checker, (struct wg_message_cookie *)in->reply, message, len,
				 from, random->nonce, random->secret, now);
		in->reply_len = sizeof(struct wg_message_cookie);
		*result = WG_PROTOCOL_COOKIE_REPLY;
		return false;
	case WG_MAC_VALID_WITH_COOKIE:
		break;
	}
	*result = WG_PROTOCOL_RATE_LIMITED;
	return wg_ratelimiter_allow(&l->limiter, from, now);
}

enum wg_protocol_result wg_protocol_receive(struct wg_local *l, struct wg_incoming *in,
					    const u8 *message, size_t len,
					    const struct wg_addr *from, bool under_load,
					    const struct wg_entropy *random, u64 now)
{
	u32 type = wg_message_handshake_type(message, len);
	enum wg_protocol_result result;

	memset(in, 0, sizeof(*in));
	if (!type)
		return WG_PROTOCOL_MALFORMED;
	if (!l->identity.present)
		return WG_PROTOCOL_NO_IDENTITY;
	if (type == WG_MESSAGE_COOKIE)
		return receive_cookie(l, in, (const struct wg_message_cookie *)message, now);
	if (!admitted(l, in, message, len, from, under_load, random, now, &result))
		return result;
	if (type == WG_MESSAGE_INITIATION)
		return receive_initiation(l, in, (const struct wg_message_initiation *)message,
					  random, now);
	return receive_response(l, in, (const struct wg_message_response *)message, now);
}

u32 wg_protocol_apply(struct wg_local *l, struct wg_incoming *in, u64 now)
{
	struct wg_remote *r = in->remote;
	struct wg_keypair *fresh = in->keypair;

	in->keypair = NULL;
	wg_keypairs_add(&r->keys, fresh, l->host);
	wg_session_derived(&r->session, now);
	wg_session_authenticated_received(&r->session, now);
	if (!fresh->initiator) {
		wg_session_authenticated_sent(&r->session, now);
		return 0;
	}
	wg_session_handshake_complete(&r->session);
	return WG_ACT_FLUSH | WG_ACT_CONFIRM | WG_ACT_HANDSHAKE_DONE;
}

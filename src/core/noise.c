// SPDX-License-Identifier: GPL-2.0
/* The initiator's half and the responder's half stand side by side; the tokens of Noise's pattern
 *
 *	IKpsk2:  <- s   ...   -> e, es, s, ss   <- e, ee, se, psk
 *
 * are marked where they are processed. A verb works on a copy of what it changes, and puts that in
 * place once all of it was authentic. */
#include "noise.h"
#include "../crypto/chacha20poly1305.h"
#include "../crypto/ct.h"
#include "../crypto/curve25519.h"
#include "../crypto/kdf.h"
#include "tai64n.h"

static const char construction[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
static const char identifier[] = "WireGuard v1 zx2c4 Jason@zx2c4.com";

void wg_identity_set(struct wg_identity *id, const u8 private_key[static WG_PUBLIC_LEN])
{
	static const u8 none[WG_PUBLIC_LEN];

	wg_ct_wipe(id, sizeof(*id));
	if (wg_ct_declassify(wg_ct_equal(private_key, none, WG_PUBLIC_LEN)))
		return;
	memcpy(id->private_key, private_key, WG_PUBLIC_LEN);
	wg_curve25519_clamp(id->private_key);
	wg_curve25519_public(id->public_key, id->private_key);
	id->present = true;
}

static void mix_hash(struct wg_symmetric *s, const void *data, size_t len)
{
	struct wg_blake2s state;

	wg_blake2s_init(&state, WG_HASH_LEN, NULL, 0);
	wg_blake2s_update(&state, s->hash, WG_HASH_LEN);
	wg_blake2s_update(&state, data, len);
	wg_blake2s_final(&state, s->hash);
}

/* For tokens whose key is not used before the next token. */
static void mix_chain(struct wg_symmetric *s, const u8 input[static 32])
{
	wg_kdf(s->chaining_key, NULL, NULL, s->chaining_key, input, 32);
}

static void mix_key(struct wg_symmetric *s, const u8 input[static 32])
{
	wg_kdf(s->chaining_key, s->key, NULL, s->chaining_key, input, 32);
}

/* Returns false if the shared secret is zero: the point is of low order. */
static bool mix_dh(struct wg_symmetric *s, const u8 secret[static 32], const u8 point[static 32])
{
	u8 shared[32];
	bool good = wg_curve25519(shared, secret, point);

	if (good)
		mix_key(s, shared);
	wg_ct_wipe(shared, sizeof(shared));
	return good;
}

static void mix_psk(struct wg_symmetric *s, const u8 psk[static WG_SYMMETRIC_LEN])
{
	u8 tau[WG_HASH_LEN];

	wg_kdf(s->chaining_key, tau, s->key, s->chaining_key, psk, WG_SYMMETRIC_LEN);
	mix_hash(s, tau, sizeof(tau));
	wg_ct_wipe(tau, sizeof(tau));
}

/* An ephemeral key is hashed and, since there is a preshared key, mixed into the chaining key. */
static void mix_ephemeral(struct wg_symmetric *s, const u8 ephemeral[static WG_PUBLIC_LEN])
{
	mix_hash(s, ephemeral, WG_PUBLIC_LEN);
	mix_chain(s, ephemeral);
}

static void seal(struct wg_symmetric *s, u8 *dst, const u8 *src, size_t len)
{
	wg_chacha20poly1305_seal(dst, src, len, s->hash, WG_HASH_LEN, 0, s->key);
	mix_hash(s, dst, len + WG_TAG_LEN);
}

static bool unseal(struct wg_symmetric *s, u8 *dst, const u8 *src, size_t len)
{
	if (!wg_chacha20poly1305_open(dst, src, len + WG_TAG_LEN, s->hash, WG_HASH_LEN, 0, s->key))
		return false;
	mix_hash(s, src, len + WG_TAG_LEN);
	return true;
}

static void start_symmetric(struct wg_symmetric *s, const u8 responder_static[static WG_PUBLIC_LEN])
{
	wg_blake2s(s->chaining_key, WG_HASH_LEN, construction, sizeof(construction) - 1, NULL, 0);
	memcpy(s->hash, s->chaining_key, WG_HASH_LEN);
	mix_hash(s, identifier, sizeof(identifier) - 1);
	mix_hash(s, responder_static, WG_PUBLIC_LEN); /* <- s */
}

static bool mix_static_static(struct wg_symmetric *s, struct wg_handshake *h,
			      const struct wg_identity *id)
{
	if (!h->static_static_known)
		h->static_static_known =
			wg_curve25519(h->static_static, id->private_key, h->remote_static);
	mix_key(s, h->static_static);
	return h->static_static_known;
}

bool wg_noise_create_initiation(struct wg_handshake *h, const struct wg_identity *id,
				struct wg_message_initiation *m, u32 index,
				const u8 ephemeral[static 32], u64 unix_now, u64 now)
{
	struct wg_pending p = {.active = true, .index = index, .started_at = now};
	u64 earliest = h->sent + WG_TAI64N_GRAIN, sent = unix_now > earliest ? unix_now : earliest;
	u8 timestamp[WG_TIMESTAMP_LEN];
	const u8 *const points[] = {NULL, h->remote_static};
	u8 products[2][32];
	bool good;

	memset(m, 0, sizeof(*m));
	wg_store_le32(m->type, WG_MESSAGE_INITIATION);
	wg_store_le32(m->sender, index);
	wg_tai64n_from(timestamp, sent);
	memcpy(p.ephemeral, ephemeral, sizeof(p.ephemeral));
	good = wg_curve25519_each(products, ephemeral, points, 2);
	if (good) {
		start_symmetric(&p.symmetric, h->remote_static);
		/* e */
		memcpy(m->ephemeral, products[0], sizeof(m->ephemeral));
		mix_ephemeral(&p.symmetric, m->ephemeral);
		/* es */
		mix_key(&p.symmetric, products[1]);
		/* s */
		seal(&p.symmetric, m->encrypted_static, id->public_key, WG_PUBLIC_LEN);
		/* ss */
		good = mix_static_static(&p.symmetric, h, id);
	}
	if (good) {
		/* payload: {t} */
		seal(&p.symmetric, m->encrypted_timestamp, timestamp, WG_TIMESTAMP_LEN);
		h->sent = sent;
		h->pending = p;
	}
	wg_ct_wipe(&p, sizeof(p));
	wg_ct_wipe(products, sizeof(products));
	return good;
}

bool wg_noise_open_initiation(struct wg_noise_opened *o, const struct wg_identity *id,
			      const struct wg_message_initiation *m)
{
	o->message = m;
	start_symmetric(&o->symmetric, id->public_key);
	/* e */
	mix_ephemeral(&o->symmetric, m->ephemeral);
	/* es, s */
	return mix_dh(&o->symmetric, id->private_key, m->ephemeral) &&
	       unseal(&o->symmetric, o->remote_static, m->encrypted_static, WG_PUBLIC_LEN);
}

bool wg_noise_consume_initiation(struct wg_noise_opened *o, struct wg_handshake *h,
				 const struct wg_identity *id)
{
	/* ss, payload: {t} */
	return mix_static_static(&o->symmetric, h, id) &&
	       unseal(&o->symmetric, o->timestamp, o->message->encrypted_timestamp,
		      WG_TIMESTAMP_LEN);
}

bool wg_noise_create_response(struct wg_noise_opened *o, const struct wg_handshake *h,
			      struct wg_message_response *m, u32 index,
			      const u8 ephemeral[static 32], u8 send_key[static WG_SYMMETRIC_LEN],
			      u8 receive_key[static WG_SYMMETRIC_LEN])
{
	const u8 *const points[] = {NULL, o->message->ephemeral, h->remote_static};
	struct wg_symmetric *s = &o->symmetric;
	u8 products[3][32];
	bool good = wg_curve25519_each(products, ephemeral, points, 3);

	if (good) {
		memset(m, 0, sizeof(*m));
		wg_store_le32(m->type, WG_MESSAGE_RESPONSE);
		wg_store_le32(m->sender, index);
		memcpy(m->receiver, o->message->sender, sizeof(m->receiver));
		/* e */
		memcpy(m->ephemeral, products[0], sizeof(m->ephemeral));
		mix_ephemeral(s, m->ephemeral);
		/* ee, se */
		mix_chain(s, products[1]);
		mix_chain(s, products[2]);
		/* psk */
		mix_psk(s, h->preshared_key);
		/* payload: {} */
		seal(s, m->encrypted_nothing, NULL, 0);
		wg_kdf(receive_key, send_key, NULL, s->chaining_key, NULL, 0);
	}
	wg_ct_wipe(products, sizeof(products));
	return good;
}

bool wg_noise_consume_response(const struct wg_handshake *h, const struct wg_identity *id,
			       const struct wg_message_response *m,
			       u8 send_key[static WG_SYMMETRIC_LEN],
			       u8 receive_key[static WG_SYMMETRIC_LEN])
{
	struct wg_symmetric s = h->pending.symmetric;
	bool good;

	/* e */
	mix_ephemeral(&s, m->ephemeral);
	/* ee, se */
	good = mix_dh(&s, h->pending.ephemeral, m->ephemeral) &&
	       mix_dh(&s, id->private_key, m->ephemeral);
	if (good) {
		/* psk */
		mix_psk(&s, h->preshared_key);
		/* payload: {} */
		good = unseal(&s, NULL, m->encrypted_nothing, 0);
	}
	if (good)
		wg_kdf(send_key, receive_key, NULL, s.chaining_key, NULL, 0);
	wg_ct_wipe(&s, sizeof(s));
	return good;
}

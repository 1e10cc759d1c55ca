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
static const u8 zeros[WG_PUBLIC_LEN];

void wg_identity_set(struct wg_identity *id, const u8 private_key[static WG_PUBLIC_LEN])
{
	if (wg_ct_verdict(wg_ct_equal(private_key, zeros, WG_PUBLIC_LEN))) {
		wg_identity_wipe(id);
		return;
	}
	memcpy(id->private_key, private_key, WG_PUBLIC_LEN);
	wg_curve25519_clamp(id->private_key);
	wg_curve25519_public(id->public_key, id->private_key);
	id->present = true;
}

void wg_identity_wipe(struct wg_identity *id)
{
	wg_ct_wipe(id, sizeof(*id));
}

void wg_handshake_init(struct wg_handshake *h, const u8 remote_static[static WG_PUBLIC_LEN])
{
	memset(h, 0, sizeof(*h));
	memcpy(h->remote_static, remote_static, WG_PUBLIC_LEN);
}

void wg_handshake_reset(struct wg_handshake *h)
{
	wg_ct_wipe(h->static_static, sizeof(h->static_static));
	h->static_static_known = false;
	wg_handshake_clear(h);
}

void wg_handshake_clear(struct wg_handshake *h)
{
	wg_ct_wipe(h->ephemeral_private, sizeof(h->ephemeral_private));
	wg_ct_wipe(h->remote_ephemeral, sizeof(h->remote_ephemeral));
	wg_ct_wipe(h->hash, sizeof(h->hash));
	wg_ct_wipe(h->chaining_key, sizeof(h->chaining_key));
	h->local_index = 0;
	h->remote_index = 0;
	h->has_index = false;
	h->state = WG_HANDSHAKE_ZEROED;
}

static void mix_hash(u8 hash[static WG_HASH_LEN], const void *data, size_t len)
{
	struct wg_blake2s s;

	wg_blake2s_init(&s, WG_HASH_LEN, NULL, 0);
	wg_blake2s_update(&s, hash, WG_HASH_LEN);
	wg_blake2s_update(&s, data, len);
	wg_blake2s_final(&s, hash);
}

/* `key` is NULL where nothing is sealed with it. */
static void mix_key(u8 chaining_key[static WG_HASH_LEN], u8 *key, const u8 input[static 32])
{
	wg_kdf(chaining_key, key, NULL, chaining_key, input, 32);
}

/* False where the two agree on zeros. */
static bool mix_dh(u8 chaining_key[static WG_HASH_LEN], u8 *key, const u8 secret[static 32],
		   const u8 point[static 32])
{
	u8 shared[32];
	bool good = wg_curve25519(shared, secret, point);

	if (good)
		mix_key(chaining_key, key, shared);
	wg_ct_wipe(shared, sizeof(shared));
	return good;
}

static void mix_psk(u8 chaining_key[static WG_HASH_LEN], u8 hash[static WG_HASH_LEN],
		    u8 key[static WG_SYMMETRIC_LEN], const u8 psk[static WG_SYMMETRIC_LEN])
{
	u8 tau[WG_HASH_LEN];

	wg_kdf(chaining_key, tau, key, chaining_key, psk, WG_SYMMETRIC_LEN);
	mix_hash(hash, tau, sizeof(tau));
	wg_ct_wipe(tau, sizeof(tau));
}

/* An ephemeral key is hashed and, since there is a preshared key, mixed into the chaining key. */
static void mix_ephemeral(u8 chaining_key[static WG_HASH_LEN], u8 hash[static WG_HASH_LEN],
			  const u8 ephemeral[static WG_PUBLIC_LEN])
{
	mix_hash(hash, ephemeral, WG_PUBLIC_LEN);
	mix_key(chaining_key, NULL, ephemeral);
}

static void seal(u8 *dst, const u8 *src, size_t len, u8 hash[static WG_HASH_LEN],
		 const u8 key[static WG_SYMMETRIC_LEN])
{
	wg_chacha20poly1305_seal(dst, src, len, hash, WG_HASH_LEN, 0, key);
	mix_hash(hash, dst, len + WG_TAG_LEN);
}

static bool unseal(u8 *dst, const u8 *src, size_t len, u8 hash[static WG_HASH_LEN],
		   const u8 key[static WG_SYMMETRIC_LEN])
{
	if (!wg_chacha20poly1305_open(dst, src, len + WG_TAG_LEN, hash, WG_HASH_LEN, 0, key))
		return false;
	mix_hash(hash, src, len + WG_TAG_LEN);
	return true;
}

static void start(u8 chaining_key[static WG_HASH_LEN], u8 hash[static WG_HASH_LEN],
		  const u8 responder_static[static WG_PUBLIC_LEN])
{
	wg_blake2s(chaining_key, WG_HASH_LEN, construction, sizeof(construction) - 1, NULL, 0);
	memcpy(hash, chaining_key, WG_HASH_LEN);
	mix_hash(hash, identifier, sizeof(identifier) - 1);
	mix_hash(hash, responder_static, WG_PUBLIC_LEN); /* <- s */
}

static bool learn_static_static(struct wg_handshake *h, const struct wg_identity *id)
{
	if (!h->static_static_known)
		h->static_static_known =
			wg_curve25519(h->static_static, id->private_key, h->remote_static);
	return h->static_static_known;
}

static bool is_self(const struct wg_identity *id, const u8 public_key[static WG_PUBLIC_LEN])
{
	return wg_ct_verdict(wg_ct_equal(id->public_key, public_key, WG_PUBLIC_LEN));
}

static enum wg_noise_result write_initiation(struct wg_handshake *h, const struct wg_identity *id,
					     struct wg_message_initiation *m,
					     u8 key[static WG_SYMMETRIC_LEN])
{
	start(h->chaining_key, h->hash, h->remote_static);
	/* e */
	wg_curve25519_public(m->ephemeral, h->ephemeral_private);
	mix_ephemeral(h->chaining_key, h->hash, m->ephemeral);
	/* es */
	if (!mix_dh(h->chaining_key, key, h->ephemeral_private, h->remote_static))
		return WG_NOISE_LOW_ORDER;
	/* s */
	seal(m->encrypted_static, id->public_key, WG_PUBLIC_LEN, h->hash, key);
	/* ss */
	if (!learn_static_static(h, id))
		return WG_NOISE_LOW_ORDER;
	mix_key(h->chaining_key, key, h->static_static);
	/* payload: {t} */
	seal(m->encrypted_timestamp, h->sent_timestamp, WG_TIMESTAMP_LEN, h->hash, key);
	return WG_NOISE_OK;
}

enum wg_noise_result wg_noise_create_initiation(struct wg_handshake *h,
						const struct wg_identity *id,
						struct wg_message_initiation *m, u32 index,
						const u8 ephemeral[static 32], u64 unix_now)
{
	struct wg_handshake next;
	u8 key[WG_SYMMETRIC_LEN];
	enum wg_noise_result result;

	memset(m, 0, sizeof(*m));
	if (!id->present)
		return WG_NOISE_NO_IDENTITY;
	if (is_self(id, h->remote_static))
		return WG_NOISE_SELF;
	next = *h;
	memcpy(next.ephemeral_private, ephemeral, sizeof(next.ephemeral_private));
	wg_tai64n_after(next.sent_timestamp, h->sent_timestamp, unix_now);
	wg_store_le32(m->type, WG_MESSAGE_INITIATION);
	wg_store_le32(m->sender, index);
	result = write_initiation(&next, id, m, key);
	if (result == WG_NOISE_OK) {
		next.state = WG_HANDSHAKE_CREATED_INITIATION;
		next.local_index = index;
		next.has_index = true;
		*h = next;
	}
	wg_ct_wipe(&next, sizeof(next));
	wg_ct_wipe(key, sizeof(key));
	return result;
}

enum wg_noise_result wg_noise_open_initiation(struct wg_noise_opened *o,
					      const struct wg_identity *id,
					      const struct wg_message_initiation *m)
{
	memset(o, 0, sizeof(*o));
	if (!id->present)
		return WG_NOISE_NO_IDENTITY;
	start(o->chaining_key, o->hash, id->public_key);
	/* e */
	memcpy(o->remote_ephemeral, m->ephemeral, sizeof(o->remote_ephemeral));
	mix_ephemeral(o->chaining_key, o->hash, o->remote_ephemeral);
	/* es */
	if (!mix_dh(o->chaining_key, o->key, id->private_key, o->remote_ephemeral))
		return WG_NOISE_LOW_ORDER;
	/* s */
	if (!unseal(o->remote_static, m->encrypted_static, WG_PUBLIC_LEN, o->hash, o->key))
		return WG_NOISE_BAD_CRYPTO;
	return is_self(id, o->remote_static) ? WG_NOISE_SELF : WG_NOISE_OK;
}

/* `next` has the second half's hash and chaining key, and the timestamp as the latest. */
static enum wg_noise_result read_timestamp(struct wg_handshake *next,
					   const struct wg_noise_opened *o,
					   const struct wg_message_initiation *m)
{
	u8 key[WG_SYMMETRIC_LEN];
	bool good;

	memcpy(next->hash, o->hash, sizeof(next->hash));
	memcpy(next->chaining_key, o->chaining_key, sizeof(next->chaining_key));
	/* ss */
	mix_key(next->chaining_key, key, next->static_static);
	/* payload: {t} */
	good = unseal(next->latest_timestamp, m->encrypted_timestamp, WG_TIMESTAMP_LEN, next->hash,
		      key);
	wg_ct_wipe(key, sizeof(key));
	return good ? WG_NOISE_OK : WG_NOISE_BAD_CRYPTO;
}

static enum wg_noise_result fresh(const struct wg_handshake *h, const struct wg_handshake *next,
				  u64 now)
{
	if (!wg_tai64n_later(next->latest_timestamp, h->latest_timestamp))
		return WG_NOISE_REPLAY;
	if (h->last_initiation && now < h->last_initiation + WG_INITIATION_INTERVAL)
		return WG_NOISE_TOO_SOON;
	return WG_NOISE_OK;
}

enum wg_noise_result wg_noise_consume_initiation(struct wg_handshake *h,
						 const struct wg_identity *id,
						 const struct wg_noise_opened *o,
						 const struct wg_message_initiation *m, u64 now)
{
	struct wg_handshake next;
	enum wg_noise_result result;

	if (!id->present)
		return WG_NOISE_NO_IDENTITY;
	if (!learn_static_static(h, id))
		return WG_NOISE_LOW_ORDER;
	next = *h;
	result = read_timestamp(&next, o, m);
	if (result == WG_NOISE_OK)
		result = fresh(h, &next, now);
	if (result == WG_NOISE_OK) {
		memcpy(next.remote_ephemeral, o->remote_ephemeral, sizeof(next.remote_ephemeral));
		next.remote_index = wg_load_le32(m->sender);
		next.last_initiation = now;
		next.state = WG_HANDSHAKE_CONSUMED_INITIATION;
		*h = next;
	}
	wg_ct_wipe(&next, sizeof(next));
	return result;
}

static enum wg_noise_result write_response(struct wg_handshake *h, struct wg_message_response *m,
					   u8 key[static WG_SYMMETRIC_LEN])
{
	/* e */
	wg_curve25519_public(m->ephemeral, h->ephemeral_private);
	mix_ephemeral(h->chaining_key, h->hash, m->ephemeral);
	/* ee */
	if (!mix_dh(h->chaining_key, NULL, h->ephemeral_private, h->remote_ephemeral))
		return WG_NOISE_LOW_ORDER;
	/* se */
	if (!mix_dh(h->chaining_key, NULL, h->ephemeral_private, h->remote_static))
		return WG_NOISE_LOW_ORDER;
	/* psk */
	mix_psk(h->chaining_key, h->hash, key, h->preshared_key);
	/* payload: {} */
	seal(m->encrypted_nothing, NULL, 0, h->hash, key);
	return WG_NOISE_OK;
}

enum wg_noise_result wg_noise_create_response(struct wg_handshake *h, struct wg_message_response *m,
					      u32 index, const u8 ephemeral[static 32])
{
	struct wg_handshake next;
	u8 key[WG_SYMMETRIC_LEN];
	enum wg_noise_result result;

	memset(m, 0, sizeof(*m));
	if (h->state != WG_HANDSHAKE_CONSUMED_INITIATION)
		return WG_NOISE_WRONG_STATE;
	next = *h;
	memcpy(next.ephemeral_private, ephemeral, sizeof(next.ephemeral_private));
	wg_store_le32(m->type, WG_MESSAGE_RESPONSE);
	wg_store_le32(m->sender, index);
	wg_store_le32(m->receiver, h->remote_index);
	result = write_response(&next, m, key);
	if (result == WG_NOISE_OK) {
		next.state = WG_HANDSHAKE_CREATED_RESPONSE;
		next.local_index = index;
		next.has_index = true;
		*h = next;
	}
	wg_ct_wipe(&next, sizeof(next));
	wg_ct_wipe(key, sizeof(key));
	return result;
}

static enum wg_noise_result read_response(struct wg_handshake *h, const struct wg_identity *id,
					  const struct wg_message_response *m,
					  u8 key[static WG_SYMMETRIC_LEN])
{
	/* e */
	memcpy(h->remote_ephemeral, m->ephemeral, sizeof(h->remote_ephemeral));
	mix_ephemeral(h->chaining_key, h->hash, h->remote_ephemeral);
	/* ee */
	if (!mix_dh(h->chaining_key, NULL, h->ephemeral_private, h->remote_ephemeral))
		return WG_NOISE_LOW_ORDER;
	/* se */
	if (!mix_dh(h->chaining_key, NULL, id->private_key, h->remote_ephemeral))
		return WG_NOISE_LOW_ORDER;
	/* psk */
	mix_psk(h->chaining_key, h->hash, key, h->preshared_key);
	/* payload: {} */
	return unseal(NULL, m->encrypted_nothing, 0, h->hash, key) ? WG_NOISE_OK
								   : WG_NOISE_BAD_CRYPTO;
}

enum wg_noise_result wg_noise_consume_response(struct wg_handshake *h, const struct wg_identity *id,
					       const struct wg_message_response *m)
{
	struct wg_handshake next;
	u8 key[WG_SYMMETRIC_LEN];
	enum wg_noise_result result;

	if (!id->present)
		return WG_NOISE_NO_IDENTITY;
	if (h->state != WG_HANDSHAKE_CREATED_INITIATION)
		return WG_NOISE_WRONG_STATE;
	next = *h;
	result = read_response(&next, id, m, key);
	if (result == WG_NOISE_OK) {
		next.remote_index = wg_load_le32(m->sender);
		next.state = WG_HANDSHAKE_CONSUMED_RESPONSE;
		*h = next;
	}
	wg_ct_wipe(&next, sizeof(next));
	wg_ct_wipe(key, sizeof(key));
	return result;
}

enum wg_noise_result wg_noise_derive(struct wg_handshake *h, u8 send_key[static WG_SYMMETRIC_LEN],
				     u8 receive_key[static WG_SYMMETRIC_LEN], bool *initiator)
{
	if (h->state == WG_HANDSHAKE_CONSUMED_RESPONSE)
		*initiator = true;
	else if (h->state == WG_HANDSHAKE_CREATED_RESPONSE)
		*initiator = false;
	else
		return WG_NOISE_WRONG_STATE;
	if (*initiator)
		wg_kdf(send_key, receive_key, NULL, h->chaining_key, NULL, 0);
	else
		wg_kdf(receive_key, send_key, NULL, h->chaining_key, NULL, 0);
	wg_handshake_clear(h);
	return WG_NOISE_OK;
}

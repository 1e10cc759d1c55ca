// SPDX-License-Identifier: GPL-2.0
#include "cookie.h"
#include "../crypto/blake2s.h"
#include "../crypto/chacha20poly1305.h"
#include "../crypto/ct.h"

enum { LABEL_LEN = 8 };

static const u8 mac1_label[LABEL_LEN] = {'m', 'a', 'c', '1', '-', '-', '-', '-'};
static const u8 cookie_label[LABEL_LEN] = {'c', 'o', 'o', 'k', 'i', 'e', '-', '-'};

static void label_key(u8 key[static WG_SYMMETRIC_LEN], const u8 label[static LABEL_LEN],
		      const u8 public_key[static WG_PUBLIC_LEN])
{
	struct wg_blake2s s;

	wg_blake2s_init(&s, WG_SYMMETRIC_LEN, NULL, 0);
	wg_blake2s_update(&s, label, LABEL_LEN);
	wg_blake2s_update(&s, public_key, WG_PUBLIC_LEN);
	wg_blake2s_final(&s, key);
}

/* What mac1 is over, and mac2. */
static size_t before_mac1(size_t len)
{
	return len - sizeof(struct wg_message_macs);
}

static size_t before_mac2(size_t len)
{
	return len - WG_MAC_LEN;
}

static void compute_mac1(u8 mac[static WG_MAC_LEN], const u8 *message, size_t len,
			 const u8 key[static WG_SYMMETRIC_LEN])
{
	wg_blake2s(mac, WG_MAC_LEN, message, before_mac1(len), key, WG_SYMMETRIC_LEN);
}

static void compute_mac2(u8 mac[static WG_MAC_LEN], const u8 *message, size_t len,
			 const u8 cookie[static WG_COOKIE_LEN])
{
	wg_blake2s(mac, WG_MAC_LEN, message, before_mac2(len), cookie, WG_COOKIE_LEN);
}

static bool same_mac(const u8 a[static WG_MAC_LEN], const u8 b[static WG_MAC_LEN])
{
	return wg_ct_verdict(wg_ct_equal(a, b, WG_MAC_LEN));
}

void wg_cookie_checker_init(struct wg_cookie_checker *c, const u8 public_key[static WG_PUBLIC_LEN])
{
	wg_ct_wipe(c, sizeof(*c));
	label_key(c->mac1_key, mac1_label, public_key);
	label_key(c->cookie_key, cookie_label, public_key);
}

/* The cookie that this address has at present. The two families differ in length. */
static void make_cookie(struct wg_cookie_checker *c, u8 cookie[static WG_COOKIE_LEN],
			const struct wg_addr *from, const u8 random[static 32], u64 now)
{
	struct wg_blake2s s;

	if (!c->secret_birth || now >= c->secret_birth + WG_COOKIE_SECRET_TIME) {
		memcpy(c->secret, random, sizeof(c->secret));
		c->secret_birth = now;
	}
	wg_blake2s_init(&s, WG_COOKIE_LEN, c->secret, sizeof(c->secret));
	wg_blake2s_update(&s, from->ip, from->family == 4 ? 4 : 16);
	wg_blake2s_update(&s, from->port, sizeof(from->port));
	wg_blake2s_final(&s, cookie);
}

enum wg_mac_state wg_cookie_check(struct wg_cookie_checker *c, const u8 *message, size_t len,
				  const struct wg_addr *from, bool with_cookie,
				  const u8 random[static 32], u64 now)
{
	u8 mac[WG_MAC_LEN], cookie[WG_COOKIE_LEN];
	bool good;

	compute_mac1(mac, message, len, c->mac1_key);
	if (!same_mac(mac, message + before_mac1(len)))
		return WG_MAC_INVALID;
	if (!with_cookie)
		return WG_MAC_VALID;
	make_cookie(c, cookie, from, random, now);
	compute_mac2(mac, message, len, cookie);
	good = same_mac(mac, message + before_mac2(len));
	wg_ct_wipe(cookie, sizeof(cookie));
	wg_ct_wipe(mac, sizeof(mac));
	return good ? WG_MAC_VALID_WITH_COOKIE : WG_MAC_VALID;
}

void wg_cookie_create(struct wg_cookie_checker *c, struct wg_message_cookie *reply,
		      const u8 *message, size_t len, const struct wg_addr *from,
		      const u8 nonce[static WG_COOKIE_NONCE_LEN], const u8 random[static 32],
		      u64 now)
{
	u8 cookie[WG_COOKIE_LEN];

	wg_store_le32(reply->type, WG_MESSAGE_COOKIE);
	/* Both kinds of message have their sender's index in the same place. */
	memcpy(reply->receiver, message + sizeof(reply->type), sizeof(reply->receiver));
	memcpy(reply->nonce, nonce, sizeof(reply->nonce));
	make_cookie(c, cookie, from, random, now);
	wg_xchacha20poly1305_seal(reply->encrypted_cookie, cookie, sizeof(cookie),
				  message + before_mac1(len), WG_MAC_LEN, reply->nonce,
				  c->cookie_key);
	wg_ct_wipe(cookie, sizeof(cookie));
}

void wg_cookie_add_macs(struct wg_cookie_jar *jar, const u8 remote_public[static WG_PUBLIC_LEN],
			u8 *message, size_t len, u64 now)
{
	u8 key[WG_SYMMETRIC_LEN];

	label_key(key, mac1_label, remote_public);
	compute_mac1(jar->last_mac1, message, len, key);
	memcpy(message + before_mac1(len), jar->last_mac1, WG_MAC_LEN);
	jar->sent_mac1 = true;
	if (jar->birth && now < jar->birth + WG_COOKIE_SECRET_TIME - WG_COOKIE_LATENCY)
		compute_mac2(message + before_mac2(len), message, len, jar->cookie);
	else
		memset(message + before_mac2(len), 0, WG_MAC_LEN);
}

bool wg_cookie_consume(struct wg_cookie_jar *jar, const u8 remote_public[static WG_PUBLIC_LEN],
		       const struct wg_message_cookie *reply, u64 now)
{
	u8 key[WG_SYMMETRIC_LEN];

	if (!jar->sent_mac1)
		return false;
	label_key(key, cookie_label, remote_public);
	if (!wg_xchacha20poly1305_open(jar->cookie, reply->encrypted_cookie,
				       sizeof(reply->encrypted_cookie), jar->last_mac1, WG_MAC_LEN,
				       reply->nonce, key))
		return false;
	jar->birth = now;
	/* A message is answered once. */
	jar->sent_mac1 = false;
	return true;
}

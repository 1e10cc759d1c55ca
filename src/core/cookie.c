// SPDX-License-Identifier: GPL-2.0
#include "cookie.h"
#include "../crypto/blake2s.h"
#include "../crypto/chacha20poly1305.h"
#include "../crypto/ct.h"

static const char mac1_label[] = "mac1----", cookie_label[] = "cookie--";

static void label_key(u8 key[static WG_SYMMETRIC_LEN], const char *label,
		      const u8 public_key[static WG_PUBLIC_LEN])
{
	struct wg_blake2s s;

	wg_blake2s_init(&s, WG_SYMMETRIC_LEN, NULL, 0);
	wg_blake2s_update(&s, label, sizeof(mac1_label) - 1);
	wg_blake2s_update(&s, public_key, WG_PUBLIC_LEN);
	wg_blake2s_final(&s, key);
}

static bool same_mac(const u8 a[static WG_MAC_LEN], const u8 b[static WG_MAC_LEN])
{
	return wg_ct_declassify(wg_ct_equal(a, b, WG_MAC_LEN));
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

	if (!c->secret_created_at || now >= c->secret_created_at + WG_COOKIE_SECRET_TIME) {
		memcpy(c->secret, random, sizeof(c->secret));
		c->secret_created_at = now;
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
	const struct wg_message_macs *macs = (const void *)(message + len - sizeof(*macs));
	u8 mac[WG_MAC_LEN], cookie[WG_COOKIE_LEN];
	bool good;

	wg_blake2s(mac, WG_MAC_LEN, message, len - sizeof(*macs), c->mac1_key, WG_SYMMETRIC_LEN);
	if (!same_mac(mac, macs->mac1))
		return WG_MAC_INVALID;
	if (!with_cookie)
		return WG_MAC_VALID;
	make_cookie(c, cookie, from, random, now);
	wg_blake2s(mac, WG_MAC_LEN, message, len - WG_MAC_LEN, cookie, WG_COOKIE_LEN);
	good = same_mac(mac, macs->mac2);
	wg_ct_wipe(cookie, sizeof(cookie));
	wg_ct_wipe(mac, sizeof(mac));
	return good ? WG_MAC_VALID_WITH_COOKIE : WG_MAC_VALID;
}

void wg_cookie_create(struct wg_cookie_checker *c, struct wg_message_cookie *reply,
		      const u8 *message, size_t len, const struct wg_addr *from,
		      const u8 nonce[static WG_COOKIE_NONCE_LEN], const u8 random[static 32],
		      u64 now)
{
	const struct wg_message_macs *macs = (const void *)(message + len - sizeof(*macs));
	u8 cookie[WG_COOKIE_LEN];

	wg_store_le32(reply->type, WG_MESSAGE_COOKIE);
	/* Both kinds of message have their sender's index in the same place. */
	memcpy(reply->receiver, message + sizeof(reply->type), sizeof(reply->receiver));
	memcpy(reply->nonce, nonce, sizeof(reply->nonce));
	make_cookie(c, cookie, from, random, now);
	wg_xchacha20poly1305_seal(reply->encrypted_cookie, cookie, sizeof(cookie), macs->mac1,
				  WG_MAC_LEN, reply->nonce, c->cookie_key);
	wg_ct_wipe(cookie, sizeof(cookie));
}

void wg_cookie_add_macs(struct wg_cookie_jar *jar, const u8 remote_public[static WG_PUBLIC_LEN],
			u8 *message, size_t len, u64 now)
{
	struct wg_message_macs *macs = (void *)(message + len - sizeof(*macs));
	u8 key[WG_SYMMETRIC_LEN];

	label_key(key, mac1_label, remote_public);
	wg_blake2s(macs->mac1, WG_MAC_LEN, message, len - sizeof(*macs), key, WG_SYMMETRIC_LEN);
	memcpy(jar->last_mac1, macs->mac1, WG_MAC_LEN);
	jar->sent_mac1 = true;
	if (jar->created_at && now < jar->created_at + WG_COOKIE_SECRET_TIME - WG_COOKIE_LATENCY)
		wg_blake2s(macs->mac2, WG_MAC_LEN, message, len - WG_MAC_LEN, jar->cookie,
			   WG_COOKIE_LEN);
	else
		memset(macs->mac2, 0, WG_MAC_LEN);
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
	jar->created_at = now;
	/* A message is answered once. */
	jar->sent_mac1 = false;
	return true;
}

// SPDX-License-Identifier: GPL-2.0
#include "cookie.h"
#include "../crypto/blake2s.h"
#include "../crypto/chacha20poly1305.h"
#include "../crypto/ct.h"

static const char mac1_label[] = "mac1----", cookie_label[] = "cookie--";
static const u8 no_mac[WG_MAC_LEN];

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
	label_key(c->mac1_key, mac1_label, public_key);
	label_key(c->cookie_key, cookie_label, public_key);
}

bool wg_cookie_has_mac1(const struct wg_cookie_checker *c, const u8 *message, size_t len)
{
	const struct wg_message_macs *macs = (const void *)(message + len - sizeof(*macs));
	u8 mac[WG_MAC_LEN];

	wg_blake2s(mac, WG_MAC_LEN, message, len - sizeof(*macs), c->mac1_key, WG_SYMMETRIC_LEN);
	return same_mac(mac, macs->mac1);
}

/* The identity takes part, so that a new one makes the cookies of the old one worthless. */
static void derive_secret(const struct wg_cookie_checker *c, u8 secret[static WG_SYMMETRIC_LEN],
			  u64 interval)
{
	struct wg_blake2s s;
	u8 number[8];

	wg_store_le64(number, interval);
	wg_blake2s_init(&s, WG_SYMMETRIC_LEN, c->master, sizeof(c->master));
	wg_blake2s_update(&s, number, sizeof(number));
	wg_blake2s_update(&s, c->mac1_key, sizeof(c->mac1_key));
	wg_blake2s_final(&s, secret);
}

/* The two families differ in length, so that none has the cookies of the other. */
void wg_cookie_of(u8 cookie[static WG_COOKIE_LEN], const u8 secret[static WG_SYMMETRIC_LEN],
		  const struct wg_addr *from)
{
	struct wg_blake2s s;

	wg_blake2s_init(&s, WG_COOKIE_LEN, secret, WG_SYMMETRIC_LEN);
	wg_blake2s_update(&s, from->ip, from->family == 4 ? 4 : 16);
	wg_blake2s_update(&s, from->port, sizeof(from->port));
	wg_blake2s_final(&s, cookie);
}

static void cookie_at(const struct wg_cookie_checker *c, u8 cookie[static WG_COOKIE_LEN],
		      const struct wg_addr *from, u64 interval)
{
	u8 secret[WG_SYMMETRIC_LEN];

	derive_secret(c, secret, interval);
	wg_cookie_of(cookie, secret, from);
	wg_ct_wipe(secret, sizeof(secret));
}

/* Returns now / WG_COOKIE_SECRET_TIME. Some kernels cannot divide 64 bits. */
static u64 interval_at(u64 now)
{
	u64 interval = 0;

	for (int bit = 27; bit >= 0; bit--) {
		if (now >= WG_COOKIE_SECRET_TIME << bit) {
			now -= WG_COOKIE_SECRET_TIME << bit;
			interval |= 1ULL << bit;
		}
	}
	return interval;
}

bool wg_cookie_has_mac2(const struct wg_cookie_checker *c, const u8 *message, size_t len,
			const struct wg_addr *from, u64 now)
{
	const struct wg_message_macs *macs = (const void *)(message + len - sizeof(*macs));
	u64 interval = interval_at(now);
	u8 mac[WG_MAC_LEN], cookie[WG_COOKIE_LEN];
	bool good = false;

	if (same_mac(macs->mac2, no_mac))
		return false;
	for (u64 age = 0; age <= 1 && age <= interval && !good; age++) {
		cookie_at(c, cookie, from, interval - age);
		wg_blake2s(mac, WG_MAC_LEN, message, len - WG_MAC_LEN, cookie, WG_COOKIE_LEN);
		good = same_mac(mac, macs->mac2);
	}
	wg_ct_wipe(cookie, sizeof(cookie));
	wg_ct_wipe(mac, sizeof(mac));
	return good;
}

void wg_cookie_seal(const struct wg_cookie_checker *c, struct wg_message_cookie *reply,
		    const u8 *message, size_t len, const u8 cookie[static WG_COOKIE_LEN],
		    const u8 nonce[static WG_COOKIE_NONCE_LEN])
{
	const struct wg_message_macs *macs = (const void *)(message + len - sizeof(*macs));

	wg_store_le32(reply->type, WG_MESSAGE_COOKIE);
	/* Both kinds of message have their sender's index in the same place. */
	memcpy(reply->receiver, message + sizeof(reply->type), sizeof(reply->receiver));
	memcpy(reply->nonce, nonce, sizeof(reply->nonce));
	wg_xchacha20poly1305_seal(reply->encrypted_cookie, cookie, WG_COOKIE_LEN, macs->mac1,
				  WG_MAC_LEN, reply->nonce, c->cookie_key);
}

void wg_cookie_create(const struct wg_cookie_checker *c, struct wg_message_cookie *reply,
		      const u8 *message, size_t len, const struct wg_addr *from,
		      const u8 nonce[static WG_COOKIE_NONCE_LEN], u64 now)
{
	u8 cookie[WG_COOKIE_LEN];

	cookie_at(c, cookie, from, interval_at(now));
	wg_cookie_seal(c, reply, message, len, cookie, nonce);
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

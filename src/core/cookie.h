/* SPDX-License-Identifier: GPL-2.0 */
/* mac1, mac2 and cookies (paper sections 5.4.4 and 5.4.7): what a sender has to show before a
 * handshake is computed for it. */
#ifndef WG_CORE_COOKIE_H
#define WG_CORE_COOKIE_H

#include "messages.h"

/* Where a message came from, as a cookie binds it. */
struct wg_addr {
	u8 ip[16]; /* IPv4 in the first four bytes, then zeros */
	u8 port[2]; /* network order */
	u8 family; /* 4 or 6 */
};

/* What checks the macs of messages that come in. It does not change between two calls of
 * wg_cookie_checker_init(), so that any number of threads may check at the same time.
 *
 * The secret that a cookie is made with (the paper's R_m) changes every WG_COOKIE_SECRET_TIME: it
 * is derived from `master` and the number of that interval. A cookie is good until the end of the
 * interval after the one it was made in, because its owner uses it for WG_COOKIE_SECRET_TIME less
 * WG_COOKIE_LATENCY, whenever it got it. */
struct wg_cookie_checker {
	u8 mac1_key[WG_SYMMETRIC_LEN], cookie_key[WG_SYMMETRIC_LEN];
	u8 master[WG_SYMMETRIC_LEN]; /* random; the host sets it once */
};

/* What we hold for one remote, for messages that we send to it. Keys are derived from its public
 * key when needed. */
struct wg_cookie_jar {
	u8 cookie[WG_COOKIE_LEN];
	u8 last_mac1[WG_MAC_LEN]; /* that a cookie reply must answer */
	u64 created_at;		  /* of the cookie; 0: there is none */
	bool sent_mac1;
};

/* Derives the keys of mac1 and of cookie replies from our public key. `master` stays; the cookies
 * that were made for another public key are not good any more. */
void wg_cookie_checker_init(struct wg_cookie_checker *c, const u8 public_key[static WG_PUBLIC_LEN]);

/* The functions below take an initiation or a response, whole: `len` is its length. */

/* Returns whether mac1 is right, that is, whether the sender knows our public key. */
bool wg_cookie_has_mac1(const struct wg_cookie_checker *c, const u8 *message, size_t len);
/* Returns whether mac2 is right, that is, whether the sender received a cookie at `from` during
 * this interval or the one before. A mac2 of zeros claims nothing, and costs nothing. */
bool wg_cookie_has_mac2(const struct wg_cookie_checker *c, const u8 *message, size_t len,
			const struct wg_addr *from, u64 now);
/* Writes the cookie reply to such a message. `nonce` is random and used once. */
void wg_cookie_create(const struct wg_cookie_checker *c, struct wg_message_cookie *reply,
		      const u8 *message, size_t len, const struct wg_addr *from,
		      const u8 nonce[static WG_COOKIE_NONCE_LEN], u64 now);

/* The two parts of the functions above that know no time: tests call them with given secrets. */
void wg_cookie_of(u8 cookie[static WG_COOKIE_LEN], const u8 secret[static WG_SYMMETRIC_LEN],
		  const struct wg_addr *from);
void wg_cookie_seal(const struct wg_cookie_checker *c, struct wg_message_cookie *reply,
		    const u8 *message, size_t len, const u8 cookie[static WG_COOKIE_LEN],
		    const u8 nonce[static WG_COOKIE_NONCE_LEN]);

/* Writes both macs at the end of a message to the remote with this public key. */
void wg_cookie_add_macs(struct wg_cookie_jar *jar, const u8 remote_public[static WG_PUBLIC_LEN],
			u8 *message, size_t len, u64 now);
/* Takes in a cookie reply. Returns false if it is not authentic or answers nothing of ours. */
bool wg_cookie_consume(struct wg_cookie_jar *jar, const u8 remote_public[static WG_PUBLIC_LEN],
		       const struct wg_message_cookie *reply, u64 now);

#endif

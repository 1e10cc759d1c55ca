/* SPDX-License-Identifier: GPL-2.0 */
/* mac1, mac2 and cookies (paper sections 5.4.4 and 5.4.7): who may make us compute a handshake
 * while we are under load. */
#ifndef WG_CORE_COOKIE_H
#define WG_CORE_COOKIE_H

#include "messages.h"

/* Where a message came from, as a cookie binds it. */
struct wg_addr {
	u8 ip[16]; /* IPv4 in the first four bytes, then zeros */
	u8 port[2]; /* network order */
	u8 family; /* 4 or 6 */
};

/* Ours: for messages that come in. */
struct wg_cookie_checker {
	u8 mac1_key[WG_SYMMETRIC_LEN], cookie_key[WG_SYMMETRIC_LEN];
	u8 secret[WG_SYMMETRIC_LEN];
	u64 secret_created_at; /* 0: there is no secret yet */
};

/* What we hold for one remote: for messages that we send to it. Keys are derived from its public
 * key when needed. */
struct wg_cookie_jar {
	u8 cookie[WG_COOKIE_LEN];
	u8 last_mac1[WG_MAC_LEN]; /* that a cookie reply must answer */
	u64 created_at;		  /* of the cookie; 0: there is none */
	bool sent_mac1;
};

enum wg_mac_state {
	WG_MAC_INVALID,
	WG_MAC_VALID,		/* mac1 is right */
	WG_MAC_VALID_WITH_COOKIE, /* mac2, too */
};

void wg_cookie_checker_init(struct wg_cookie_checker *c, const u8 public_key[static WG_PUBLIC_LEN]);
/* `message` and `len`: initiation or response, whole. `random` becomes the next secret where the
 * present one is too old. */
enum wg_mac_state wg_cookie_check(struct wg_cookie_checker *c, const u8 *message, size_t len,
				  const struct wg_addr *from, bool with_cookie,
				  const u8 random[static 32], u64 now);
/* The reply to such a message, whose sender's index is `receiver`. `random`: as above. */
void wg_cookie_create(struct wg_cookie_checker *c, struct wg_message_cookie *reply,
		      const u8 *message, size_t len, const struct wg_addr *from,
		      const u8 nonce[static WG_COOKIE_NONCE_LEN], const u8 random[static 32],
		      u64 now);
/* Writes both macs at the end of a message to the remote with this public key. */
void wg_cookie_add_macs(struct wg_cookie_jar *jar, const u8 remote_public[static WG_PUBLIC_LEN],
			u8 *message, size_t len, u64 now);
/* A cookie reply came. False where it is not authentic or answers nothing of ours. */
bool wg_cookie_consume(struct wg_cookie_jar *jar, const u8 remote_public[static WG_PUBLIC_LEN],
		       const struct wg_message_cookie *reply, u64 now);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What is on the wire, and every number of the protocol (WireGuard paper, sections 5.4 and 6.1).
 * All fields are bytes, little-endian where they are numbers: a message may lie anywhere. */
#ifndef WG_CORE_MESSAGES_H
#define WG_CORE_MESSAGES_H

#include "../port.h"

enum wg_len {
	WG_PUBLIC_LEN = 32,
	WG_SYMMETRIC_LEN = 32,
	WG_HASH_LEN = 32,
	WG_TIMESTAMP_LEN = 12,
	WG_TAG_LEN = 16,
	WG_MAC_LEN = 16,
	WG_COOKIE_LEN = 16,
	WG_COOKIE_NONCE_LEN = 24,
};

enum wg_message_type {
	WG_MESSAGE_INITIATION = 1,
	WG_MESSAGE_RESPONSE = 2,
	WG_MESSAGE_COOKIE = 3,
	WG_MESSAGE_DATA = 4,
};

/* Times in nanoseconds. */
#define WG_SECOND 1000000000ULL
#define WG_REKEY_AFTER_TIME	 (120 * WG_SECOND)
#define WG_REJECT_AFTER_TIME	 (180 * WG_SECOND)
#define WG_REKEY_TIMEOUT	 (5 * WG_SECOND)
#define WG_REKEY_TIMEOUT_JITTER	 (WG_SECOND / 3) /* the most that is added to it */
#define WG_REKEY_ATTEMPT_TIME	 (90 * WG_SECOND)
#define WG_KEEPALIVE_TIMEOUT	 (10 * WG_SECOND)
#define WG_COOKIE_SECRET_TIME	 (120 * WG_SECOND)
#define WG_COOKIE_LATENCY	 (5 * WG_SECOND) /* a cookie is not used this long before it ends */
#define WG_INITIATION_INTERVAL	 (WG_SECOND / 50) /* the least between two of one peer */

/* Counts of messages under one key. */
#define WG_REKEY_AFTER_MESSAGES	 (1ULL << 60)
#define WG_REJECT_AFTER_MESSAGES (UINT64_MAX - (1ULL << 13))

enum wg_limit {
	WG_MAX_ATTEMPTS = 18, /* initiations without an answer before giving up: 90 s / 5 s */
	WG_MAX_STAGED = 128,  /* packets that wait for a session, a peer */
	WG_MAX_PEERS = 1 << 20,
	WG_PADDING = 16, /* plaintext is padded with zeros to a multiple of this */
};

/* The end of an initiation and a response: mac1 is over all before it, and so is mac2. */
struct wg_message_macs {
	u8 mac1[WG_MAC_LEN], mac2[WG_MAC_LEN];
};

struct wg_message_initiation {
	u8 type[4], sender[4];
	u8 ephemeral[WG_PUBLIC_LEN];
	u8 encrypted_static[WG_PUBLIC_LEN + WG_TAG_LEN];
	u8 encrypted_timestamp[WG_TIMESTAMP_LEN + WG_TAG_LEN];
	struct wg_message_macs macs;
};

struct wg_message_response {
	u8 type[4], sender[4], receiver[4];
	u8 ephemeral[WG_PUBLIC_LEN];
	u8 encrypted_nothing[WG_TAG_LEN];
	struct wg_message_macs macs;
};

struct wg_message_cookie {
	u8 type[4], receiver[4];
	u8 nonce[WG_COOKIE_NONCE_LEN];
	u8 encrypted_cookie[WG_COOKIE_LEN + WG_TAG_LEN];
};

/* The sealed packet and its tag follow. */
struct wg_message_data {
	u8 type[4], receiver[4];
	u8 counter[8];
};

enum wg_message_len {
	WG_INITIATION_LEN = sizeof(struct wg_message_initiation),
	WG_RESPONSE_LEN = sizeof(struct wg_message_response),
	WG_COOKIE_MESSAGE_LEN = sizeof(struct wg_message_cookie),
	WG_DATA_HEADER_LEN = sizeof(struct wg_message_data),
	WG_DATA_OVERHEAD = WG_DATA_HEADER_LEN + WG_TAG_LEN,
	WG_HANDSHAKE_MAX = WG_INITIATION_LEN, /* no handshake message is longer */
};

/* Returns WG_MESSAGE_INITIATION, _RESPONSE or _COOKIE if `len`, the length of the whole message, is
 * that type's; else 0. Reads no more than the type. */
static inline u32 wg_message_handshake_type(const u8 *message, size_t len)
{
	u32 type = len >= 4 ? wg_load_le32(message) : 0;

	if ((type == WG_MESSAGE_INITIATION && len == WG_INITIATION_LEN) ||
	    (type == WG_MESSAGE_RESPONSE && len == WG_RESPONSE_LEN) ||
	    (type == WG_MESSAGE_COOKIE && len == WG_COOKIE_MESSAGE_LEN))
		return type;
	return 0;
}

/* Returns where our index is in a response or a cookie reply: four bytes. */
static inline const u8 *wg_message_receiver(const u8 *message)
{
	return wg_load_le32(message) == WG_MESSAGE_COOKIE ?
		       ((const struct wg_message_cookie *)message)->receiver :
		       ((const struct wg_message_response *)message)->receiver;
}

/* Returns the length of a packet's plaintext with its padding, which does not go beyond `mtu`
 * unless the packet does. */
static inline size_t wg_message_padded(size_t len, size_t mtu)
{
	size_t padded = (len + WG_PADDING - 1) & ~(size_t)(WG_PADDING - 1);

	return padded <= mtu || len > mtu ? padded : mtu;
}

#endif

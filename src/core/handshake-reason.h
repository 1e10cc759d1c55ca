/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of what becomes of handshakes: messages that arrive, and initiations of ours. Logs,
 * counters and tools of both hosts share these names, in this order. */
#ifndef WG_CORE_HANDSHAKE_REASON_H
#define WG_CORE_HANDSHAKE_REASON_H

#include "handshake.h"

/* What became of an initiation of ours. The numbers follow those of enum wg_handshake_result, so
 * that either is a row. */
enum wg_initiation_result {
	WG_INITIATION_SENT = WG_HANDSHAKE_RESULTS,
	WG_INITIATION_UNANSWERED,  /* no response within WG_REKEY_TIMEOUT; another is sent */
	WG_INITIATION_GAVE_UP,	   /* no response to any of WG_MAX_ATTEMPTS */
	WG_INITIATION_NO_ENDPOINT, /* the peer's address is not known */
	WG_INITIATION_NO_IDENTITY, /* we have no private key */
	WG_INITIATION_OWN_KEY,	   /* the peer's public key is ours */
	WG_INITIATION_LOW_ORDER,   /* the peer's public key is none that a private key can have */
	WG_INITIATION_NO_MEMORY,   /* or no random bytes */
	WG_INITIATION_NOT_SENT,	   /* the host's kernel refused the datagram */
	WG_HANDSHAKE_REASONS,	   /* how many rows there are */
};

/* The least time between two sentences in the log about one reason and one slot of peers, in ns, so
 * that a flood of one reason neither fills the log nor hides another reason. */
#define WG_HANDSHAKE_REASON_INTERVAL WG_SECOND
/* Messages of unknown peers share one slot, and known peers share the others: a flood of forged
 * messages does not hide the peer whose preshared key is wrong. */
#define WG_HANDSHAKE_REASON_SLOTS    9

/* Returns the slot of a peer, below WG_HANDSHAKE_REASON_SLOTS. `public_key` is NULL for an unknown
 * peer. */
unsigned int wg_handshake_reason_slot(const u8 *public_key);

/* Returns the name of a row for tools, for example "handshake-bad-mac": stable, lower case and
 * hyphens, shorter than 32 bytes. `row` is below WG_HANDSHAKE_REASONS. */
const char *wg_handshake_reason_name(unsigned int row);
/* Returns the row as half a sentence for the log: what is wrong, and what it means where that is
 * not plain. */
const char *wg_handshake_reason_text(unsigned int row);
/* Returns true if the row tells of a handshake that went well, or goes on. */
bool wg_handshake_reason_is_success(unsigned int row);

/* A peer in the log: the first characters of its public key in base64, as `wg show` has them, and
 * three dots. */
#define WG_PEER_TEXT_LEN 12 /* with the final zero */
void wg_peer_text(char out[static WG_PEER_TEXT_LEN], const u8 public_key[static WG_PUBLIC_LEN]);

/* Returns why wg_handshake_initiate() failed. The caller still holds the locks of that call. It
 * costs a multiplication on the curve. */
enum wg_initiation_result wg_handshake_initiate_failure(const struct wg_local *l,
							const struct wg_remote *r);

#endif

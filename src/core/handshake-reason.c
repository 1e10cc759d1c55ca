// SPDX-License-Identifier: GPL-2.0
#include "handshake-reason.h"
#include "../crypto/ct.h"
#include "../crypto/curve25519.h"

struct row {
	const char *name, *text;
	bool success;
};

static const struct row rows[WG_HANDSHAKE_REASONS] = {
	[WG_HANDSHAKE_ADMITTED] = {"handshake-admitted", "it is queued", true},
	[WG_HANDSHAKE_RESPONDED] = {"handshake-responded", "an initiation was answered", true},
	[WG_HANDSHAKE_COMPLETED] = {"handshake-completed", "a response arrived", true},
	[WG_HANDSHAKE_COOKIE_REPLY] = {"handshake-cookie-reply",
		"we are under load: the sender has to show by a cookie that it is where it says", false},
	[WG_HANDSHAKE_NO_ROOM] = {"handshake-no-room",
				  "too many messages wait already: it is dropped", false},
	[WG_HANDSHAKE_NO_BUDGET] = {"handshake-no-budget",
				    "we are under load, and too many cookie replies were sent", false},
	[WG_HANDSHAKE_COOKIE_TAKEN] = {"handshake-cookie-taken",
		"the peer is under load and asks for a cookie: the next initiation has it", false},
	[WG_HANDSHAKE_MALFORMED] = {"handshake-malformed",
				    "it has not the type and the length of a handshake message", false},
	[WG_HANDSHAKE_BAD_MAC] = {"handshake-bad-mac",
				  "mac1 is wrong: the sender has another public key for us", false},
	[WG_HANDSHAKE_RATE_LIMITED] = {"handshake-rate-limited",
				       "we are under load, and its source has had its share", false},
	[WG_HANDSHAKE_UNKNOWN] = {"handshake-unknown",
				  "it names no peer of ours, or no handshake that is under way", false},
	[WG_HANDSHAKE_FORGED] = {"handshake-forged",
		"it is not authentic: the keys or the preshared keys differ, or it was damaged", false},
	[WG_HANDSHAKE_REPLAYED] = {"handshake-replayed",
		"its timestamp is not newer than the last one: seen before, or the sender's clock went back", false},
	[WG_HANDSHAKE_TOO_SOON] = {"handshake-too-soon", "it came too soon after the last one", false},
	[WG_HANDSHAKE_NO_IDENTITY] = {"handshake-no-identity", "we have no private key", false},
	[WG_HANDSHAKE_NO_MEMORY] = {"handshake-no-memory", "there is no memory for a session", false},
	[WG_INITIATION_SENT] = {"initiation-sent", "an initiation was sent", true},
	[WG_INITIATION_UNANSWERED] = {"initiation-unanswered",
				      "no response within 5 seconds: the initiation is sent again", false},
	[WG_INITIATION_GAVE_UP] = {"initiation-gave-up",
		"no response within 90 seconds: the packets that waited are dropped", false},
	[WG_INITIATION_NO_ENDPOINT] = {"initiation-no-endpoint", "the peer has no endpoint", false},
	[WG_INITIATION_NO_IDENTITY] = {"initiation-no-identity", "we have no private key", false},
	[WG_INITIATION_OWN_KEY] = {"initiation-own-key", "the peer's public key is our own", false},
	[WG_INITIATION_LOW_ORDER] = {"initiation-low-order",
				     "the peer's public key is not valid (a point of low order)", false},
	[WG_INITIATION_NO_MEMORY] = {"initiation-no-memory",
				     "there is no memory for an initiation, or no randomness", false},
	[WG_INITIATION_NOT_SENT] = {"initiation-not-sent", "the initiation cannot be sent", false},
};

const char *wg_handshake_reason_name(unsigned int row)
{
	return rows[row].name;
}

const char *wg_handshake_reason_text(unsigned int row)
{
	return rows[row].text;
}

bool wg_handshake_reason_is_success(unsigned int row)
{
	return rows[row].success;
}

unsigned int wg_handshake_reason_slot(const u8 *public_key)
{
	return public_key ? 1 + public_key[0] % (WG_HANDSHAKE_REASON_SLOTS - 1) : 0;
}

void wg_peer_text(char out[static WG_PEER_TEXT_LEN], const u8 public_key[static WG_PUBLIC_LEN])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	u64 bits = wg_load_be64(public_key);

	for (u32 i = 0; i < WG_PEER_TEXT_LEN - 4; i++)
		out[i] = digits[bits >> (58 - 6 * i) & 63];
	memcpy(out + WG_PEER_TEXT_LEN - 4, "...", 4);
}

enum wg_initiation_result wg_handshake_initiate_failure(const struct wg_local *l,
							const struct wg_remote *r)
{
	const u8 *key = r->handshake.remote_static;
	u8 shared[WG_PUBLIC_LEN];
	bool good;

	if (!l->identity.present)
		return WG_INITIATION_NO_IDENTITY;
	if (!memcmp(l->identity.public_key, key, WG_PUBLIC_LEN))
		return WG_INITIATION_OWN_KEY;
	good = wg_curve25519(shared, l->identity.private_key, key);
	wg_ct_wipe(shared, sizeof(shared));
	return good ? WG_INITIATION_NO_MEMORY : WG_INITIATION_LOW_ORDER;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Dropped packets, counted by reason. Each reason has one cause, and one place in the code where
 * it is counted. All threads count; the control thread logs what is new. */
#ifndef WG_TUN_DROPS_H
#define WG_TUN_DROPS_H

#include "../../port.h"

/* The rows: the constant, the name for tools (stable: lower case, hyphens) and the words of the
 * log, which follow a number. */
#define DROP_ROWS(ROW)                                                                            \
	/* Packets from the TUN device. */                                                        \
	ROW(DROP_TUN_MALFORMED, "tun-malformed", "from the link that are no whole IP packet")     \
	ROW(DROP_NO_PEER, "no-peer", "to an address that no peer has")                            \
	ROW(DROP_NO_ENDPOINT, "no-endpoint", "to a peer without endpoint")                        \
	ROW(DROP_LOOP, "loop", "that are our own messages, routed back into the tunnel")          \
	ROW(DROP_NESTED_TOO_DEEP, "nested-too-deep", "that are tunnels inside too many tunnels")  \
	ROW(DROP_REDIRECT, "redirect", "that are ICMP redirects")                                 \
	ROW(DROP_AUTOCONFIGURATION, "autoconfiguration", "by which the link configures itself")   \
	ROW(DROP_STAGED_FULL, "staged-full", "for want of room to wait for a session")            \
	ROW(DROP_STAGED_EXPIRED, "staged-expired", "that waited for a session in vain")           \
	ROW(DROP_SEND_FULL, "send-full", "for want of room on the way to the peer")               \
	ROW(DROP_NOT_SENT, "not-sent", "not sent")                                                \
	/* Datagrams from the network. */                                                         \
	ROW(DROP_NO_SESSION, "no-session", "of no session")                                       \
	ROW(DROP_NOT_AUTHENTIC, "not-authentic", "not authentic")                                 \
	ROW(DROP_KEYPAIR_EXPIRED, "keypair-expired", "under keys that are too old")               \
	ROW(DROP_REPLAYED, "replayed", "whose counter was seen before or is too old")             \
	ROW(DROP_INNER_MALFORMED, "inner-malformed", "from a peer that are no whole IP packet")   \
	ROW(DROP_NOT_ALLOWED, "not-allowed", "from an address that is not the peer's")            \
	ROW(DROP_NOT_TAKEN, "not-taken", "not taken by the link")                                 \
	ROW(DROP_HANDSHAKES, "handshakes-full", "of handshakes that had no room")

enum drop {
#define DROP_CONSTANT(constant, name, text) constant,
	DROP_ROWS(DROP_CONSTANT)
#undef DROP_CONSTANT
	DROP_REASONS, /* how many there are */
};

struct drops {
	u64 n[DROP_REASONS]; /* atomic */
	/* The control thread's. */
	u64 said[DROP_REASONS];
	u64 next; /* nothing is said before this time */
};

/* Adds `n` packets to the count of `reason`. Any thread may call it. */
void drops_count(struct drops *d, enum drop reason, u32 n);
/* Returns how many packets were dropped for `reason` since the start. Any thread may call it. */
u64 drops_get(const struct drops *d, enum drop reason);
/* Returns the reason's name for tools, for example "no-peer". */
const char *drops_name(enum drop reason);
/* Logs what is new (LOGGER_VERBOSE), at most every ten seconds, or `now` if it is WG_NEVER. */
void drops_say(struct drops *d, u64 now);
/* Writes what is new since the last call to `out`, as text of at most `size` bytes with its final
 * zero. Returns false if nothing is new. */
#define DROPS_TEXT 1024
bool drops_describe(struct drops *d, char *out, size_t size);

#endif

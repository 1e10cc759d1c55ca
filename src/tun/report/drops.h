/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that came to nothing, by reason: counted by all threads, and said in the log now and
 * then. */
#ifndef WG_TUN_DROPS_H
#define WG_TUN_DROPS_H

#include "../../port.h"

enum drop {
	DROP_NO_PACKET,	    /* from the device, or sealed by a peer: no IP packet, or not whole */
	DROP_NO_PEER,	    /* nobody has the destination */
	DROP_NO_ENDPOINT,   /* its peer is nowhere */
	DROP_WAITED,	    /* for a session, too long or too many */
	DROP_NOT_SENT,	    /* refused by the kernel, or no room */
	DROP_NO_SESSION,    /* with an index that is none of ours */
	DROP_NOT_AUTHENTIC, /* or came before, or under keys that are too old */
	DROP_NOT_ALLOWED,   /* from an address that is not the peer's */
	DROP_CONGESTION,    /* marked on the way, and the inner packet cannot be (RFC 6040) */
	DROP_NOT_TAKEN,	    /* by the device */
	DROP_HANDSHAKES,    /* messages of handshakes that had no room */
	DROP_REASONS,
};

struct drops {
	u64 n[DROP_REASONS]; /* atomic */
	/* The control thread's. */
	u64 said[DROP_REASONS];
	u64 next; /* nothing is said before this time */
};

void drops_count(struct drops *d, enum drop reason, u32 n);
/* Logs what is new (LOGGER_VERBOSE), at most every ten seconds, or `now` if it is WG_NEVER. */
void drops_say(struct drops *d, u64 now);
/* What is new, as text; false: nothing. For tests. */
bool drops_describe(struct drops *d, char *out, size_t size);

#endif

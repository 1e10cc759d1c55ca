/* SPDX-License-Identifier: GPL-2.0 */
/* Floods a host with forged handshake messages. */
#ifndef SIM_ATTACKER_H
#define SIM_ATTACKER_H

#include "network.h"

enum attacker_kind {
	ATTACKER_BLIND,	  /* does not know the public key: mac1 is wrong */
	ATTACKER_KNOWING, /* mac1 is right; each initiation is from another address */
	ATTACKER_PRESENT, /* and mac2 is: it receives its cookies */
	/* In directed scenarios only: */
	ATTACKER_SPOOFING,  /* mac1 is right; `address` is its victim's, with every port of an IPv6
			     * /64 or of the one; two of five claim to have a cookie */
	ATTACKER_RESPONSES, /* mac1 is right; responses from everywhere to `index`, which it saw */
	ATTACKER_COOKIES,   /* cookie replies from everywhere to `index` */
	ATTACKER_MANY,	    /* it receives at every address: mac2 is right, too */
	ATTACKER_REPLAYING, /* `replayed`, which it saw, again and again */
};

struct attacker {
	struct world *world;
	enum attacker_kind kind;
	struct wg_addr address;
	u32 target;
	u64 interval, until;
	u64 serial; /* of the flood: an event of an older one ends */
	struct wg_cookie_jar jar;
	u32 sent;
	u32 (*index)(const struct world *w); /* of the target's, as it is now */
	struct datagram replayed;
};

/* From now on, in place of any other. */
void attacker_start(struct attacker *a, struct world *w, enum attacker_kind kind, u32 target,
		    u64 interval, u64 until);
void attacker_receive(struct attacker *a, const struct datagram *d);

#endif

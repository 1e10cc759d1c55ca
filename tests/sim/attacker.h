/* SPDX-License-Identifier: GPL-2.0 */
/* Floods a host with forged initiations. */
#ifndef SIM_ATTACKER_H
#define SIM_ATTACKER_H

#include "network.h"

enum attacker_kind {
	ATTACKER_BLIND,	  /* does not know the public key: mac1 is wrong */
	ATTACKER_KNOWING, /* mac1 is right */
	ATTACKER_PRESENT, /* and mac2 is: it receives its cookies */
};

struct attacker {
	struct world *world;
	enum attacker_kind kind;
	struct wg_addr address;
	u32 target;
	u64 interval, until;
	u64 serial; /* of the flood: an event of an older one ends */
	struct wg_cookie_jar jar;
};

/* From now on, in place of any other. */
void attacker_start(struct attacker *a, struct world *w, enum attacker_kind kind, u32 target,
		    u64 interval, u64 until);
void attacker_receive(struct attacker *a, const struct datagram *d);

#endif

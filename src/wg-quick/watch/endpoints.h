/* SPDX-License-Identifier: GPL-2.0 */
/* Which endpoint a peer gets, and when: the Endpoint lines of its section in their order, the addresses of
 * each name with IPv6 and IPv4 in turn. Pure, on a clock of the caller's.
 *
 * A peer that has an endpoint and is not lost (health.h) is left alone. Otherwise a round begins: the names
 * are looked up line by line, beginning with the line in use, and each address is tried for a while. Then
 * comes a pause, which grows from round to round. */
#ifndef WG_QUICK_ENDPOINTS_H
#define WG_QUICK_ENDPOINTS_H

#include "../../lib/device/model.h"
#include "health.h"

#define ENDPOINTS_ADDRESSES 16 /* of one name; a resolver that knows more is cut short */

/* One Endpoint line. */
struct endpoint_line {
	char *host; /* NULL: an address, which is the only one of `addresses`. malloc'd */
	u16 port;
	union wg_endpoint addresses[ENDPOINTS_ADDRESSES]; /* with the port; in the order of trying */
	size_t n;
};

enum endpoints_state {
	ENDPOINTS_REST,   /* nothing to do */
	ENDPOINTS_ASKING, /* a name is being looked up */
	ENDPOINTS_OFFER,  /* the next address of the line is to be tried */
	ENDPOINTS_TRYING, /* the peer has got an address */
	ENDPOINTS_PAUSE,  /* all have been tried */
};

struct endpoints {
	struct endpoint_line *lines; /* malloc'd; at least one */
	size_t n_lines;
	enum endpoints_state state;
	size_t line, next; /* the line in use, and the next of its addresses */
	size_t visited;    /* how many lines this round has dealt with */
	u64 until;         /* ASKING, TRYING, PAUSE: when that ends */
	u64 pause_ms;      /* the next one */
	u32 random;        /* for jitter; any number */
};

enum endpoints_action {
	ENDPOINTS_NONE,
	ENDPOINTS_LOOK_UP, /* the name of e->lines[e->line] is to be looked up */
	ENDPOINTS_SET,     /* the peer is to get *address */
};

/* Says what is to be done at `now`. `current` is the endpoint that the device has; its family is 0 if there
 * is none. Call it again until it returns ENDPOINTS_NONE; after ENDPOINTS_SET with the new one as
 * `current`, and after health_restart. */
enum endpoints_action endpoints_work(struct endpoints *e, const struct watch_times *t,
				     const struct health *h, const union wg_endpoint *current, u64 now,
				     union wg_endpoint *address);
/* The address that was offered last cannot be had: the next call of endpoints_work offers another one. */
void endpoints_skip(struct endpoints *e);
/* The name of line `line` has been looked up. `found` are `n` addresses without port, in the resolver's order;
 * 0: it was in vain, and what was found before stays. Late answers are as good. */
void endpoints_answer(struct endpoints *e, size_t line, const union wg_endpoint *found, size_t n);
/* The ways out of this machine have changed: a pause ends a second after `now` at the latest. */
void endpoints_hurry(struct endpoints *e, const struct watch_times *t, u64 now);
void endpoints_wipe(struct endpoints *e);

#endif

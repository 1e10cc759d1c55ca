/* SPDX-License-Identifier: GPL-2.0 */
/* The record of what the file said about each peer when it was last carried out, by `up` or by
 * `reload`. `reload` compares the file with it: what the file changed is sent, and what has become of
 * a peer since (the endpoint that it roamed to, a preshared key that a hook set) stays. The record
 * holds public keys and endpoints, and no secrets. Nothing here reads or writes files by itself. */
#ifndef WG_QUICK_APPLIED_H
#define WG_QUICK_APPLIED_H

#include <stdio.h>
#include "../config/config.h"

struct applied_peer {
	u8 public_key[WG_KEY_LEN];
	u32 given;      /* the settings that the file had for this peer: WG_PEER_HAS_PRESHARED_KEY and others */
	size_t place;   /* of the section in the file, or of the line in the record */
	char *endpoint; /* HOST:PORT as `applied_text` spells it; NULL: the file had none. malloc'd */
};

/* Peers of which the file gave none of these are left out. Several sections of one peer are one here, as
 * they are one for the device: the last endpoint counts, and every setting that one of them gives. */
struct applied {
	struct applied_peer *peers; /* sorted by public key; malloc'd */
	size_t n;
	bool known; /* false: there is no record, as of a tunnel that an older version brought up */
};

/* The record of `c`, as it was read from its file; endpoints may have been looked up since. Its
 * length goes to *len. Free it. */
char *applied_text(const struct config *c, size_t *len);

/* Fills *a from a record of this version of the format or of the one before. The return value is false
 * for text that `applied_text` of neither version made; *a is then as without a record. Call
 * applied_wipe(a) in both cases. */
bool applied_read(struct applied *a, FILE *f);
void applied_wipe(struct applied *a);

/* Changes c->dev so that wg_diff(c->dev, have) sends of a peer that the device has only what the
 * file changed since the record:
 * - an endpoint that the file spells as before is replaced by the device's, and is not looked up; where the
 *   device has none yet, it is left to the watch if c->background is true;
 * - a setting with a flag (preshared key, keepalive) that the file lacks, and lacked before, is
 *   replaced by the device's.
 * Without a record, the device's endpoint stays where the peer has had a handshake at or after
 * `alive_since` (Unix time), and the rest is as the file says. Call it before c->resolve is run. */
void applied_keep(const struct applied *a, struct config *c, const struct wg_device *have,
		  s64 alive_since);

/* Takes all look-ups of endpoints out of c->resolve. A peer whose endpoint the file gives by name gets the
 * endpoint that `have` has for it, or none. */
void applied_keep_endpoints(struct config *c, const struct wg_device *have);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The nftables table "inet wg-quick-kill" of a network namespace, which all tunnels with KillSwitch share:
 * what leaves the host, or is forwarded, is dropped unless it goes through one of these tunnels, or is
 * what their encrypted packets and the network below need. The table says itself which tunnels claim it,
 * in the comments of its rules; it is always loaded as a whole.
 *
 * Whoever changes the table holds the lock over what tunnels share (step_upcalls.lock_shared). */
#ifndef WG_QUICK_KILL_TABLE_H
#define WG_QUICK_KILL_TABLE_H

#include "../../lib/net/nft-table.h"
#include "../config/config.h"

#define KILL_TABLE_NAME "wg-quick-kill"

/* What one tunnel asks of the table. */
struct kill_claim {
	char name[IFNAMSIZ];   /* of the tunnel's link, which need not exist */
	enum kill_switch mode; /* not KILL_SWITCH_NO */
	u32 mark;              /* of its encrypted packets; 0: none are let pass yet */
};

struct kill_claims {
	struct kill_claim *list; /* malloc'd; in the order of names */
	size_t n;
};

/* Adds the claim, or replaces the one of the same name. */
void kill_claims_set(struct kill_claims *c, const struct kill_claim *claim);
void kill_claims_remove(struct kill_claims *c, const char *name);
const struct kill_claim *kill_claims_find(const struct kill_claims *c, const char *name);
void kill_claims_wipe(struct kill_claims *c); /* for cleanup() too */

/* Whether packets to this address pass without a tunnel. Pure. */
bool kill_claims_let_pass(const struct kill_claims *c, const struct wg_prefix *address);

/* Builds the table that the claims ask for: of at least one. Pure. */
struct wg_nft_table *kill_table_build(const struct kill_claims *c);
/* Reads the claims of the table that is there into *c, which the caller wipes: none without a table, or
 * where somebody else's has its name. */
int kill_table_read(struct kill_claims *c, struct wg_error *err);
/* Whether the kernel has the table of these claims. */
int kill_table_compare(const struct kill_claims *c, enum wg_nft_state *state, struct wg_error *err);
/* Replaces the table by that of these claims in one batch; removes it if there are none. Errors as of
 * wg_nft_table_load. */
int kill_table_load(const struct kill_claims *c, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What a GATEWAY step has beside its operations. */
#ifndef WG_QUICK_GATEWAY_H
#define WG_QUICK_GATEWAY_H

#include "../../lib/net/nft-table.h"

/* Finds out whether there is a table of this tunnel, whatever rules it has: WG_NFT_SAME and WG_NFT_DIFFERS
 * say that it is ours. */
int gateway_find(const char *ifname, enum wg_nft_state *state, struct wg_error *err);

#endif

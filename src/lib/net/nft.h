/* SPDX-License-Identifier: GPL-2.0 */
/* The nftables table of a full tunnel, over libnftnl: one atomic batch, no text, no process.
 * Packets for the tunnel's own addresses are dropped unless they come through it, and the mark of
 * the encrypted packets is kept with their connection, so that replies pass reverse-path checks. */
#ifndef WG_LIB_NFT_H
#define WG_LIB_NFT_H

#include <net/if.h>
#include "../../port.h"
#include "../base/error.h"
#include "../base/prefix.h"

struct wg_nft_guard {
	u8 family; /* AF_INET or AF_INET6: the table's; addresses of the other are skipped */
	const char *ifname;
	u32 fwmark;
	const struct wg_prefix *addresses; /* of the tunnel; prefix lengths do not count */
	size_t n_addresses;
};

/* What there is of the name "wg-quick-IFNAME" in the tables of a family. */
enum wg_nft_found {
	WG_NFT_NONE,    /* no such table, or no nftables in this kernel */
	WG_NFT_GUARD,   /* it has our chains, and the rule that saves the mark, or no rules at all */
	WG_NFT_FOREIGN, /* a table of that name that was not made by us, nor by wireguard-tools */
};

/* Looks for the table, and compares what is in it. For WG_NFT_GUARD, *fwmark is the mark of its rules,
 * 0 where it has none. */
int wg_nft_guard_find(u8 family, const char *ifname, enum wg_nft_found *found, u32 *fwmark,
		      struct wg_error *err);
/* The same, and whether the table has the mark and the addresses of `guard`, in this order, and no more
 * rules than `guard` makes. The rule that restores the mark is counted and not compared. *same is true only for WG_NFT_GUARD. */
int wg_nft_guard_compare(const struct wg_nft_guard *guard, enum wg_nft_found *found, bool *same,
			 struct wg_error *err);
/* Loads table "wg-quick-IFNAME" of that family, replacing a WG_NFT_GUARD that is there. err->code is
 * EPROTONOSUPPORT or EOPNOTSUPP or ENOENT where the kernel lacks what it needs, EEXIST where a
 * WG_NFT_FOREIGN has the name. */
int wg_nft_guard_load(const struct wg_nft_guard *guard, struct wg_error *err);
/* Removes the table, whoever made it: see wg_nft_guard_find. 0 also where there is none or no
 * nftables. */
int wg_nft_guard_drop(u8 family, const char *ifname, struct wg_error *err);
/* The same as the text that `nft -f` takes: for people to read and copy. Free it. */
char *wg_nft_guard_text(const struct wg_nft_guard *guard);
/* For tests: the batch as bytes. */
size_t wg_nft_guard_batch(const struct wg_nft_guard *guard, void *buf, size_t size);

#endif

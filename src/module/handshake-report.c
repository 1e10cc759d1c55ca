// SPDX-License-Identifier: GPL-2.0
#include "handshake-report.h"

/* If several threads come at the same time, one of them says it. */
static bool takes_turn(atomic64_t *next, u64 now)
{
	s64 old = atomic64_read(next);

	return now >= (u64)old &&
	       atomic64_cmpxchg(next, old, (s64)(now + WG_HANDSHAKE_REASON_INTERVAL)) == old;
}

void wg_handshake_report(struct wg_handshake_report *r, const struct net_device *dev,
			 unsigned int row, const u8 *public_key, const struct sockaddr *addr,
			 u64 now)
{
	const char *kind = row < WG_HANDSHAKE_RESULTS ? "handshake message" : "handshake";
	s64 n = atomic64_inc_return(&r->n[row]), said;
	char peer[WG_PEER_TEXT_LEN] = "unknown";

	if (!takes_turn(&r->next[row][wg_handshake_reason_slot(public_key)], now))
		return;
	said = atomic64_xchg(&r->said[row], n);
	if (public_key)
		wg_peer_text(peer, public_key);
	if (addr)
		pr_debug("wireguard: %s: %s, peer %s, address %pISpfsc: %s (%lld more since this was last said)\n",
			 dev->name, kind, peer, addr, wg_handshake_reason_text(row),
			 max_t(s64, n - said - 1, 0));
	else
		pr_debug("wireguard: %s: %s, peer %s: %s (%lld more since this was last said)\n",
			 dev->name, kind, peer, wg_handshake_reason_text(row),
			 max_t(s64, n - said - 1, 0));
}

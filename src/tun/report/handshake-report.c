// SPDX-License-Identifier: GPL-2.0
#include "handshake-report.h"
#include <arpa/inet.h>
#include <stdio.h>
#include "logger.h"

static size_t describe_address(char *out, size_t size, const struct wg_addr *from, bool sent)
{
	char ip[INET6_ADDRSTRLEN] = "";
	unsigned int port = (unsigned int)from->port[0] << 8 | from->port[1];
	const char *word = sent ? "to" : "from";

	if (!inet_ntop(from->family == 6 ? AF_INET6 : AF_INET, from->ip, ip, sizeof(ip)))
		return 0;
	if (from->family == 6)
		return (size_t)snprintf(out, size, " %s [%s]:%u", word, ip, port);
	return (size_t)snprintf(out, size, " %s %s:%u", word, ip, port);
}

void handshake_report_describe(char *out, size_t size, unsigned int row, const u8 *public_key,
			       const struct wg_addr *from, u64 others)
{
	bool sent = row >= WG_HANDSHAKE_RESULTS;
	char peer[WG_PEER_TEXT_LEN];
	size_t at;

	at = (size_t)snprintf(out, size, "handshake%s", sent ? "" : " message");
	if (public_key) {
		wg_peer_text(peer, public_key);
		at += (size_t)snprintf(out + at, size - at, " %s peer %s", sent ? "with" : "of",
				       peer);
	}
	if (from)
		at += describe_address(out + at, size - at, from, sent);
	at += (size_t)snprintf(out + at, size - at, ": %s", wg_handshake_reason_text(row));
	if (others && at < size)
		snprintf(out + at, size - at, " (and %llu more since this was last said)",
			 (unsigned long long)others);
}

/* One thread of those that come at the same time says it. */
static bool takes_turn(u64 *next, u64 now)
{
	u64 old = __atomic_load_n(next, __ATOMIC_RELAXED);

	return now >= old && __atomic_compare_exchange_n(next, &old,
							 now + WG_HANDSHAKE_REASON_INTERVAL, false,
							 __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

void handshake_report(struct handshake_report *r, unsigned int row, const u8 *public_key,
		      const struct wg_addr *from, u64 now)
{
	u64 n = __atomic_add_fetch(&r->n[row], 1, __ATOMIC_RELAXED), said;
	char text[HANDSHAKE_REPORT_TEXT];

	if (wg_handshake_reason_is_success(row) || !logger_says(LOGGER_VERBOSE) ||
	    !takes_turn(&r->next[row][wg_handshake_reason_slot(public_key)], now))
		return;
	said = __atomic_exchange_n(&r->said[row], n, __ATOMIC_RELAXED);
	handshake_report_describe(text, sizeof(text), row, public_key, from,
				  n > said + 1 ? n - said - 1 : 0);
	logger_say(LOGGER_VERBOSE, "%s", text);
}

u64 handshake_report_get(const struct handshake_report *r, unsigned int row)
{
	return __atomic_load_n(&r->n[row], __ATOMIC_RELAXED);
}

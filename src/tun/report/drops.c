// SPDX-License-Identifier: GPL-2.0
#include "drops.h"
#include <stdio.h>
#include "../../core/timers.h"
#include "logger.h"

#define PAUSE (10 * WG_SECOND)

void drops_count(struct drops *d, enum drop reason, u32 n)
{
	if (n)
		__atomic_fetch_add(&d->n[reason], n, __ATOMIC_RELAXED);
}

static const char *text_of(enum drop reason)
{
	switch (reason) {
	case DROP_NO_PACKET:
		return "not whole";
	case DROP_NO_PEER:
		return "to an address that no peer has";
	case DROP_NO_ENDPOINT:
		return "to a peer without endpoint";
	case DROP_WAITED:
		return "after waiting for a session";
	case DROP_NOT_SENT:
		return "not sent";
	case DROP_NO_SESSION:
		return "of no session";
	case DROP_NOT_AUTHENTIC:
		return "not authentic, or not in time";
	case DROP_NOT_ALLOWED:
		return "from an address that is not the peer's";
	case DROP_CONGESTION:
		return "for congestion";
	case DROP_NOT_TAKEN:
		return "not taken by the link";
	case DROP_HANDSHAKES:
		return "of handshakes that had no room";
	case DROP_REASONS:
		break;
	}
	return "?";
}

bool drops_describe(struct drops *d, char *out, size_t size)
{
	size_t at = 0;

	for (int i = 0; i < DROP_REASONS; i++) {
		u64 n = __atomic_load_n(&d->n[i], __ATOMIC_RELAXED);

		if (n == d->said[i])
			continue;
		if (at < size)
			at += (size_t)snprintf(out + at, size - at, "%s%llu %s", at ? ", " : "",
					       (unsigned long long)(n - d->said[i]),
					       text_of((enum drop)i));
		d->said[i] = n;
	}
	return at > 0;
}

void drops_say(struct drops *d, u64 now)
{
	char text[480];

	if (now < d->next || !logger_says(LOGGER_VERBOSE) ||
	    !drops_describe(d, text, sizeof(text)))
		return;
	if (now != WG_NEVER)
		d->next = now + PAUSE;
	logger_say(LOGGER_VERBOSE, "packets dropped: %s", text);
}

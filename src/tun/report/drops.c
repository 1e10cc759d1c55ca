// SPDX-License-Identifier: GPL-2.0
#include "drops.h"
#include <stdio.h>
#include "../../core/timers.h"
#include "logger.h"

#define LOG_INTERVAL (10 * WG_SECOND)

void drops_count(struct drops *d, enum drop reason, u32 n)
{
	if (n)
		__atomic_fetch_add(&d->n[reason], n, __ATOMIC_RELAXED);
}

u64 drops_get(const struct drops *d, enum drop reason)
{
	return __atomic_load_n(&d->n[reason], __ATOMIC_RELAXED);
}

static const struct {
	const char *name, *text;
} rows[] = {
#define DROP_ROW(constant, name, text) {name, text},
	DROP_ROWS(DROP_ROW)
#undef DROP_ROW
};

const char *drops_name(enum drop reason)
{
	return rows[reason].name;
}

bool drops_describe(struct drops *d, char *out, size_t size)
{
	size_t at = 0;

	for (int i = 0; i < DROP_REASONS; i++) {
		u64 n = drops_get(d, (enum drop)i);

		if (n == d->said[i])
			continue;
		if (at < size)
			at += (size_t)snprintf(out + at, size - at, "%s%llu %s", at ? ", " : "",
					       (unsigned long long)(n - d->said[i]),
					       rows[i].text);
		d->said[i] = n;
	}
	return at > 0;
}

void drops_say(struct drops *d, u64 now)
{
	char text[DROPS_TEXT];

	if (now < d->next || !logger_says(LOGGER_VERBOSE) ||
	    !drops_describe(d, text, sizeof(text)))
		return;
	if (now != WG_NEVER)
		d->next = now + LOG_INTERVAL;
	logger_say(LOGGER_VERBOSE, "packets dropped: %s", text);
}

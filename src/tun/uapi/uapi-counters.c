// SPDX-License-Identifier: GPL-2.0
#include "uapi-counters.h"
#include <stdio.h>

static size_t put_line(char *out, size_t size, const char *prefix, const char *name, u64 n)
{
	return (size_t)snprintf(out, size, "%s%s=%llu\n", prefix, name, (unsigned long long)n);
}

size_t uapi_counters(const struct device *d, char *out, size_t size)
{
	size_t at = 0;

	for (unsigned int i = 0; i < WG_HANDSHAKE_REASONS; i++)
		at += put_line(out + at, size - at, "", wg_handshake_reason_name(i),
			       handshake_report_get(&d->handshake_report, i));
	for (int i = 0; i < DROP_REASONS; i++)
		at += put_line(out + at, size - at, "drop-", drops_name((enum drop)i),
			       drops_get(&d->drops, (enum drop)i));
	return at;
}

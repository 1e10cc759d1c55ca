/* SPDX-License-Identifier: GPL-2.0 */
/* Vectors as hex, an empty one as "-". They are ours: what is wrong in them ends the test. */
#ifndef WG_TESTS_VECTORS_HEX_H
#define WG_TESTS_VECTORS_HEX_H

#include <stdio.h>
#include <stdlib.h>
#include "../../src/port.h"

/* How many bytes there were. */
static inline size_t hex_read(u8 *out, size_t size, const char *hex)
{
	size_t len = strcmp(hex, "-") ? strlen(hex) / 2 : 0;

	if (len > size || (len && strlen(hex) != 2 * len))
		abort();
	for (size_t i = 0; i < len; i++) {
		unsigned int byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			abort();
		out[i] = (u8)byte;
	}
	return len;
}

/* Whether `len` bytes are what `hex` says, no more and no less. */
static inline bool hex_is(const u8 *got, size_t len, const char *hex)
{
	u8 expected[2048];

	return hex_read(expected, sizeof(expected), hex) == len && !memcmp(got, expected, len);
}

#endif

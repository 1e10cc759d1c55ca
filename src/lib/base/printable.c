// SPDX-License-Identifier: GPL-2.0
#include "printable.h"
#include "../../port.h"

/* The length of the UTF-8 sequence at `s`, or 0 where there is none, as for a sequence that is cut off. Overlong
 * forms and surrogates are not looked for: a terminal shows them as errors. */
static size_t sequence_len(const u8 *s)
{
	size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

char *wg_printable(char *out, size_t size, const char *text)
{
	const u8 *s = (const u8 *)text;
	size_t n = 0;

	while (*s) {
		size_t len = sequence_len(s);
		bool control = !len || *s < ' ' || *s == 0x7f || (len == 2 && s[0] == 0xc2 && s[1] < 0xa0);
		size_t width = control ? 1 : len;

		if (n + width >= size)
			break;
		for (size_t i = 0; i < width; i++)
			out[n++] = control ? '?' : (char)s[i];
		s += len ? len : 1;
	}
	out[n] = '\0';
	return out;
}

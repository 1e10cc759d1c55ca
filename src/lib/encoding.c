// SPDX-License-Identifier: GPL-2.0
/* Keys as text. No character and no bit of a key decides a branch or an address: every class of
 * characters is computed for every character, and a mask keeps the one that applies. Malformed text
 * is found at the same cost as good text and reported by the return value alone. */
#include "encoding.h"

#include "../crypto/ct.h"

/* The base64 character of v, 0 to 63. */
static char base64_char(u32 v)
{
	u32 c = wg_ct_within(v, 0, 25) & (v + 'A');

	c |= wg_ct_within(v, 26, 51) & (v - 26 + 'a');
	c |= wg_ct_within(v, 52, 61) & (v - 52 + '0');
	c |= wg_ct_within(v, 62, 62) & '+';
	c |= wg_ct_within(v, 63, 63) & '/';
	return (char)c;
}

/* The value of a base64 character; *bad becomes non-zero where it is none. */
static u32 base64_value(char text, u32 *bad)
{
	u32 c = (u8)text;
	u32 upper = wg_ct_within(c, 'A', 'Z'), lower = wg_ct_within(c, 'a', 'z');
	u32 digit = wg_ct_within(c, '0', '9');
	u32 plus = wg_ct_within(c, '+', '+'), slash = wg_ct_within(c, '/', '/');

	*bad |= ~(upper | lower | digit | plus | slash);
	return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (digit & (c - '0' + 52)) |
	       (plus & 62) | (slash & 63);
}

void wg_key_to_base64(char out[static WG_KEY_BASE64_LEN + 1], const u8 key[static WG_KEY_LEN])
{
	u32 bits = 0;
	unsigned int n = 0, in = 0;

	/* The 43rd character carries the last 4 bits, and the 44th is padding. */
	for (unsigned int i = 0; i < WG_KEY_BASE64_LEN - 1; i++, n -= 6) {
		if (n < 6) {
			bits = bits << 8 | (in < WG_KEY_LEN ? key[in] : 0);
			in++;
			n += 8;
		}
		out[i] = base64_char(bits >> (n - 6) & 63);
	}
	out[WG_KEY_BASE64_LEN - 1] = '=';
	out[WG_KEY_BASE64_LEN] = '\0';
}

bool wg_key_from_base64(u8 key[static WG_KEY_LEN], const char *text, size_t len)
{
	u32 bits = 0, bad = 0;
	unsigned int n = 0, out = 0;

	memset(key, 0, WG_KEY_LEN);
	if (len != WG_KEY_BASE64_LEN)
		return false;
	for (unsigned int i = 0; i < WG_KEY_BASE64_LEN - 1; i++) {
		bits = bits << 6 | base64_value(text[i], &bad);
		n += 6;
		if (n >= 8) {
			n -= 8;
			key[out++] = (u8)(bits >> n);
		}
	}
	/* Two bits are left over: not zero, they would spell the same key a second way. */
	bad |= bits & 3;
	bad |= (u8)text[WG_KEY_BASE64_LEN - 1] ^ '=';
	return wg_ct_is_zero(bad) != 0;
}

static char hex_char(u32 v)
{
	return (char)(v + '0' + (wg_ct_within(v, 10, 15) & ('a' - '0' - 10)));
}

static u32 hex_value(char text, u32 *bad)
{
	u32 c = (u8)text, lower = c | ('a' ^ 'A');
	u32 digit = wg_ct_within(c, '0', '9'), letter = wg_ct_within(lower, 'a', 'f');

	*bad |= ~(digit | letter);
	return (digit & (c - '0')) | (letter & (lower - 'a' + 10));
}

void wg_key_to_hex(char out[static WG_KEY_HEX_LEN + 1], const u8 key[static WG_KEY_LEN])
{
	for (unsigned int i = 0; i < WG_KEY_LEN; i++) {
		out[2 * i] = hex_char(key[i] >> 4);
		out[2 * i + 1] = hex_char(key[i] & 15);
	}
	out[WG_KEY_HEX_LEN] = '\0';
}

bool wg_key_from_hex(u8 key[static WG_KEY_LEN], const char *text, size_t len)
{
	u32 bad = 0;

	memset(key, 0, WG_KEY_LEN);
	if (len != WG_KEY_HEX_LEN)
		return false;
	for (unsigned int i = 0; i < WG_KEY_LEN; i++) {
		u32 high = hex_value(text[2 * i], &bad), low = hex_value(text[2 * i + 1], &bad);

		key[i] = (u8)(high << 4 | low);
	}
	return wg_ct_is_zero(bad) != 0;
}

// SPDX-License-Identifier: GPL-2.0
/* Keys as text. No character and no bit of a key decides a branch or an address: every class of
 * characters is computed for every character, and a mask keeps the one that applies. Malformed text
 * is found at the same cost as good text and reported by the return value alone. Eight characters
 * go at a time, one in each lane of a word, the first in the lowest: a device may have 100,000
 * keys. */
#include "encoding.h"

#include "../../crypto/ct.h"

#define LANES(byte) WG_CT_LANES(byte)
#define TOP	    LANES(0x80U)

/* Base64 takes 6 bytes for 8 characters. Of the 44, the 43rd has the last 4 bits of the key and two
 * that are zero, and the 44th is padding. */
#define GROUP	    6
#define GROUP_CHARS 8
#define WHOLE	    (WG_KEY_LEN / GROUP) /* groups; 2 bytes remain */

/* The base64 characters of 0 to 63. */
static u64 base64_chars(u64 v)
{
	u64 upper = wg_ct_lanes_within(v, 0, 25), lower = wg_ct_lanes_within(v, 26, 51);
	u64 digit = wg_ct_lanes_within(v, 52, 61);
	u64 plus = wg_ct_lanes_within(v, 62, 62), slash = wg_ct_lanes_within(v, 63, 63);

	return ((v & upper) + (LANES('A') & upper)) | ((v & lower) + (LANES('a' - 26) & lower)) |
	       ((v & digit) - (LANES(52 - '0') & digit)) | (plus & LANES('+')) |
	       (slash & LANES('/'));
}

/* The reverse; *bad becomes non-zero where a character is none. */
static u64 base64_values(u64 text, u64 *bad)
{
	u64 c = text & ~TOP;
	u64 upper = wg_ct_lanes_within(c, 'A', 'Z'), lower = wg_ct_lanes_within(c, 'a', 'z');
	u64 digit = wg_ct_lanes_within(c, '0', '9');
	u64 plus = wg_ct_lanes_within(c, '+', '+'), slash = wg_ct_lanes_within(c, '/', '/');

	*bad |= (text & TOP) | ~(upper | lower | digit | plus | slash);
	return ((c & upper) - (LANES('A') & upper)) | ((c & lower) - (LANES('a' - 26) & lower)) |
	       ((c & digit) + (LANES(52 - '0') & digit)) | (plus & LANES(62)) | (slash & LANES(63));
}

/* Six bytes as eight characters. */
static void write_group(char out[static GROUP_CHARS], const u8 in[static GROUP])
{
	u64 bits = 0, v = 0;

	for (int i = 0; i < GROUP; i++)
		bits = bits << 8 | in[i];
	for (int i = 0; i < GROUP_CHARS; i++, bits >>= 6)
		v = v << 8 | (bits & 63);
	wg_store_le64((u8 *)out, base64_chars(v));
}

static void read_group(u8 out[static GROUP], const char in[static GROUP_CHARS], u64 *bad)
{
	u64 v = base64_values(wg_load_le64((const u8 *)in), bad), bits = 0;

	for (int i = 0; i < GROUP_CHARS; i++, v >>= 8)
		bits = bits << 6 | (v & 63);
	for (int i = GROUP; i-- > 0; bits >>= 8)
		out[i] = (u8)bits;
}

void wg_key_to_base64(char out[static WG_KEY_BASE64_LEN + 1], const u8 key[static WG_KEY_LEN])
{
	u8 rest[GROUP] = {key[WG_KEY_LEN - 2], key[WG_KEY_LEN - 1]};
	char last[GROUP_CHARS];

	for (int i = 0; i < WHOLE; i++)
		write_group(out + i * GROUP_CHARS, key + i * GROUP);
	write_group(last, rest);
	memcpy(out + WHOLE * GROUP_CHARS, last, 3);
	out[WG_KEY_BASE64_LEN - 1] = '=';
	out[WG_KEY_BASE64_LEN] = '\0';
	wg_ct_wipe(rest, sizeof(rest));
	wg_ct_wipe(last, sizeof(last));
}

bool wg_key_from_base64(u8 key[static WG_KEY_LEN], const char *text, size_t len)
{
	char last[GROUP_CHARS] = {'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A'};
	u8 rest[GROUP];
	u64 bad = 0;

	memset(key, 0, WG_KEY_LEN);
	if (len != WG_KEY_BASE64_LEN)
		return false;
	for (int i = 0; i < WHOLE; i++)
		read_group(key + i * GROUP, text + i * GROUP_CHARS, &bad);
	memcpy(last, text + WHOLE * GROUP_CHARS, 3);
	read_group(rest, last, &bad);
	memcpy(key + WHOLE * GROUP, rest, 2);
	/* Two bits are left over: not zero, they would spell the same key a second way. */
	bad |= rest[2];
	bad |= (u8)text[WG_KEY_BASE64_LEN - 1] ^ '=';
	wg_ct_wipe(rest, sizeof(rest));
	wg_ct_wipe(last, sizeof(last));
	return wg_ct_is_zero((u32)bad | (u32)(bad >> 32)) != 0;
}

static u64 hex_chars(u64 v)
{
	u64 letter = wg_ct_lanes_within(v, 10, 15);

	return v + LANES('0') + (letter & LANES('a' - '0' - 10));
}

static u64 hex_values(u64 text, u64 *bad)
{
	u64 c = text & ~TOP, digit = wg_ct_lanes_within(c, '0', '9');
	u64 letter = wg_ct_lanes_within(c | LANES('a' ^ 'A'), 'a', 'f');

	*bad |= (text & TOP) | ~(digit | letter);
	return (c & LANES(15)) + (letter & LANES(9));
}

void wg_key_to_hex(char out[static WG_KEY_HEX_LEN + 1], const u8 key[static WG_KEY_LEN])
{
	for (int i = 0; i < WG_KEY_LEN; i += 4) {
		u64 v = 0;

		for (int j = 4; j-- > 0;)
			v = v << 16 | (u64)(key[i + j] & 15) << 8 | key[i + j] >> 4;
		wg_store_le64((u8 *)out + (size_t)i * 2, hex_chars(v));
	}
	out[WG_KEY_HEX_LEN] = '\0';
}

bool wg_key_from_hex(u8 key[static WG_KEY_LEN], const char *text, size_t len)
{
	u64 bad = 0;

	memset(key, 0, WG_KEY_LEN);
	if (len != WG_KEY_HEX_LEN)
		return false;
	for (int i = 0; i < WG_KEY_LEN; i += 4) {
		u64 v = hex_values(wg_load_le64((const u8 *)text + (size_t)i * 2), &bad);

		v = v << 4 | v >> 8;
		for (int j = 0; j < 4; j++, v >>= 16)
			key[i + j] = (u8)v;
	}
	return wg_ct_is_zero((u32)bad | (u32)(bad >> 32)) != 0;
}

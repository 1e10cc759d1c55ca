// SPDX-License-Identifier: GPL-2.0
/* The table has what word processors, web pages and chat programs put into text that is copied. */
#include "conf-text.h"

#include <string.h>
#include "conf-quote.h"

struct odd_range {
	u32 first, last;
	const char *name;
	char ascii; /* what it looks like; 0: nothing, or a space */
};

static const struct odd_range odd_ranges[] = {
	{0x00a0, 0x00a0, "a no-break space", 0},
	{0x00ab, 0x00ab, "a quotation mark", '"'},
	{0x00ad, 0x00ad, "a soft hyphen", 0},
	{0x00b4, 0x00b4, "an accent", '\''},
	{0x00bb, 0x00bb, "a quotation mark", '"'},
	{0x034f, 0x034f, "a character without width", 0},
	{0x061c, 0x061c, "a mark of writing direction", 0},
	{0x115f, 0x1160, "a character without width", 0},
	{0x1680, 0x1680, "a space", 0},
	{0x180e, 0x180e, "a character without width", 0},
	{0x2000, 0x200a, "a space", 0},
	{0x200b, 0x200d, "a space without width", 0},
	{0x200e, 0x200f, "a mark of writing direction", 0},
	{0x2010, 0x2015, "a dash", '-'},
	{0x2018, 0x201b, "a quotation mark", '\''},
	{0x201c, 0x201f, "a quotation mark", '"'},
	{0x2024, 0x2024, "a dot", '.'},
	{0x2028, 0x2029, "a separator of lines", 0},
	{0x202a, 0x202e, "a mark of writing direction", 0},
	{0x202f, 0x202f, "a no-break space", 0},
	{0x2032, 0x2032, "a prime", '\''},
	{0x2033, 0x2033, "a double prime", '"'},
	{0x2044, 0x2044, "a slash", '/'},
	{0x205f, 0x205f, "a space", 0},
	{0x2060, 0x2064, "a character without width", 0},
	{0x2066, 0x206f, "a mark of writing direction", 0},
	{0x2212, 0x2212, "a minus sign", '-'},
	{0x2215, 0x2215, "a slash", '/'},
	{0x2236, 0x2236, "a colon", ':'},
	{0x3000, 0x3000, "a space", 0},
	{0x3002, 0x3002, "a full stop", '.'},
	{0x3164, 0x3164, "a character without width", 0},
	{0xfe00, 0xfe0f, "a character without width", 0},
	{0xfeff, 0xfeff, "a byte order mark", 0},
	{0xff01, 0xff5e, "a wide character", 0}, /* ASCII is 0xfee0 below */
	{0xffa0, 0xffa0, "a character without width", 0},
	{0xfff9, 0xfffb, "a character without width", 0},
	{0xe0000, 0xe007f, "a character without width", 0},
};

void wg_conf_skip_bom(const char **line, size_t *len)
{
	if (*len < 3 || memcmp(*line, "\xef\xbb\xbf", 3))
		return;
	*line += 3;
	*len -= 3;
}

/* ASCII in UTF-16 or UTF-32 has a NUL beside each character. */
int wg_conf_check_encoding(const char *line, size_t len, struct wg_error *err)
{
	bool marked = len >= 2 && (!memcmp(line, "\xff\xfe", 2) || !memcmp(line, "\xfe\xff", 2));
	bool nul_beside = len >= 4 && !line[0] != !line[1] && !line[2] != !line[3];
	bool nuls_before = len >= 4 && !memcmp(line, "\0\0", 2);

	if (!marked && !nul_beside && !nuls_before)
		return 0;
	return wg_conf_wrong(err, WG_CODE_ENCODING,
			     "the file is not text in UTF-8, but in UTF-16 or UTF-32: save it as UTF-8, "
			     "or convert it with iconv(1)");
}

/* The character at `s`; *size is its length, 1 and the value 0xfffd for what is not UTF-8. */
static u32 decode(const char *s, size_t len, size_t *size)
{
	const u8 *b = (const u8 *)s;
	size_t n = b[0] < 0x80 ? 1 : b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	u32 c = n == 1 ? b[0] : n == 2 ? b[0] & 0x1f : n == 3 ? b[0] & 0x0f : b[0] & 0x07;

	*size = 1;
	if (!n || n > len || b[0] > 0xf4)
		return 0xfffd;
	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (b[i] & 0x3f);
	}
	*size = n;
	return c;
}

static const struct odd_range *find_range(u32 c)
{
	for (size_t i = 0; i < sizeof(odd_ranges) / sizeof(*odd_ranges); i++)
		if (c >= odd_ranges[i].first && c <= odd_ranges[i].last)
			return &odd_ranges[i];
	return NULL;
}

static int odd_ascii(u32 c, struct wg_error *err)
{
	if (!c)
		return wg_conf_wrong(err, WG_CODE_NUL_BYTE,
				     "a line of text cannot hold a NUL byte: delete it, or save the file "
				     "as UTF-8");
	return wg_conf_wrong(err, WG_CODE_CONTROL,
			     "a control character (0x%02x) that editors do not show: delete it", c);
}

static int odd_other(u32 c, const struct odd_range *r, struct wg_error *err)
{
	char ascii = c >= 0xff01 && c <= 0xff5e ? (char)(c - 0xfee0) : r->ascii;

	if (ascii)
		return wg_conf_wrong(err, WG_CODE_LOOKALIKE, "U+%04X, %s, is not ASCII: expected %s%c",
				     c, r->name,
				     ascii == '"' || ascii == '\'' ? "no quotation mark, or " : "",
				     ascii);
	return wg_conf_wrong(err, WG_CODE_INVISIBLE,
			     "U+%04X, %s, is no white space here: delete it, or type an ordinary space",
			     c, r->name);
}

int wg_conf_check_text(const char *s, size_t len, size_t *at, struct wg_error *err)
{
	size_t size;

	for (size_t i = 0; i < len; i += size) {
		u32 c = decode(s + i, len - i, &size);
		const struct odd_range *r = c < 0x80 ? NULL : find_range(c);

		*at = i;
		if (c == 0x7f || (c < ' ' && !wg_conf_is_space((char)c)))
			return odd_ascii(c, err);
		if (r)
			return odd_other(c, r, err);
	}
	return 0;
}

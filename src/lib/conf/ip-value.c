// SPDX-License-Identifier: GPL-2.0
/* What ip(8) takes was found by asking it; tests/netns/ip-values.sh asks it again. Left out are a
 * sign or white space before an address's number, which strtoul happens to let through there. */
#include "ip-value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "conf-code.h"
#include "value.h"

#define NUMBER_MAX 32 /* characters; zeros in front may make a number long */

bool wg_ip_number(u32 *value, const char *s, size_t len)
{
	size_t sign = len && s[0] == '+';
	char text[NUMBER_MAX + 1], *end;
	unsigned long long v;

	if (len <= sign || len > NUMBER_MAX || s[sign] < '0' || s[sign] > '9')
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno || end != text + len || v > UINT32_MAX)
		return false;
	*value = (u32)v;
	return true;
}

bool wg_ip_short_address(u8 addr[static 4], const char *s, size_t len)
{
	u8 out[4] = {0};
	size_t start = 0;

	for (size_t part = 0; part < sizeof(out); part++) {
		const char *dot = memchr(s + start, '.', len - start);
		size_t end = dot ? (size_t)(dot - s) : len;
		u32 v;

		if (s[start] == '+' || !wg_ip_number(&v, s + start, end - start) || v > 255)
			return false;
		out[part] = (u8)v;
		if (!dot) {
			memcpy(addr, out, sizeof(out));
			return true;
		}
		start = end + 1;
	}
	return false;
}

/* The number of leading ones, or -1 where a one follows a zero. */
static int mask_length(const u8 mask[static 4])
{
	u32 bits = (u32)mask[0] << 24 | (u32)mask[1] << 16 | (u32)mask[2] << 8 | mask[3];
	int length = 0;

	while (bits & 0x80000000) {
		bits <<= 1;
		length++;
	}
	return bits ? -1 : length;
}

static int parse_length(u8 *cidr, u32 most, const char *s, size_t len, struct wg_error *err)
{
	u8 mask[4];
	int length;
	u32 v;

	if (wg_ip_number(&v, s, len) && v <= most) {
		*cidr = (u8)v;
		return 0;
	}
	if (!memchr(s, '.', len) || !wg_ip_short_address(mask, s, len))
		return wg_conf_wrong(err, WG_CODE_PREFIX_LENGTH,
				     "expected a prefix length from 0 to %u, or a netmask", most);
	length = mask_length(mask);
	if (length < 0)
		return wg_conf_wrong(err, WG_CODE_NETMASK,
				     "not a netmask: expected ones followed by zeros, such as "
				     "255.255.255.0, or a prefix length");
	*cidr = (u8)length;
	return 0;
}

int wg_ip_prefix(struct wg_prefix *p, const char *s, size_t len, size_t *at, struct wg_error *err)
{
	const char *slash = memchr(s, '/', len);
	size_t end = slash ? (size_t)(slash - s) : len;
	struct wg_prefix out = {0};

	*at = 0;
	if (end && !memchr(s, ':', end) && wg_ip_short_address(out.addr, s, end))
		out.family = AF_INET;
	else if (wg_value_address(&out.family, out.addr, s, end, err))
		return -1;
	out.cidr = out.family == AF_INET6 ? 128 : 32;
	*at = end + 1;
	if (slash && parse_length(&out.cidr, out.cidr, slash + 1, len - end - 1, err))
		return -1;
	*p = out;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Arithmetic on prefixes. Nothing here can fail; a prefix length beyond its family's counts as the
 * longest. */
#include "prefix.h"

#include <stdio.h>
#include <sys/socket.h>

static unsigned int bits_of(const struct wg_prefix *p)
{
	unsigned int most = p->family == AF_INET6 ? 128 : 32;

	return p->cidr < most ? p->cidr : most;
}

static bool same_bits(const u8 *a, const u8 *b, unsigned int bits)
{
	unsigned int whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole))
		return false;
	return !rest || !((a[whole] ^ b[whole]) >> (8 - rest));
}

const char *wg_prefix_format(char out[static WG_PREFIX_STRLEN], const struct wg_prefix *p)
{
	char addr[INET6_ADDRSTRLEN];

	if (!inet_ntop(p->family, p->addr, addr, sizeof(addr)))
		addr[0] = '\0'; /* another family: our caller's mistake, shown as "/N" */
	snprintf(out, WG_PREFIX_STRLEN, "%s/%u", addr, p->cidr);
	return out;
}

void wg_prefix_mask(struct wg_prefix *p)
{
	unsigned int bits = bits_of(p), whole = bits / 8, rest = bits % 8;

	if (whole >= sizeof(p->addr))
		return;
	if (rest)
		p->addr[whole++] &= (u8)(0xff << (8 - rest));
	memset(p->addr + whole, 0, sizeof(p->addr) - whole);
}

bool wg_prefix_covers(const struct wg_prefix *outer, const struct wg_prefix *inner)
{
	return outer->family == inner->family && bits_of(outer) <= bits_of(inner) &&
	       same_bits(outer->addr, inner->addr, bits_of(outer));
}

int wg_prefix_order(const struct wg_prefix *a, const struct wg_prefix *b)
{
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	order = memcmp(a->addr, b->addr, a->family == AF_INET6 ? 16 : 4);
	return order ? order : a->cidr - b->cidr;
}

bool wg_prefix_equal(const struct wg_prefix *a, const struct wg_prefix *b)
{
	return a->family == b->family && a->cidr == b->cidr &&
	       !memcmp(a->addr, b->addr, a->family == AF_INET6 ? 16 : 4);
}

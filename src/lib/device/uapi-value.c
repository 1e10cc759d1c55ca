// SPDX-License-Identifier: GPL-2.0
#include "uapi-value.h"
#include <arpa/inet.h>
#include "../base/encoding.h"

bool wg_uapi_value_number(u64 *out, const char *value, u64 max)
{
	u64 n = 0;

	if (!*value)
		return false;
	for (; *value; value++) {
		unsigned int digit = (unsigned int)*value - '0';

		if (digit > 9 || digit > max || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

bool wg_uapi_value_key(u8 key[static WG_KEY_LEN], const char *value)
{
	return wg_key_from_hex(key, value, strlen(value));
}

static bool read_zone(u32 *scope, const char *zone)
{
	u64 n;

	*scope = if_nametoindex(zone);
	if (!*scope && wg_uapi_value_number(&n, zone, UINT32_MAX))
		*scope = (u32)n;
	return *scope != 0;
}

static bool read_host6(struct sockaddr_in6 *addr, char *host)
{
	char *zone = strchr(host, '%');

	if (zone)
		*zone++ = '\0';
	addr->sin6_family = AF_INET6;
	return inet_pton(AF_INET6, host, &addr->sin6_addr) == 1 &&
	       (!zone || read_zone(&addr->sin6_scope_id, zone));
}

static bool read_host4(struct sockaddr_in *addr, const char *host)
{
	addr->sin_family = AF_INET;
	return inet_pton(AF_INET, host, &addr->sin_addr) == 1;
}

bool wg_uapi_value_endpoint(union wg_endpoint *out, char *value)
{
	union wg_endpoint e = {0};
	char *colon = strrchr(value, ':');
	u64 port;
	bool good;

	if (!colon || colon == value || !wg_uapi_value_number(&port, colon + 1, UINT16_MAX))
		return false;
	*colon = '\0';
	if (value[0] != '[') {
		e.addr4.sin_port = htons((u16)port);
		good = read_host4(&e.addr4, value);
	} else if (colon[-1] == ']') {
		colon[-1] = '\0';
		e.addr6.sin6_port = htons((u16)port);
		good = read_host6(&e.addr6, value + 1);
	} else {
		good = false;
	}
	if (good)
		*out = e;
	return good;
}

bool wg_uapi_value_prefix(u8 *family, u8 addr[static 16], u8 *cidr, char *value)
{
	char *slash = strchr(value, '/');
	u8 f = strchr(value, ':') ? AF_INET6 : AF_INET, ip[16];
	u64 n;

	if (!slash || !wg_uapi_value_number(&n, slash + 1, 8 * wg_family_len(f)))
		return false;
	*slash = '\0';
	if (inet_pton(f, value, ip) != 1)
		return false;
	*family = f;
	*cidr = (u8)n;
	memcpy(addr, ip, wg_family_len(f));
	return true;
}

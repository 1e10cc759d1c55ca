// SPDX-License-Identifier: GPL-2.0
#include "server.h"
#include <string.h>
#include <sys/socket.h>
#include "../../lib/conf/ip-value.h"
#include "../../lib/conf/value.h"

size_t dns_server_name_at(const char *text)
{
	return strcspn(text, "#");
}

static int not_an_address(const char *text, struct wg_error *err)
{
	return wg_error_set(err, "`%.64s' is not the address of a DNS server", text);
}

static bool parse_host(struct dns_server *s, const char *host, size_t len)
{
	const char *zone = memchr(host, '%', len);
	size_t addr_len = zone ? (size_t)(zone - host) : len;
	struct wg_error ignored;

	if (zone) {
		size_t zone_len = len - addr_len - 1;

		if (!zone_len || zone_len >= sizeof(s->zone))
			return false;
		memcpy(s->zone, zone + 1, zone_len);
	}
	if (!wg_value_address(&s->family, s->addr, host, addr_len, &ignored))
		return true;
	if (zone || !wg_ip_short_address(s->addr, host, addr_len))
		return false;
	s->family = AF_INET;
	return true;
}

int dns_server_parse(struct dns_server *s, const char *text, struct wg_error *err)
{
	size_t len = dns_server_name_at(text), host_len = len, at;
	const char *host = text, *port = NULL;

	*s = (struct dns_server){.name = text[len] ? text + len + 1 : text + len};
	if (*text == '[') {
		const char *end = memchr(text, ']', len);

		if (!end)
			return not_an_address(text, err);
		host++;
		host_len = (size_t)(end - host);
		port = end + 1 < text + len ? end + 1 : NULL;
	} else if (memchr(text, ':', len) == memrchr(text, ':', len)) {
		port = memchr(text, ':', len);
		host_len = port ? (size_t)(port - text) : len;
	}
	if (!parse_host(s, host, host_len))
		return not_an_address(text, err);
	if (port && (*port != ':' ||
		     wg_value_port(&s->port, port + 1, (size_t)(text + len - port - 1), &at, err)))
		return not_an_address(text, err);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"
#include <arpa/inet.h>
#include <stdio.h>

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	if (a->addr.sa_family != b->addr.sa_family || !a->source_ifindex != !b->source_ifindex)
		return false;
	switch (a->addr.sa_family) {
	case AF_INET:
		return a->addr4.sin_port == b->addr4.sin_port &&
		       a->addr4.sin_addr.s_addr == b->addr4.sin_addr.s_addr &&
		       (!a->source_ifindex || a->source4.s_addr == b->source4.s_addr);
	case AF_INET6:
		return a->addr6.sin6_port == b->addr6.sin6_port &&
		       a->addr6.sin6_scope_id == b->addr6.sin6_scope_id &&
		       memcmp(&a->addr6.sin6_addr, &b->addr6.sin6_addr, 16) == 0 &&
		       (!a->source_ifindex || memcmp(&a->source6, &b->source6, 16) == 0);
	default: /* nowhere */
		return true;
	}
}

socklen_t endpoint_len(const struct endpoint *e)
{
	return e->addr.sa_family == AF_INET6 ? sizeof(e->addr6) : sizeof(e->addr4);
}

void endpoint_to_addr(const struct endpoint *e, struct wg_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	if (e->addr.sa_family == AF_INET6) {
		addr->family = 6;
		memcpy(addr->ip, &e->addr6.sin6_addr, 16);
		memcpy(addr->port, &e->addr6.sin6_port, 2);
	} else {
		addr->family = 4;
		memcpy(addr->ip, &e->addr4.sin_addr, 4);
		memcpy(addr->port, &e->addr4.sin_port, 2);
	}
}

void endpoint_to_text(const struct endpoint *e, char out[static ENDPOINT_TEXT_LEN])
{
	char ip[INET6_ADDRSTRLEN] = "";

	if (e->addr.sa_family == AF_INET) {
		inet_ntop(AF_INET, &e->addr4.sin_addr, ip, sizeof(ip));
		snprintf(out, ENDPOINT_TEXT_LEN, "%s:%u", ip, ntohs(e->addr4.sin_port));
		return;
	}
	inet_ntop(AF_INET6, &e->addr6.sin6_addr, ip, sizeof(ip));
	if (e->addr6.sin6_scope_id)
		snprintf(out, ENDPOINT_TEXT_LEN, "[%s%%%u]:%u", ip, e->addr6.sin6_scope_id,
			 ntohs(e->addr6.sin6_port));
	else
		snprintf(out, ENDPOINT_TEXT_LEN, "[%s]:%u", ip, ntohs(e->addr6.sin6_port));
}

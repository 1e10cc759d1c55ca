/* SPDX-License-Identifier: GPL-2.0 */
/* A DNS server as the configuration writes it: ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT, and after "#"
 * maybe the name that its certificate has. Pure. */
#ifndef WG_QUICK_DNS_SERVER_H
#define WG_QUICK_DNS_SERVER_H

#include <net/if.h>
#include "../../lib/base/error.h"
#include "../../port.h"

struct dns_server {
	u8 family;
	u8 addr[16];
	u16 port;            /* 0: none is given */
	char zone[IFNAMSIZ]; /* "": none */
	const char *name;    /* of its certificate; points into the text, "": none */
};

/* Where the name begins: the offset of "#", or the length of the text. */
size_t dns_server_name_at(const char *text);
/* Returns 0, or -1 with err where the text is no address, as the "." that some resolvers take. */
int dns_server_parse(struct dns_server *s, const char *text, struct wg_error *err);

#endif

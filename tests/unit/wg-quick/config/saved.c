// SPDX-License-Identifier: GPL-2.0
/* The text of a saved configuration: upstream's form, with what only the file knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../../../src/wg-quick/config/saved.h"

#define KEY  "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PEER "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static struct wg_device *running_device(void)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *p;

	dev->flags = WG_DEVICE_HAS_PRIVATE_KEY;
	dev->private_key[0] = 1;
	dev->listen_port = 5555;
	dev->fwmark = 0xca6c;
	p = wg_device_add_peer(dev);
	p->public_key[0] = 2;
	p->flags = WG_PEER_HAS_PRESHARED_KEY;
	p->preshared_key[0] = 1;
	p->keepalive = 25;
	p->endpoint.addr4.sin_family = AF_INET;
	p->endpoint.addr4.sin_port = htons(5);
	p->endpoint.addr4.sin_addr.s_addr = htonl(0xc0000209);
	wg_peer_add_allowedip(dev, p, AF_INET, "\x0a\0\0", 8, 0);
	wg_peer_add_allowedip(dev, p, AF_INET6, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 64, 0);
	p = wg_device_add_peer(dev);
	p->public_key[0] = 2;
	p->endpoint.addr6.sin6_family = AF_INET6;
	p->endpoint.addr6.sin6_port = htons(65535);
	p->endpoint.addr6.sin6_addr = in6addr_loopback;
	return dev;
}

static void saved(const char *text, const char *expected)
{
	const struct wg_prefix addresses[] = { { AF_INET, 24, { 10, 66, 0, 2 } },
					       { AF_INET6, 128, { 0xfd, 0x66, [15] = 2 } } };
	struct config c = { .name = "wg0", .path = "wg0.conf" };
	struct wg_device *dev = running_device();
	struct running now = { dev, addresses, 2, 1390 };
	struct wg_error err = { 0 };
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	char *out;
	size_t size;

	assert_int_equal(config_parse(&c, f, NULL, &err), 0);
	fclose(f);
	f = open_memstream(&out, &size);
	saved_write(f, &c, &now);
	fclose(f);
	assert_string_equal(out, expected);
	free(out);
	config_wipe(&c);
	wg_device_free(dev);
}

#define PEERS                                                                                      \
	"[Peer]\nPublicKey = " PEER "\nPresharedKey = " KEY "\nAllowedIPs = 10.0.0.0/8, fd00::/64\n" \
	"Endpoint = 192.0.2.9:5\nPersistentKeepalive = 25\n\n"                                      \
	"[Peer]\nPublicKey = " PEER "\nEndpoint = [::1]:65535\n"

static void everything(void **state)
{
	(void)state;
	saved("[Interface]\nPostDown = d\nPreDown = c\nPostUp = b # %i\nPreUp = a\nSaveConfig = TRUE\n"
	      "Table = auto\nMTU = 1400\nDNS = x.y, 1.1.1.1#a.b\nDNSBackend = file\nDNSRequired = no\nPrivateKey = " PEER "\n",
	      "[Interface]\nAddress = 10.66.0.2/24\nAddress = fd66::2/128\nDNS = 1.1.1.1#a.b\n"
	      "DNS = x.y\nDNSBackend = file\nDNSRequired = no\nMTU = 1390\nTable = auto\nSaveConfig = true\nPreUp = a\nPostUp = b # %i\n"
	      "PreDown = c\nPostDown = d\nListenPort = 5555\nFwMark = 0xca6c\nPrivateKey = " KEY
	      "\n\n" PEERS);
}

static void key_of_pre_up_stays_out(void **state)
{
	(void)state;
	saved("[Interface]\nPreUp = wg set %i private-key /k\n",
	      "[Interface]\nAddress = 10.66.0.2/24\nAddress = fd66::2/128\n"
	      "PreUp = wg set %i private-key /k\nListenPort = 5555\nFwMark = 0xca6c\n\n" PEERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),
		cmocka_unit_test(key_of_pre_up_stays_out),
	};

	return cmocka_run_group_tests_name("wg-quick/saved", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* A change of a device, as commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "../../../../src/wg-quick/reconcile/change-text.h"
#include "../../lib/device/setting-samples.h"

#define PEER2 "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PEER3 "AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void assert_text(const struct wg_device *change, const struct wg_device *have,
			const char *expected)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	change_write(f, "# ", "wg0", change, have);
	fclose(f);
	assert_string_equal(text, expected);
	free(text);
}

static struct wg_peer *add_peer(struct wg_device *dev, u8 number, u16 flags)
{
	struct wg_peer *p = wg_device_add_peer(dev);

	p->public_key[0] = number;
	p->flags = (u16)(WG_PEER_HAS_PUBLIC_KEY | flags);
	return p;
}

static void settings_are_one_command_and_the_key_is_hidden(void **state)
{
	struct wg_device *dev = wg_device_new();

	(void)state;
	dev->flags = WG_DEVICE_HAS_PRIVATE_KEY | WG_DEVICE_HAS_LISTEN_PORT | WG_DEVICE_HAS_FWMARK;
	dev->private_key[0] = 1;
	dev->listen_port = 51820;
	dev->fwmark = 0xca6c;
	assert_text(dev, NULL, "# wg set wg0 listen-port 51820 fwmark 0xca6c private-key (hidden)\n");
	wg_device_free(dev);
}

static void a_peer_is_one_command(void **state)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *p = add_peer(dev, 2, WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE);

	(void)state;
	p->preshared_key[0] = 9;
	p->keepalive = 25;
	p->endpoint.addr6.sin6_family = AF_INET6;
	p->endpoint.addr6.sin6_port = htons(5);
	p->endpoint.addr6.sin6_addr = in6addr_loopback;
	wg_peer_add_allowedip(dev, p, AF_INET, "\x0a\0\0", 8, 0);
	wg_peer_add_allowedip(dev, p, AF_INET6, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 64, 0);
	add_peer(dev, 3, WG_PEER_REMOVE_ME);
	assert_text(dev, NULL,
		    "# wg set wg0 peer " PEER2 " preshared-key (hidden) endpoint [::1]:5 "
		    "persistent-keepalive 25 allowed-ips +10.0.0.0/8,+fd00::/64\n"
		    "# wg set wg0 peer " PEER3 " remove\n");
	wg_device_free(dev);
}

static void a_list_that_replaces_has_no_signs(void **state)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *p = add_peer(dev, 2, WG_PEER_REPLACE_ALLOWEDIPS | WG_PEER_HAS_PRESHARED_KEY);

	(void)state;
	wg_peer_add_allowedip(dev, p, AF_INET, "\x0a\0\0", 8, 0);
	add_peer(dev, 3, WG_PEER_REPLACE_ALLOWEDIPS);
	assert_text(dev, NULL,
		    "# wg set wg0 peer " PEER2 " preshared-key /dev/null allowed-ips 10.0.0.0/8\n"
		    "# wg set wg0 peer " PEER3 " allowed-ips ''\n");
	wg_device_free(dev);
}

static void what_is_removed_of_a_list_has_a_minus(void **state)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *p = add_peer(dev, 2, 0);

	(void)state;
	wg_peer_add_allowedip(dev, p, AF_INET, "\x0a\0\0", 8, 0);
	wg_peer_add_allowedip(dev, p, AF_INET, "\x0b\0\0", 8, WG_ALLOWEDIP_REMOVE_ME);
	assert_text(dev, NULL, "# wg set wg0 peer " PEER2 " allowed-ips +10.0.0.0/8,-11.0.0.0/8\n");
	wg_device_free(dev);
}

static void peers_that_are_replaced_are_removed_one_by_one(void **state)
{
	struct wg_device *change = wg_device_new(), *have = wg_device_new();

	(void)state;
	add_peer(have, 2, 0);
	add_peer(change, 3, 0);
	change->flags = WG_DEVICE_REPLACE_PEERS;
	assert_text(change, have,
		    "# wg set wg0 peer " PEER2 " remove\n"
		    "# wg set wg0 peer " PEER3 "\n");
	wg_device_free(change);
	wg_device_free(have);
}

static void every_setting_is_an_option(void **state)
{
	(void)state;
	for (enum wg_section section = 0; section < WG_SECTIONS; section++) {
		for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++) {
			struct wg_device *dev = wg_device_new();
			char text[512] = "", option[256];
			FILE *f = fmemopen(text, sizeof(text), "w");

			sample_set(s, dev, section == WG_SECTION_PEER ? (void *)add_peer(dev, 2, 0) : dev, 1);
			snprintf(option, sizeof(option), " %s %s", s->option,
				 s->role == WG_ROLE_LIST	  ? "+fd00::/64"
				 : wg_setting_ops(s)->secret ? "(hidden)"
							     : samples[s->type][1].text);
			change_write(f, "", "wg0", dev, NULL);
			fclose(f);
			if ((s->role == WG_ROLE_VALUE || s->role == WG_ROLE_LIST) && !strstr(text, option))
				fail_msg("%s is not written: %s", s->option, text);
			wg_device_free(dev);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_one_command_and_the_key_is_hidden),
		cmocka_unit_test(a_peer_is_one_command),
		cmocka_unit_test(a_list_that_replaces_has_no_signs),
		cmocka_unit_test(what_is_removed_of_a_list_has_a_minus),
		cmocka_unit_test(peers_that_are_replaced_are_removed_one_by_one),
		cmocka_unit_test(every_setting_is_an_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

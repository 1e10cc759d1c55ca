// SPDX-License-Identifier: GPL-2.0
/* The arguments of `wg set`: order, what each sets, and what an error says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "../../../../src/lib/command/set-args.h"
#include "../device/setting-samples.h"

#define KEY "wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s="
#define MAX 16

struct fixture {
	struct wg_device *dev;
	struct wg_resolve resolve;
	struct set_args args;
	struct wg_error err;
};

static struct fixture f;

/* Words are separated by one space; "~" is an empty one. */
static int parse(const char *line)
{
	static char text[1024];
	static char empty[] = "";
	char *argv[MAX + 1], *save;
	int argc = 0;

	wg_resolve_wipe(&f.resolve);
	wg_device_free(f.dev);
	f = (struct fixture){.dev = wg_device_new()};
	f.args = (struct set_args){.dev = f.dev, .resolve = &f.resolve};
	snprintf(text, sizeof(text), "%s", line);
	for (char *w = strtok_r(text, " ", &save); w && argc < MAX; w = strtok_r(NULL, " ", &save))
		argv[argc++] = strcmp(w, "~") ? w : empty;
	argv[argc] = NULL;
	return set_args_parse(&f.args, argc, argv, &f.err);
}

static void refuses(const char *line, const char *says)
{
	assert_int_equal(parse(line), -1);
	assert_string_equal(f.err.text, says);
}

static int release(void **state)
{
	(void)state;
	wg_resolve_wipe(&f.resolve);
	wg_device_free(f.dev);
	f.dev = NULL;
	return 0;
}

static void sets_all(void **state)
{
	const struct wg_peer *p;

	(void)state;
	assert_int_equal(parse("listen-port 53 fwmark 0xa private-key k peer " KEY
			       " preshared-key p endpoint 1.2.3.4:5 persistent-keepalive 25 "
			       "allowed-ips 10.0.0.0/8,::/0"), 0);
	assert_int_equal(f.dev->flags, WG_DEVICE_HAS_LISTEN_PORT | WG_DEVICE_HAS_FWMARK |
					       WG_DEVICE_HAS_PRIVATE_KEY);
	assert_int_equal(f.dev->listen_port, 53);
	assert_int_equal(f.dev->fwmark, 10);
	p = f.dev->peers;
	assert_int_equal(p->flags, WG_PEER_HAS_PUBLIC_KEY | WG_PEER_HAS_PRESHARED_KEY |
					   WG_PEER_HAS_KEEPALIVE | WG_PEER_REPLACE_ALLOWEDIPS);
	assert_int_equal(p->keepalive, 25);
	assert_int_equal(p->endpoint.addr4.sin_port, htons(5));
	assert_int_equal(p->allowedips->next->family, AF_INET6);
	assert_string_equal(f.args.key_files->path, "k");
	assert_ptr_equal(f.args.key_files->key, f.dev->private_key);
	assert_string_equal(f.args.key_files->next->path, "p");
	assert_ptr_equal(f.args.key_files->next->key, p->preshared_key);
}

static void peers_in_order(void **state)
{
	(void)state;
	assert_int_equal(parse("peer " KEY " remove peer " KEY " allowed-ips ~ peer " KEY
			       " allowed-ips +1.1.1.1,-2.2.2.2 endpoint host:domain"), 0);
	assert_int_equal(f.dev->n_peers, 3);
	assert_int_equal(f.dev->peers->flags, WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REMOVE_ME);
	assert_int_equal(f.dev->peers->next->flags,
			 WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REPLACE_ALLOWEDIPS);
	assert_null(f.dev->peers->next->allowedips);
	assert_int_equal(f.dev->last_peer->flags, WG_PEER_HAS_PUBLIC_KEY);
	assert_int_equal(f.dev->last_peer->last_allowedip->flags, WG_ALLOWEDIP_REMOVE_ME);
	assert_string_equal(f.resolve.jobs->host, "host");
	assert_ptr_equal(f.resolve.jobs->peer, f.dev->last_peer);
}

static void refuses_what_is_wrong(void **state)
{
	(void)state;
	refuses("listen-port", "Invalid argument: listen-port: expected its value after it");
	refuses("Listen-Port 5", "Invalid argument: Listen-Port: did you mean `listen-port'?");
	refuses("fwmrak 5", "Invalid argument: fwmrak: did you mean `fwmark'?");
	refuses("pere 5", "Invalid argument: pere: did you mean `peer'?");
	refuses("peer " KEY " AllowedIPs ::/0", "Invalid argument: AllowedIPs: did you mean `allowed-ips'?");
	refuses("mtu 5", "Invalid argument: mtu: expected listen-port, fwmark, private-key, or peer");
	/* The rest of the list is that of the rows of settings. */
	assert_int_equal(parse("peer " KEY " mtu 5"), -1);
	assert_memory_equal(f.err.text, "Invalid argument: mtu: expected remove, preshared-key, endpoint, ", 65);
	assert_non_null(strstr(f.err.text, ", allowed-ips, or peer"));
	refuses("endpoint 1.1.1.1:1", "Invalid argument: endpoint: expected it after `peer KEY'");
	refuses("peer", "Invalid argument: peer: expected its value after it");
	refuses("peer " KEY " listen-port 5",
		"Invalid argument: listen-port: expected it before the first peer");
	refuses("peer " KEY " remove preshared-key",
		"Invalid argument: preshared-key: expected its value after it");
	refuses("listen-port 70000",
		"Invalid listen-port `70000': port out of range: expected 0 to 65535");
	refuses("fwmark ~", "Invalid fwmark `': expected a firewall mark: off, 0 to 4294967295, or "
			    "0x0 to 0xffffffff");
	/* It could be the private key that was mixed up. */
	refuses("peer SECRET", "Invalid peer: wrong length: expected a key of 44 base64 characters");
	refuses("peer " KEY " allowed-ips 10.0.0.0/33",
		"Invalid allowed-ips `10.0.0.0/33': expected a prefix length from 0 to 32");
	refuses("peer " KEY " allowed-ips 10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5,10.0.0.6,"
		"10.0.0.7,bad",
		"Invalid allowed-ips at `bad': expected an IPv4 or IPv6 address");
}

static void ignores_white_space_in_lists(void **state)
{
	static char option[] = "allowed-ips", list[] = " 1.1.1.1 ,\t2.2.2.2\n", peer[] = "peer";
	static char key[] = KEY;
	char *argv[] = {peer, key, option, list, NULL};

	(void)state;
	parse("peer " KEY);
	f.args.peer = NULL;
	assert_int_equal(set_args_parse(&f.args, 4, argv, &f.err), 0);
	assert_int_equal(f.dev->last_peer->last_allowedip->addr[0], 2);
}

/* A file that holds the value, for keys that are secret; the value itself for all else. */
static void check_option(const struct wg_setting *s, size_t i)
{
	bool secret = wg_setting_ops(s)->secret, peer = s->section == WG_SECTION_PEER;
	char line[256];
	const void *field;

	snprintf(line, sizeof(line), "%s%s %s", peer && s->role != WG_ROLE_IDENTITY ? "peer " KEY " " : "",
		 s->option, secret ? "file" : samples[s->type][i].text);
	assert_int_equal(parse(line), 0);
	field = wg_setting_value(s, peer ? (const void *)f.dev->peers : f.dev);
	assert_true(!s->flag || wg_setting_has_flag(s, peer ? (const void *)f.dev->peers : f.dev));
	if (secret) {
		assert_string_equal(f.args.key_files->option, s->option);
		assert_ptr_equal(f.args.key_files->key, field);
	} else if (s->role == WG_ROLE_LIST) {
		assert_true(f.dev->peers->flags & WG_PEER_REPLACE_ALLOWEDIPS);
		assert_non_null(f.dev->peers->allowedips);
	} else {
		static struct wg_device dev;
		static struct wg_peer p;

		sample_set(s, &dev, peer ? (void *)&p : &dev, i);
		assert_memory_equal(field, wg_setting_value(s, peer ? (void *)&p : &dev),
				    wg_setting_ops(s)->size);
	}
}

static void check_errors(const struct wg_setting *s)
{
	const char *peer = s->section == WG_SECTION_PEER && s->role != WG_ROLE_IDENTITY ? "peer " KEY " " : "";
	char line[256], says[128];

	snprintf(line, sizeof(line), "%smtu 5", peer);
	assert_int_equal(parse(line), -1);
	assert_non_null(strstr(f.err.text, s->option));
	snprintf(line, sizeof(line), "%s%sx 5", peer, s->option);
	snprintf(says, sizeof(says), "Invalid argument: %sx: did you mean `%s'?", s->option, s->option);
	refuses(line, says);
	snprintf(line, sizeof(line), "%s%s ?", peer, s->option);
	assert_int_equal(parse(line), wg_setting_ops(s)->secret ? 0 : -1);
}

static void every_setting_is_an_option(void **state)
{
	(void)state;
	for (enum wg_section section = 0; section < WG_SECTIONS; section++) {
		for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++) {
			if (!s->option)
				continue;
			check_option(s, 0);
			check_option(s, 1);
			check_errors(s);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(sets_all, release),
		cmocka_unit_test_teardown(peers_in_order, release),
		cmocka_unit_test_teardown(refuses_what_is_wrong, release),
		cmocka_unit_test_teardown(ignores_white_space_in_lists, release),
		cmocka_unit_test_teardown(every_setting_is_an_option, release),
	};

	return cmocka_run_group_tests_name("lib/set-args", tests, NULL, NULL);
}

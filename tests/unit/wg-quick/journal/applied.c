// SPDX-License-Identifier: GPL-2.0
/* The record of what the file said of each peer, and what a reload leaves alone because of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "../../../../src/lib/device/diff.h"
#include "../../../../src/wg-quick/journal/applied.h"

#define KEY   "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PEER2 "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PEER3 "AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PEER4 "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void parse(struct config *c, const char *text)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	struct wg_error err = {0};

	*c = (struct config){.name = "wg0", .path = "wg0.conf"};
	assert_int_equal(config_parse(c, f, NULL, &err), 0);
	fclose(f);
}

static char *record_of(const char *file)
{
	struct config c;
	size_t len;
	char *text;

	parse(&c, file);
	text = applied_text(&c, &len);
	assert_int_equal(len, strlen(text));
	config_wipe(&c);
	return text;
}

static bool read_record(struct applied *a, const char *text)
{
	FILE *f = fmemopen((void *)text, strlen(text), "r");
	bool ok = applied_read(a, f);

	fclose(f);
	return ok;
}

static const char file[] = "[Interface]\nPrivateKey = " KEY "\n"
			   "[Peer]\nPublicKey = " PEER3 "\nEndpoint = vpn.example.com:51820\n"
			   "[Peer]\nPublicKey = " PEER2 "\nPresharedKey = " KEY "\n"
			   "Endpoint = 192.0.2.9:5\nPersistentKeepalive = 25\n"
			   "[Peer]\nPublicKey = " PEER4 "\nAllowedIPs = 10.0.0.0/8\n";

static void a_line_is_written_for_each_peer_with_something_to_remember(void **state)
{
	char *text = record_of(file);

	(void)state;
	assert_string_equal(text, "wg-quick-applied 2\n"
				  PEER2 " 192.0.2.9:5 preshared-key persistent-keepalive\n"
				  PEER3 " vpn.example.com:51820\n");
	free(text);
}

static void an_ipv6_endpoint_is_written_with_its_zone(void **state)
{
	char *text = record_of("[Interface]\n[Peer]\nPublicKey = " PEER2 "\nEndpoint = [fe80::1%lo]:5\n");

	(void)state;
	assert_string_equal(text, "wg-quick-applied 2\n" PEER2 " [fe80::1%1]:5\n");
	free(text);
}

static void what_is_written_is_read(void **state)
{
	char *text = record_of(file);
	struct applied a;

	(void)state;
	assert_true(read_record(&a, text));
	free(text);
	assert_true(a.known);
	assert_int_equal(a.n, 2);
	assert_int_equal(a.peers[0].public_key[0], 2);
	assert_int_equal(a.peers[0].given, WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE);
	assert_string_equal(a.peers[0].endpoint, "192.0.2.9:5");
	assert_int_equal(a.peers[1].public_key[0], 3);
	assert_int_equal(a.peers[1].given, 0);
	applied_wipe(&a);
}

static void a_record_that_was_not_written_here_is_no_record(void **state)
{
	static const char *const bad[] = {
		"",
		"wg-quick-applied 3\n",
		"wg-quick-applied 1",
		"wg-quick-applied 1\n" PEER2 "\n",
		"wg-quick-applied 1\n" PEER2 " psk\n",
		"wg-quick-applied 1\n" PEER2 " psk -\n",
		"wg-quick-applied 1\n" PEER2 " psk - \n",
		"wg-quick-applied 1\n" PEER2 " psk - a:1 -\n",
		"wg-quick-applied 1\n" PEER2 " yes - a:1\n",
		"wg-quick-applied 1\n" PEER2 " keepalive psk a:1\n",
		"wg-quick-applied 1\n" PEER2 " a:1 preshared-key\n",
		"wg-quick-applied 1\n" PEER2 " psk - a:1",
		"wg-quick-applied 1\nAgAA psk - a:1\n",
		"wg-quick-applied 2\n" PEER2 " psk - a:1\n",
		"wg-quick-applied 2",
		"wg-quick-applied 2\n" PEER2 "\n",
		"wg-quick-applied 2\n" PEER2 " \n",
		"wg-quick-applied 2\n" PEER2 " - \n",
		"wg-quick-applied 2\n" PEER2 " - yes\n",
		"wg-quick-applied 2\n" PEER2 " - endpoint\n",
		"wg-quick-applied 2\n" PEER2 " - preshared-key  persistent-keepalive\n",
		"wg-quick-applied 2\n" PEER2 " a:1 preshared-key",
		"wg-quick-applied 2\nAgAA a:1 preshared-key\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct applied a;

		assert_false(read_record(&a, bad[i]));
		assert_false(a.known);
		assert_int_equal(a.n, 0);
		assert_null(a.peers);
	}
}

/* The device as `file` made it, after its peers roamed and a hook set a preshared key. */
static struct wg_device *device(void)
{
	struct wg_device *dev = wg_device_new();

	dev->flags = WG_DEVICE_HAS_PRIVATE_KEY;
	for (u8 i = 2; i <= 4; i++) {
		struct wg_peer *p = wg_device_add_peer(dev);

		p->public_key[0] = i;
		p->flags = WG_PEER_HAS_PUBLIC_KEY;
		p->endpoint.addr4.sin_family = AF_INET;
		p->endpoint.addr4.sin_port = htons(1000 + i);
		p->preshared_key[0] = i == 2 ? 1 : i;
		p->keepalive = i == 2 ? 25 : 10;
		p->handshake_sec = 1000;
	}
	return dev;
}

/* What is sent to the device for a file, after a record (NULL: none). */
static struct wg_device *sent(struct config *c, const char *text, const char *record, s64 alive_since)
{
	struct wg_device *have = device();
	struct applied a = {0};
	struct wg_error err;
	bool changed;

	if (record)
		assert_true(read_record(&a, record));
	parse(c, text);
	applied_keep(&a, c, have, alive_since);
	/* The keys are the file's alone. */
	have->private_key[0] = 1;
	assert_int_equal(wg_diff(c->dev, have, &changed, &err), 0);
	assert_int_equal(changed, c->dev->flags || c->dev->peers);
	wg_device_free(have);
	applied_wipe(&a);
	return c->dev;
}

static const char peers_only[] = "[Interface]\n"
				 "[Peer]\nPublicKey = " PEER3 "\nEndpoint = vpn.example.com:51820\n"
				 "[Peer]\nPublicKey = " PEER2 "\nPresharedKey = " KEY "\n"
				 "Endpoint = 192.0.2.9:5\nPersistentKeepalive = 25\n"
				 "[Peer]\nPublicKey = " PEER4 "\n";

static void of_an_unchanged_file_nothing_is_sent_or_looked_up(void **state)
{
	char *record = record_of(peers_only);
	struct config c;
	struct wg_device *change = sent(&c, peers_only, record, 0);

	(void)state;
	assert_null(change->peers);
	assert_int_equal(change->flags, 0);
	assert_int_equal(c.resolve.n_jobs, 0);
	config_wipe(&c);
	free(record);
}

static void an_endpoint_that_the_file_changed_is_sent(void **state)
{
	char *record = record_of(peers_only);
	struct config c;
	struct wg_device *change;

	(void)state;
	change = sent(&c, "[Interface]\n"
			  "[Peer]\nPublicKey = " PEER3 "\nEndpoint = vpn.example.com:51820\n"
			  "[Peer]\nPublicKey = " PEER2 "\nPresharedKey = " KEY "\n"
			  "Endpoint = 192.0.2.9:6\nPersistentKeepalive = 25\n"
			  "[Peer]\nPublicKey = " PEER4 "\n", record, 0);
	assert_non_null(change->peers);
	assert_null(change->peers->next);
	assert_int_equal(change->peers->public_key[0], 2);
	assert_int_equal(change->peers->endpoint.addr4.sin_port, htons(6));
	config_wipe(&c);
	free(record);
}

static void a_name_that_the_file_changed_is_looked_up(void **state)
{
	char *record = record_of(peers_only);
	struct config c;

	(void)state;
	sent(&c, "[Interface]\n[Peer]\nPublicKey = " PEER3 "\nEndpoint = other.example.com:51820\n",
	     record, 0);
	assert_int_equal(c.resolve.n_jobs, 1);
	config_wipe(&c);
	free(record);
}

static void a_key_and_a_keepalive_that_the_file_dropped_are_removed(void **state)
{
	char *record = record_of(peers_only);
	struct config c;
	struct wg_device *change;

	(void)state;
	change = sent(&c, "[Interface]\n"
			  "[Peer]\nPublicKey = " PEER3 "\n"
			  "[Peer]\nPublicKey = " PEER2 "\nEndpoint = 192.0.2.9:5\n"
			  "[Peer]\nPublicKey = " PEER4 "\n", record, 0);
	assert_non_null(change->peers);
	assert_null(change->peers->next);
	assert_int_equal(change->peers->public_key[0], 2);
	assert_int_equal(change->peers->flags & (WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE),
			 WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE);
	assert_true(wg_key_is_zero(change->peers->preshared_key));
	assert_int_equal(change->peers->keepalive, 0);
	config_wipe(&c);
	free(record);
}

static void without_a_record_only_the_endpoint_of_a_live_peer_stays(void **state)
{
	static const char one[] = "[Interface]\n[Peer]\nPublicKey = " PEER2 "\nPresharedKey = " KEY "\n"
				  "Endpoint = 192.0.2.9:5\nPersistentKeepalive = 25\n";
	struct config c;
	struct wg_device *change = sent(&c, one, NULL, 1000);

	(void)state;
	for (const struct wg_peer *p = change->peers; p; p = p->next)
		assert_true(p->flags & WG_PEER_REMOVE_ME);
	config_wipe(&c);
	change = sent(&c, one, NULL, 1001);
	assert_int_equal(change->peers->public_key[0], 2);
	assert_int_equal(change->peers->endpoint.addr4.sin_port, htons(5));
	config_wipe(&c);
}

/* A file in which two sections make up one peer, as `wg setconf` takes them. */
static const char two_sections[] = "[Interface]\n"
				   "[Peer]\nPublicKey = " PEER2 "\nPresharedKey = " KEY "\n"
				   "Endpoint = old.example.com:5\n"
				   "[Peer]\nPublicKey = " PEER2 "\nPersistentKeepalive = 25\n"
				   "Endpoint = 192.0.2.9:6\n"
				   "[Peer]\nPublicKey = " PEER3 "\n"
				   "[Peer]\nPublicKey = " PEER4 "\n"
				   "[Peer]\nPublicKey = " PEER2 "\n";

static void several_sections_of_a_peer_are_one(void **state)
{
	char *record = record_of(two_sections);
	struct config c;
	struct wg_device *change;

	(void)state;
	assert_string_equal(record, "wg-quick-applied 2\n"
				    PEER2 " 192.0.2.9:6 preshared-key persistent-keepalive\n");
	change = sent(&c, two_sections, record, 0);
	assert_null(change->peers);
	assert_int_equal(c.resolve.n_jobs, 0);
	config_wipe(&c);
	free(record);
}

/* The record of `peers_only` as version 1 of the format has it. */
static const char record_v1[] = "wg-quick-applied 1\n"
				PEER3 " - - vpn.example.com:51820\n"
				PEER2 " psk keepalive 192.0.2.9:5\n";

static void a_record_of_version_1_is_understood(void **state)
{
	struct applied a;

	(void)state;
	assert_true(read_record(&a, "wg-quick-applied 1\n" PEER4 " - keepalive -\n"
				    PEER3 " psk - vpn.example.com:51820\n"
				    PEER2 " psk keepalive 192.0.2.9:5\n"));
	assert_true(a.known);
	assert_int_equal(a.n, 3);
	assert_int_equal(a.peers[0].public_key[0], 2);
	assert_int_equal(a.peers[0].given, WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE);
	assert_string_equal(a.peers[0].endpoint, "192.0.2.9:5");
	assert_int_equal(a.peers[1].given, WG_PEER_HAS_PRESHARED_KEY);
	assert_string_equal(a.peers[1].endpoint, "vpn.example.com:51820");
	assert_int_equal(a.peers[2].given, WG_PEER_HAS_KEEPALIVE);
	assert_null(a.peers[2].endpoint);
	applied_wipe(&a);
	assert_true(read_record(&a, "wg-quick-applied 1\n"));
	assert_true(a.known);
	assert_int_equal(a.n, 0);
	applied_wipe(&a);
}

/* Peers 3 and 4 of device() have a preshared key that the file does not give: a hook has set it. */
static void after_an_upgrade_a_key_that_a_hook_set_stays(void **state)
{
	struct config c;
	struct wg_device *change = sent(&c, peers_only, record_v1, 0);

	(void)state;
	assert_null(change->peers);
	assert_int_equal(change->flags, 0);
	assert_int_equal(c.resolve.n_jobs, 0);
	config_wipe(&c);
}

/* As a version wrote it that noted each section. */
static void a_record_with_several_lines_of_a_peer_is_read_as_one(void **state)
{
	struct applied a;

	(void)state;
	assert_true(read_record(&a, "wg-quick-applied 2\n" PEER2 " old.example.com:5 preshared-key\n"
				    PEER3 " - preshared-key\n"
				    PEER2 " 192.0.2.9:6 persistent-keepalive\n" PEER2 " -\n"));
	assert_int_equal(a.n, 2);
	assert_int_equal(a.peers[0].given, WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE);
	assert_string_equal(a.peers[0].endpoint, "192.0.2.9:6");
	assert_int_equal(a.peers[1].given, WG_PEER_HAS_PRESHARED_KEY);
	applied_wipe(&a);
	assert_true(read_record(&a, "wg-quick-applied 1\n" PEER2 " psk - old.example.com:5\n"
				    PEER2 " - keepalive 192.0.2.9:6\n"));
	assert_int_equal(a.n, 1);
	assert_int_equal(a.peers[0].given, WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE);
	assert_string_equal(a.peers[0].endpoint, "192.0.2.9:6");
	applied_wipe(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_written_for_each_peer_with_something_to_remember),
		cmocka_unit_test(an_ipv6_endpoint_is_written_with_its_zone),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_record_that_was_not_written_here_is_no_record),
		cmocka_unit_test(of_an_unchanged_file_nothing_is_sent_or_looked_up),
		cmocka_unit_test(an_endpoint_that_the_file_changed_is_sent),
		cmocka_unit_test(a_name_that_the_file_changed_is_looked_up),
		cmocka_unit_test(a_key_and_a_keepalive_that_the_file_dropped_are_removed),
		cmocka_unit_test(a_record_of_version_1_is_understood),
		cmocka_unit_test(after_an_upgrade_a_key_that_a_hook_set_stays),
		cmocka_unit_test(several_sections_of_a_peer_are_one),
		cmocka_unit_test(a_record_with_several_lines_of_a_peer_is_read_as_one),
		cmocka_unit_test(without_a_record_only_the_endpoint_of_a_live_peer_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

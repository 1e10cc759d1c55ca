// SPDX-License-Identifier: GPL-2.0
/* Every setting that can be set, as text: what is parsed is printed again, and a file may have it. */
#include "../../../../src/lib/conf/setting-text.h"
#include <dlfcn.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/lib/conf/conf.h"
#include "../../../../src/lib/conf/showconf.h"
#include "../device/setting-samples.h"

#define expect(s, condition)                                      \
	do {                                                      \
		if (!(condition))                                 \
			fail_msg("%s: %s", (s)->key, #condition); \
	} while (0)

static void for_each_key(void (*check)(const struct wg_setting *s, size_t i))
{
	for (enum wg_section section = 0; section < WG_SECTIONS; section++)
		for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++)
			for (size_t i = 0; s->key && i < 2; i++)
				check(s, i);
}

static const void *object_of(const struct wg_setting *s, const struct wg_device *dev)
{
	return s->section == WG_SECTION_PEER ? (const void *)dev->peers : dev;
}

/* An object with the row's sample, to compare with. */
static struct wg_device *sample_device(const struct wg_setting *s, size_t i)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);

	sample_set(s, dev, s->section == WG_SECTION_PEER ? (void *)peer : dev, i);
	return dev;
}

static bool has_sample(const struct wg_setting *s, const struct wg_device *dev, size_t i)
{
	cleanup(wg_device_freep) struct wg_device *want = sample_device(s, i);
	const struct wg_allowedip *a, *b;

	if (s->flag && !wg_setting_has_flag(s, object_of(s, dev)))
		return false;
	if (s->role != WG_ROLE_LIST)
		return !memcmp(wg_setting_value(s, object_of(s, dev)),
			       wg_setting_value(s, object_of(s, want)), wg_setting_ops(s)->size);
	a = dev->peers->allowedips;
	b = want->peers->allowedips;
	return a && !a->next && a->family == b->family && a->cidr == b->cidr &&
	       !memcmp(a->addr, b->addr, wg_family_len(a->family));
}

static void parse(const struct wg_setting *s, struct wg_device *dev, const char *text)
{
	cleanup(wg_resolve_wipe) struct wg_resolve resolve = {0};
	const struct wg_setting_target to = {.dev = dev, .peer = wg_device_add_peer(dev),
					     .resolve = &resolve, .file = "f", .line = 1};
	struct wg_error err = {0};
	size_t at = 0;

	expect(s, wg_setting_parse(s, &to, text, strlen(text), &at, &err) == 0);
}

static void check_round_trip(const struct wg_setting *s, size_t i)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(wg_device_freep) struct wg_device *again = wg_device_new();
	char text[256] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	assert_non_null(f);
	parse(s, dev, samples[s->type][i].text);
	expect(s, has_sample(s, dev, i));
	wg_setting_print(f, s, object_of(s, dev));
	fclose(f);
	assert_string_equal(text, samples[s->type][i].text);
	parse(s, again, text);
	expect(s, has_sample(s, again, i));
}

static void what_is_parsed_is_printed(void **state)
{
	(void)state;
	for_each_key(check_round_trip);
}

static void check_refusal(const struct wg_setting *s, size_t i)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(wg_resolve_wipe) struct wg_resolve resolve = {0};
	const struct wg_setting_target to = {.dev = dev, .peer = wg_device_add_peer(dev),
					     .resolve = &resolve};
	struct wg_error err = {0};
	size_t at = 99;

	(void)i;
	expect(s, wg_setting_parse(s, &to, "?", 1, &at, &err) == -1);
	expect(s, err.text[0] && err.reason && at <= 1);
	/* Its value is not known, and that it was given is. */
	expect(s, !s->flag || wg_setting_has_flag(s, object_of(s, dev)));
}

static bool getnameinfo_fails;

/* Takes the place of libc's. */
int getnameinfo(const struct sockaddr *addr, socklen_t len, char *host, socklen_t host_len, char *port,
		socklen_t port_len, int flags)
{
	int (*real)(const struct sockaddr *, socklen_t, char *, socklen_t, char *, socklen_t, int);

	if (getnameinfo_fails)
		return EAI_SYSTEM;
	*(void **)&real = dlsym(RTLD_NEXT, "getnameinfo");
	return real(addr, len, host, host_len, port, port_len, flags);
}

static void assert_endpoint_is_printed(const union wg_endpoint *endpoint, const char *expected)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);
	char text[256] = "\n";
	FILE *f = fmemopen(text + 1, sizeof(text) - 1, "w");

	assert_non_null(f);
	peer->endpoint = *endpoint;
	wg_showconf_peers(f, dev);
	fclose(f);
	assert_non_null(strstr(text, expected));
}

static void an_endpoint_is_printed_even_if_getnameinfo_fails(void **state)
{
	const union wg_endpoint v4 = {.addr4 = {.sin_family = AF_INET, .sin_port = htons(9),
						.sin_addr.s_addr = htonl(0xc0000201)}};
	const union wg_endpoint v6 = {.addr6 = {.sin6_family = AF_INET6, .sin6_port = htons(65535),
						.sin6_addr = {.s6_addr = {0xfe, 0x80, [15] = 1}}}};
	union wg_endpoint zone = v6;

	(void)state;
	zone.addr6.sin6_scope_id = 4294967295U;
	getnameinfo_fails = true;
	for_each_key(check_round_trip);
	for (int i = 0; i < 2; i++) {
		getnameinfo_fails = !i;
		assert_endpoint_is_printed(&v4, "\nEndpoint = 192.0.2.1:9\n");
		assert_endpoint_is_printed(&v6, "\nEndpoint = [fe80::1]:65535\n");
		assert_endpoint_is_printed(&zone, "\nEndpoint = [fe80::1%4294967295]:65535\n");
	}
}

static void what_is_no_value_is_refused(void **state)
{
	(void)state;
	for_each_key(check_refusal);
}

static int read_file(struct wg_device *dev, const char *text, struct wg_error *err)
{
	cleanup(close_file) FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	cleanup(wg_resolve_wipe) struct wg_resolve resolve = {0};

	assert_non_null(f);
	return wg_conf_read(dev, &resolve, NULL, f, "f", err);
}

static const char *key_line(const struct wg_setting *s)
{
	return s->role == WG_ROLE_IDENTITY ? "" : "PublicKey = " SAMPLE_KEY_1 "\n";
}

static void check_file(const struct wg_setting *s, size_t i)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	bool peer = s->section == WG_SECTION_PEER;
	struct wg_error err = {0};
	char text[512], shown[512] = "\n", line[256];
	FILE *f = fmemopen(shown + 1, sizeof(shown) - 1, "w");

	assert_non_null(f);
	snprintf(line, sizeof(line), "\n%s = %s\n", s->key, samples[s->type][i].text);
	snprintf(text, sizeof(text), "%s%s%s", peer ? "[Peer]\n" : "[Interface]", peer ? key_line(s) : "",
		 line);
	expect(s, read_file(dev, text, &err) == 0);
	expect(s, has_sample(s, dev, i));
	wg_showconf_interface(f, dev);
	wg_showconf_peers(f, dev);
	fclose(f);
	expect(s, strstr(shown, line));
}

static void a_file_may_have_every_setting_and_is_shown(void **state)
{
	(void)state;
	for_each_key(check_file);
}

/* The errors about unknown keys name it, and know where it belongs. */
static void check_errors(const struct wg_setting *s, size_t i)
{
	static const char *const sections[] = {"[Interface]", "[Peer]"};
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	struct wg_error err = {0};
	char text[256];

	(void)i;
	snprintf(text, sizeof(text), "%s\nColour = red\n", sections[s->section]);
	expect(s, read_file(dev, text, &err) < 0 && strstr(err.text, s->key));
	snprintf(text, sizeof(text), "%s\n%sX = 1\n", sections[s->section], s->key);
	expect(s, read_file(dev, text, &err) < 0 && strstr(err.text, "did you mean") &&
		  strstr(err.text, s->key));
	snprintf(text, sizeof(text), "%s\n%s = 1\n", sections[!s->section], s->key);
	expect(s, read_file(dev, text, &err) < 0 && strstr(err.text, "belongs to") &&
		  strstr(strstr(err.text, "belongs to"), sections[s->section]));
}

static void errors_know_every_key(void **state)
{
	(void)state;
	for_each_key(check_errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_parsed_is_printed),
		cmocka_unit_test(an_endpoint_is_printed_even_if_getnameinfo_fails),
		cmocka_unit_test(what_is_no_value_is_refused),
		cmocka_unit_test(a_file_may_have_every_setting_and_is_shown),
		cmocka_unit_test(errors_know_every_key),
	};

	return cmocka_run_group_tests_name("lib/setting-text", tests, NULL, NULL);
}

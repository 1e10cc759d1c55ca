// SPDX-License-Identifier: GPL-2.0
/* The forms of `wg show` for scripts, each to the byte. */
#include "../../../src/wg/show.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../src/lib/base/cleanup.h"
#include "../lib/device/setting-samples.h"

#define ONES "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define TWOS "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="

static struct wg_device *full_and_empty_peer(void)
{
	static const u8 ten[4] = {10}, fd[16] = {0xfd};
	struct wg_device *dev = wg_device_new();
	struct wg_peer *p = wg_device_add_peer(dev);

	strcpy(dev->name, "wg0");
	dev->flags = WG_DEVICE_HAS_PRIVATE_KEY;
	memset(dev->private_key, 2, WG_KEY_LEN);
	dev->listen_port = 51820;
	memset(p->public_key, 1, WG_KEY_LEN);
	memset(p->preshared_key, 2, WG_KEY_LEN);
	p->flags = WG_PEER_HAS_PRESHARED_KEY;
	p->endpoint.addr4.sin_family = AF_INET;
	p->endpoint.addr4.sin_port = htons(9);
	wg_peer_add_allowedip(dev, p, AF_INET, ten, 8, 0);
	wg_peer_add_allowedip(dev, p, AF_INET6, fd, 64, 0);
	p->handshake_sec = 1700000000;
	p->rx_bytes = UINT64_MAX;
	p->tx_bytes = 3;
	p->keepalive = 25;
	memset(wg_device_add_peer(dev)->public_key, 2, WG_KEY_LEN);
	return dev;
}

static const struct {
	const char *parameter, *shown;
} cases[] = {
	{"public-key", "(none)\n"},
	{"private-key", TWOS "\n"},
	{"listen-port", "51820\n"},
	{"fwmark", "off\n"},
	{"peers", ONES "\n" TWOS "\n"},
	{"preshared-keys", ONES "\t" TWOS "\n" TWOS "\t(none)\n"},
	{"endpoints", ONES "\t0.0.0.0:9\n" TWOS "\t(none)\n"},
	{"allowed-ips", ONES "\t10.0.0.0/8 fd00::/64\n" TWOS "\t(none)\n"},
	{"latest-handshakes", ONES "\t1700000000\n" TWOS "\t0\n"},
	{"transfer", ONES "\t18446744073709551615\t3\n" TWOS "\t0\t0\n"},
	{"persistent-keepalive", ONES "\t25\n" TWOS "\toff\n"},
	{"dump", TWOS "\t(none)\t51820\toff\n" ONES "\t" TWOS
		      "\t0.0.0.0:9\t10.0.0.0/8,fd00::/64\t1700000000\t18446744073709551615\t3\t25\n" TWOS
		      "\t(none)\t(none)\t(none)\t0\t0\t0\toff\n"},
};

static void every_parameter(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = full_and_empty_peer();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup(output_freep) struct output *o = output_new(-1);

		assert_true(show_has_parameter(cases[i].parameter));
		assert_true(show_parameter(o, dev, cases[i].parameter, false));
		output_char(o, '\0');
		assert_string_equal(o->buf, cases[i].shown);
	}
}

static void every_line_can_name_the_interface(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = full_and_empty_peer();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup(output_freep) struct output *o = output_new(-1);
		const char *want = cases[i].shown, *got = o->buf;

		show_parameter(o, dev, cases[i].parameter, true);
		output_char(o, '\0');
		for (; *want; want = strchr(want, '\n') + 1, got = strchr(got, '\n') + 1) {
			assert_memory_equal(got, "wg0\t", 4);
			got += 4;
			assert_memory_equal(got, want, strcspn(want, "\n") + 1);
		}
		assert_string_equal(got, "");
	}
}

static void others_are_unknown(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = full_and_empty_peer();
	cleanup(output_freep) struct output *o = output_new(-1);

	(void)state;
	assert_false(show_has_parameter("Dump"));
	assert_false(show_parameter(o, dev, "peer", false));
	assert_int_equal(o->used, 0);
}

static struct wg_device *sample_device(const struct wg_setting *s, size_t i)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *p = wg_device_add_peer(dev);

	sample_set(s, dev, s->section == WG_SECTION_PEER ? (void *)p : dev, i);
	return dev;
}

/* The value stands alone between tabs, spaces and line ends. */
static bool has_column(const char *text, const char *value)
{
	size_t len = strlen(value);

	for (const char *at = strstr(text, value); at; at = strstr(at + 1, value))
		if ((at == text || at[-1] == '\t') && (at[len] == '\t' || at[len] == '\n'))
			return true;
	return false;
}

static void check_setting(const struct wg_setting *s, const char *parameter, size_t i)
{
	cleanup(wg_device_freep) struct wg_device *dev = sample_device(s, i);
	cleanup(output_freep) struct output *o = output_new(-1);

	assert_true(show_has_parameter(parameter));
	assert_true(show_parameter(o, dev, parameter, false));
	output_char(o, '\0');
	if (!has_column(o->buf, samples[s->type][i].column))
		fail_msg("%s lacks %s: %s", parameter, s->column, o->buf);
}

static void every_setting_is_a_parameter_and_a_column(void **state)
{
	(void)state;
	for (enum wg_section section = 0; section < WG_SECTIONS; section++) {
		for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++) {
			for (size_t i = 0; s->column && i < 2; i++) {
				char word[64];

				check_setting(s, s->column, i);
				check_setting(s, "dump", i);
				snprintf(word, sizeof(word), "%sx", s->column);
				assert_string_equal(show_guess_parameter(word), s->column);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_parameter),
		cmocka_unit_test(every_line_can_name_the_interface),
		cmocka_unit_test(others_are_unknown),
		cmocka_unit_test(every_setting_is_a_parameter_and_a_column),
	};

	return cmocka_run_group_tests_name("wg/show-columns", tests, NULL, NULL);
}

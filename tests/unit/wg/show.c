// SPDX-License-Identifier: GPL-2.0
/* The forms of `wg show` that no device can be brought into on purpose: times and sizes. */
#include "../../../src/wg/show.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../src/lib/base/cleanup.h"
#include "../lib/device/setting-samples.h"

static void test_durations(void **state)
{
	static const struct {
		u64 seconds;
		const char *text;
	} cases[] = {
		{1, "1 second"},
		{59, "59 seconds"},
		{3600, "1 hour"},
		{3726, "1 hour, 2 minutes, 6 seconds"},
		{86400 + 1, "1 day, 1 second"},
		{2 * 31536000ULL + 2 * 86400, "2 years, 2 days"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup(output_freep) struct output *o = output_new(-1);

		show_duration(o, false, cases[i].seconds);
		output_char(o, '\0');
		assert_string_equal(o->buf, cases[i].text);
	}
}

static void test_sizes(void **state)
{
	static const struct {
		u64 bytes;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.00 KiB"},
		{1536, "1.50 KiB"},
		{1048575, "1024.00 KiB"},
		{1048576, "1.00 MiB"},
		{1ULL << 30, "1.00 GiB"},
		{1ULL << 40, "1.00 TiB"},
		{1ULL << 52, "4096.00 TiB"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup(output_freep) struct output *o = output_new(-1);

		show_bytes(o, false, cases[i].bytes);
		output_char(o, '\0');
		assert_string_equal(o->buf, cases[i].text);
	}
}

static void test_pretty(void **state)
{
	static const s64 handshakes[] = {0, 1000, 1001, 0, 990};
	static const struct pretty p = {.now = 1000};
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(output_freep) struct output *o = output_new(-1);

	(void)state;
	strcpy(dev->name, "wg0");
	for (size_t i = 0; i < sizeof(handshakes) / sizeof(handshakes[0]); i++) {
		struct wg_peer *peer = wg_device_add_peer(dev);

		peer->public_key[0] = (u8)(i << 2);
		peer->handshake_sec = handshakes[i];
	}
	show_pretty(o, dev, &p);
	output_char(o, '\0');
#define PEER(c) "\npeer: " c "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n  allowed ips: (none)\n"
#define SHAKE   "  latest handshake: "
	assert_string_equal(
		o->buf,
		"interface: wg0\n"
		PEER("C") SHAKE "(System clock wound backward; connection problems may ensue.)\n"
		PEER("B") SHAKE "Now\n"
		PEER("E") SHAKE "10 seconds ago\n"
		PEER("A") PEER("D"));
}

static void test_hex(void **state)
{
	cleanup(output_freep) struct output *o = output_new(-1);

	(void)state;
	output_hex(o, 0xca6c);
	output_number(o, UINT64_MAX);
	output_char(o, '\0');
	assert_string_equal(o->buf, "0xca6c18446744073709551615");
}

static void check_line(const struct wg_setting *s, size_t i)
{
	static const struct pretty p = {.now = SAMPLE_NOW};
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(output_freep) struct output *o = output_new(-1);
	struct wg_peer *peer = wg_device_add_peer(dev);
	const char *line;
	char label[64];

	sample_set(s, dev, s->section == WG_SECTION_PEER ? (void *)peer : dev, i);
	show_pretty(o, dev, &p);
	output_char(o, '\0');
	snprintf(label, sizeof(label), "\n  %s: ", s->label);
	line = strstr(o->buf, label);
	if (!line || !strstr(line, samples[s->type][i].line))
		fail_msg("%s is not shown: %s", s->label, o->buf);
}

static void every_setting_has_a_line(void **state)
{
	(void)state;
	for (enum wg_section section = 0; section < WG_SECTIONS; section++)
		for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++)
			for (size_t i = 0; s->label && i < 2; i++)
				check_line(s, i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_pretty),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(every_setting_has_a_line),
	};

	return cmocka_run_group_tests_name("wg/show", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Counters are read by a request of their own, and the other requests know nothing of them. */
#include "../../../../src/tun/uapi/uapi-counters.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "../fake.h"
#include "../uapi.h"
#include <cmocka.h>

static void every_row_is_a_line(void **state)
{
	struct device *d = fake_device();
	char *got, line[64], *at;

	(void)state;
	for (unsigned int i = 0; i < WG_HANDSHAKE_REASONS; i++)
		d->handshake_report.n[i] = 100 + i;
	for (int i = 0; i < DROP_REASONS; i++)
		drops_count(&d->drops, (enum drop)i, 200 + (u32)i);
	got = at = uapi_talk(d, "counters=1\n\n", 1);
	for (unsigned int i = 0; i < WG_HANDSHAKE_REASONS; i++) {
		snprintf(line, sizeof(line), "%s=%u\n", wg_handshake_reason_name(i), 100 + i);
		assert_int_equal(strncmp(at, line, strlen(line)), 0);
		at += strlen(line);
	}
	for (int i = 0; i < DROP_REASONS; i++) {
		snprintf(line, sizeof(line), "drop-%s=%d\n", drops_name((enum drop)i), 200 + i);
		assert_int_equal(strncmp(at, line, strlen(line)), 0);
		at += strlen(line);
	}
	assert_string_equal(at, "errno=0\n\n");
	free(got);
	device_free(d);
}

static void the_largest_numbers_have_room(void **state)
{
	struct device *d = fake_device();
	char out[UAPI_COUNTERS_SIZE];

	(void)state;
	for (unsigned int i = 0; i < WG_HANDSHAKE_REASONS; i++)
		d->handshake_report.n[i] = UINT64_MAX;
	for (int i = 0; i < DROP_REASONS; i++)
		d->drops.n[i] = UINT64_MAX;
	assert_true(uapi_counters(d, out, sizeof(out)) < sizeof(out));
	device_free(d);
}

static void it_takes_no_other_line(void **state)
{
	struct device *d = fake_device();
	char *got = uapi_talk(d, "counters=1\nfwmark=1\n\nget=1\n\n", 3);

	(void)state;
	assert_string_equal(got, "errno=-22\n\nlisten_port=0\nerrno=0\n\n");
	free(got);
	got = uapi_talk(d, "set=1\ncounters=1\n\n", 3);
	assert_string_equal(got, "errno=-22\n\n");
	free(got);
	got = uapi_talk(d, "counters=2\n\n", 3);
	assert_string_equal(got, "errno=-22\n\n");
	free(got);
	device_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_a_line),
		cmocka_unit_test(the_largest_numbers_have_room),
		cmocka_unit_test(it_takes_no_other_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* A failed handshake is counted each time, and said once a second for each reason. */
#include "../../../../src/tun/report/handshake-report.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/tun/report/logger.h"

static struct handshake_report r;
static int log_end, saved_stderr;

/* What the log was given since the last call. */
static const char *log_text(void)
{
	static char text[4096];
	ssize_t n = read(log_end, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static int begin(void **state)
{
	int ends[2];

	(void)state;
	memset(&r, 0, sizeof(r));
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	saved_stderr = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	log_end = ends[0];
	logger_init("wg0", LOGGER_VERBOSE);
	return 0;
}

static int end(void **state)
{
	(void)state;
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(log_end);
	return 0;
}

static void names_peer_address_and_reason(void **state)
{
	const struct wg_addr four = {.family = 4, .ip = {192, 0, 2, 9}, .port = {0xca, 0x6c}};
	const struct wg_addr six = {.family = 6, .ip = {0x20, 1, 0xd, 0xb8, [15] = 1}, .port = {0, 7}};
	u8 key[WG_PUBLIC_LEN];

	(void)state;
	memset(key, 0x41, sizeof(key));
	handshake_report(&r, WG_HANDSHAKE_BAD_MAC, NULL, &four, 1);
	assert_string_equal(log_text(), "wg-tun wg0: handshake message from 192.0.2.9:51820: mac1 is "
					"wrong: the sender has another public key for us\n");
	handshake_report(&r, WG_HANDSHAKE_TOO_SOON, key, &six, 1);
	assert_string_equal(log_text(), "wg-tun wg0: handshake message of peer QUFBQUFB... from "
					"[2001:db8::1]:7: it came too soon after the last one\n");
	handshake_report(&r, WG_INITIATION_NO_ENDPOINT, key, NULL, 1);
	assert_string_equal(log_text(),
			    "wg-tun wg0: handshake with peer QUFBQUFB...: the peer has no endpoint\n");
}

/* The name is that of a reason, so that a flood of one does not hide another. */
static void a_flood_of_one_reason_hides_no_other(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		handshake_report(&r, WG_HANDSHAKE_BAD_MAC, NULL, NULL, 5);
	handshake_report(&r, WG_HANDSHAKE_FORGED, NULL, NULL, 5);
	assert_non_null(strstr(log_text(), "not authentic"));
	handshake_report(&r, WG_HANDSHAKE_BAD_MAC, NULL, NULL, 4 + WG_HANDSHAKE_REASON_INTERVAL);
	assert_string_equal(log_text(), "");
	handshake_report(&r, WG_HANDSHAKE_BAD_MAC, NULL, NULL, 5 + WG_HANDSHAKE_REASON_INTERVAL);
	assert_non_null(strstr(log_text(), "(and 1000 more since this was last said)\n"));
	assert_int_equal(handshake_report_get(&r, WG_HANDSHAKE_BAD_MAC), 1002);
	assert_int_equal(handshake_report_get(&r, WG_HANDSHAKE_FORGED), 1);
	assert_int_equal(handshake_report_get(&r, WG_HANDSHAKE_REPLAYED), 0);
}

static void a_flood_of_unknown_peers_hides_no_known_one(void **state)
{
	u8 key[WG_PUBLIC_LEN] = {7}, other[WG_PUBLIC_LEN] = {8};

	(void)state;
	handshake_report(&r, WG_HANDSHAKE_FORGED, NULL, NULL, 5);
	log_text();
	handshake_report(&r, WG_HANDSHAKE_FORGED, key, NULL, 5);
	assert_non_null(strstr(log_text(), "of peer BwAAAAAA..."));
	handshake_report(&r, WG_HANDSHAKE_FORGED, other, NULL, 5);
	assert_non_null(strstr(log_text(), "of peer CAAAAAAA..."));
	handshake_report(&r, WG_HANDSHAKE_FORGED, key, NULL, 5);
	assert_string_equal(log_text(), "");
}

static void successes_are_counted_only(void **state)
{
	(void)state;
	handshake_report(&r, WG_HANDSHAKE_COMPLETED, NULL, NULL, 5);
	assert_string_equal(log_text(), "");
	assert_int_equal(handshake_report_get(&r, WG_HANDSHAKE_COMPLETED), 1);
}

static void other_levels_say_nothing(void **state)
{
	(void)state;
	logger_init("wg0", LOGGER_ERROR);
	handshake_report(&r, WG_HANDSHAKE_FORGED, NULL, NULL, 5);
	assert_string_equal(log_text(), "");
	assert_int_equal(handshake_report_get(&r, WG_HANDSHAKE_FORGED), 1);
}

static void every_sentence_has_room(void **state)
{
	const struct wg_addr six = {.family = 6, .ip = {[0 ... 15] = 0xfe}, .port = {255, 255}};
	char text[HANDSHAKE_REPORT_TEXT];
	u8 key[WG_PUBLIC_LEN] = {0};

	(void)state;
	for (unsigned int i = 0; i < WG_HANDSHAKE_REASONS; i++) {
		handshake_report_describe(text, sizeof(text), i, key, &six, UINT64_MAX);
		assert_int_equal(text[strlen(text) - 1], ')');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_peer_address_and_reason, begin, end),
		cmocka_unit_test_setup_teardown(a_flood_of_one_reason_hides_no_other, begin, end),
		cmocka_unit_test_setup_teardown(a_flood_of_unknown_peers_hides_no_known_one, begin, end),
		cmocka_unit_test_setup_teardown(successes_are_counted_only, begin, end),
		cmocka_unit_test_setup_teardown(other_levels_say_nothing, begin, end),
		cmocka_unit_test(every_sentence_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The buffer in front of a descriptor: nothing is lost, no error either. */
#include "../../../src/wg/output.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <cmocka.h>
#include "../../../src/lib/base/cleanup.h"

/* Far more than the buffer holds, in pieces of all kinds. */
static void all_arrives(void **state)
{
	cleanup(output_freep) struct output *o = NULL;
	cleanup(close_fd) int fd = memfd_create("output", 0);
	struct wg_error err;
	char line[64], want[64];
	FILE *f;

	(void)state;
	o = output_new(fd);
	for (u64 i = 0; i < 20000; i++) {
		output_number(o, i);
		output_char(o, '\n');
	}
	assert_int_equal(output_finish(o, &err), 0);
	f = fdopen(dup(fd), "r");
	assert_non_null(f);
	rewind(f);
	for (size_t i = 0; i < 20000; i++) {
		assert_non_null(fgets(line, sizeof(line), f));
		snprintf(want, sizeof(want), "%zu\n", i);
		assert_string_equal(line, want);
	}
	assert_null(fgets(line, sizeof(line), f));
	fclose(f);
}

/* The one that counts is the first. */
static void a_full_disk_is_an_error(void **state)
{
	cleanup(close_fd) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	cleanup(output_freep) struct output *o = output_new(fd);
	struct wg_error err;

	(void)state;
	for (int i = 0; i < 2 * OUTPUT_SIZE; i++)
		output_char(o, 'x');
	assert_int_equal(o->code, ENOSPC);
	o->fd = -1;
	assert_int_equal(output_finish(o, &err), -1);
	assert_int_equal(err.code, ENOSPC);
	assert_string_equal(err.text,
			    "Unable to write to standard output: No space left on device");
}

static void spelling(void **state)
{
	static const u8 addr6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, addr4[4] = {192, 0, 2, 255};
	cleanup(output_freep) struct output *o = output_new(-1);
	u8 key[WG_KEY_LEN] = {[0] = 0xff};
	union wg_endpoint e = {0};

	(void)state;
	output_hex(o, 0);
	output_key(o, key);
	output_address(o, AF_INET, addr4);
	output_address(o, AF_INET6, addr6);
	e.addr4.sin_family = AF_INET;
	memcpy(&e.addr4.sin_addr, addr4, 4);
	e.addr4.sin_port = htons(65535);
	output_endpoint(o, &e);
	memset(&e, 0, sizeof(e));
	e.addr6.sin6_family = AF_INET6;
	memcpy(&e.addr6.sin6_addr, addr6, 16);
	e.addr6.sin6_port = htons(1);
	output_endpoint(o, &e);
	/* Every network namespace has its loopback as number 1. */
	e.addr6.sin6_scope_id = 1;
	output_endpoint(o, &e);
	e.addr6.sin6_scope_id = 99999999;
	output_endpoint(o, &e);
	output_char(o, '\0');
	assert_string_equal(o->buf, "0x0/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
				    "192.0.2.2552001:db8::1192.0.2.255:65535[2001:db8::1]:1"
				    "[2001:db8::1%lo]:1[2001:db8::1%99999999]:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_arrives),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(spelling),
	};

	return cmocka_run_group_tests_name("wg/output", tests, NULL, NULL);
}

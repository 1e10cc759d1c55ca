// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../src/wg-quick/datapath.h"

static char folder[] = "/tmp/datapath-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void says(const char *expected)
{
	char out[128];

	datapath_describe(out, sizeof(out), folder);
	assert_string_equal(out, expected);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"version", "taint"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static void part_of_the_kernel_where_there_is_no_module(void **state)
{
	(void)state;
	says("the WireGuard of this kernel");
}

static void a_module_of_the_kernel_is_the_kernels(void **state)
{
	(void)state;
	put("version", "1.0.0\n");
	put("taint", "\n");
	says("the WireGuard of this kernel");
}

static void a_module_from_outside_is_named_with_its_version(void **state)
{
	(void)state;
	put("version", "0.3\n");
	put("taint", "OE\n");
	says("a module from outside of this kernel, wireguard 0.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(part_of_the_kernel_where_there_is_no_module),
		cmocka_unit_test(a_module_of_the_kernel_is_the_kernels),
		cmocka_unit_test(a_module_from_outside_is_named_with_its_version),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

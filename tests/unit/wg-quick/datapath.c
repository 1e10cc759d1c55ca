// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
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

static void a_missing_key_is_explained(void **state)
{
	static const int errors[] = {EKEYREJECTED, ENOKEY, EBADMSG};
	char out[400];

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		datapath_refusal(out, sizeof(out), "/a/wireguard.ko", errors[i]);
		assert_non_null(strstr(out, "/a/wireguard.ko is not signed with a key"));
		assert_non_null(strstr(out, "mokutil --import"));
	}
}

static void other_refusals_have_their_reason(void **state)
{
	char out[400];

	(void)state;
	datapath_refusal(out, sizeof(out), "m", ENOEXEC);
	assert_string_equal(out, "m was built for another kernel");
	datapath_refusal(out, sizeof(out), "m", ENOMEM);
	assert_string_equal(out, "m cannot be loaded: Cannot allocate memory");
}

static void without_a_file_there_is_nothing_to_say(void **state)
{
	char out[400] = "";

	(void)state;
	assert_int_equal(datapath_load(out, sizeof(out), folder), -1);
	assert_string_equal(out, "");
}

/* No kernel takes this one. */
static void a_file_that_is_no_module_is_named(void **state)
{
	struct utsname kernel;
	char path[300], out[400];
	FILE *f;

	(void)state;
	assert_int_equal(uname(&kernel), 0);
	snprintf(path, sizeof(path), "%s/%s", folder, kernel.release);
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/extra");
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/wireguard.ko");
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("no module", f);
	fclose(f);
	assert_int_equal(datapath_load(out, sizeof(out), folder), 1);
	assert_memory_equal(out, path, strlen(path));
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(part_of_the_kernel_where_there_is_no_module),
		cmocka_unit_test(a_module_of_the_kernel_is_the_kernels),
		cmocka_unit_test(a_module_from_outside_is_named_with_its_version),
		cmocka_unit_test(a_missing_key_is_explained),
		cmocka_unit_test(other_refusals_have_their_reason),
		cmocka_unit_test(without_a_file_there_is_nothing_to_say),
		cmocka_unit_test(a_file_that_is_no_module_is_named),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

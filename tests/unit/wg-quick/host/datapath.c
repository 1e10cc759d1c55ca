// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/wg-quick/host/datapath.h"

static char folder[] = "/tmp/datapath-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[300];
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
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	return system(command);
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

/* A path below the folder, with the folders that it needs. */
static void put_deep(const char *path, const char *text)
{
	char command[400];

	snprintf(command, sizeof(command), "mkdir -p \"$(dirname '%s/%s')\"", folder, path);
	assert_int_equal(system(command), 0);
	put(path, text);
}

static void refusal_is(const char *expected)
{
	char out[400];

	datapath_refusal(out, sizeof(out), folder);
	if (*expected)
		assert_non_null(strstr(out, expected));
	else
		assert_string_equal(out, "");
}

static void a_kernel_that_wants_signatures_is_told_of(void **state)
{
	struct utsname kernel;
	char module[200];

	(void)state;
	assert_int_equal(uname(&kernel), 0);
	snprintf(module, sizeof(module), "lib/modules/%s/updates/dkms/wireguard.ko.xz",
		 kernel.release);
	put_deep("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	refusal_is("");
	put_deep(module, "");
	refusal_is(module);
	refusal_is("mokutil --import");
	put("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	refusal_is("");
	put_deep("sys/module/module/parameters/sig_enforce", "Y\n");
	refusal_is(module);
	put("sys/module/module/parameters/sig_enforce", "N\n");
	refusal_is("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(part_of_the_kernel_where_there_is_no_module),
		cmocka_unit_test(a_module_of_the_kernel_is_the_kernels),
		cmocka_unit_test(a_module_from_outside_is_named_with_its_version),
		cmocka_unit_test(a_kernel_that_wants_signatures_is_told_of),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

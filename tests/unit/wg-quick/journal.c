// SPDX-License-Identifier: GPL-2.0
/* The state file on disk: lock, begin, load, worlds, half lines. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../src/lib/cleanup.h"
#include "../../../src/wg-quick/journal.h"

static char dir[] = "/tmp/wg-quick-journal-XXXXXX";

static int make_dir(void **ctx)
{
	(void)ctx;
	journal_dir = mkdtemp(dir);
	return journal_dir ? 0 : -1;
}

static int remove_dir(void **ctx)
{
	(void)ctx;
	return rmdir(dir);
}

static void lock(struct journal **j)
{
	struct wg_error err;

	assert_int_equal(journal_lock(j, "wg0", NULL, &err), 0);
}

static void begin(struct journal *j)
{
	struct config c = {.name = "wg0", .path = "/etc/wg0.conf"};
	struct step s = {.kind = STEP_LINK};
	struct wg_error err;

	assert_int_equal(journal_begin(j, &c, &err), 0);
	assert_int_equal(journal_steps(j, &s, 1, &err), 0);
}

static void path_of_state(char path[static PATH_MAX])
{
	char pattern[sizeof(dir) + 16];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/*.state", dir);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	assert_int_equal(g.gl_pathc, 1);
	snprintf(path, PATH_MAX, "%s", g.gl_pathv[0]);
	globfree(&g);
}

static void test_lock(void **ctx)
{
	struct journal *a = NULL, *b = NULL;
	struct wg_error err;

	(void)ctx;
	lock(&a);
	assert_int_equal(journal_lock(&b, "wg0", NULL, &err), -1);
	assert_int_equal(err.code, EWOULDBLOCK);
	journal_unlock(&a);
	lock(&b);
	journal_unlock(&b);
}

static void test_half_line(void **ctx)
{
	cleanup(state_wipe) struct state st = {0};
	struct journal *j = NULL;
	struct wg_error err;
	char path[PATH_MAX];
	int fd;

	(void)ctx;
	lock(&j);
	assert_int_equal(journal_load(j, &st, &err), 0);
	begin(j);
	journal_unlock(&j);
	path_of_state(path);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "step fwm", 8), 8);
	close(fd);
	lock(&j);
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_int_equal(st.steps.n, 1);
	assert_string_equal(st.config, "/etc/wg0.conf");
	state_wipe(&st);
	/* What is appended now begins a line. */
	assert_int_equal(journal_going_down(j, &err), 0);
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_true(st.going_down);
	assert_int_equal(journal_end(j, &err), 0);
	journal_unlock(&j);
}

static void test_other_world(void **ctx)
{
	struct state st = {0};
	struct journal *j = NULL;
	struct wg_error err;
	char path[PATH_MAX];
	FILE *f;

	(void)ctx;
	lock(&j);
	begin(j);
	path_of_state(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("wg-quick 1\nworld another 1\nname wg0\nconfig /c\nstep link\n", f);
	fclose(f);
	assert_int_equal(journal_load(j, &st, &err), 0);
	assert_int_equal(access(path, F_OK), -1);
	journal_unlock(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_half_line),
		cmocka_unit_test(test_other_world),
	};

	return cmocka_run_group_tests_name("wg-quick/journal", tests, make_dir, remove_dir);
}

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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/wg-quick/journal/journal.h"

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

/* A process that works for the watch holds the lock for a moment. */
static pid_t hold_for_watch(void)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		struct journal *j = NULL;
		struct wg_error err;

		journal_for_watch = true;
		if (journal_lock(&j, "wg0", NULL, &err) < 0)
			_exit(1);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		usleep(300000);
		journal_unlock(&j);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void test_lock_waits_for_the_watch(void **ctx)
{
	struct journal *j = NULL;
	struct wg_error err;
	int status;
	pid_t pid = hold_for_watch();

	(void)ctx;
	assert_int_equal(journal_lock(&j, "wg0", NULL, &err), 0);
	journal_unlock(&j);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	/* The watch itself does not wait. */
	pid = hold_for_watch();
	journal_for_watch = true;
	assert_int_equal(journal_lock(&j, "wg0", NULL, &err), -1);
	assert_int_equal(err.code, EWOULDBLOCK);
	journal_for_watch = false;
	waitpid(pid, &status, 0);
}

static void remove_watch_lock(const char *name)
{
	char pattern[sizeof(dir) + 32];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/%s@watch*.lock", dir, name);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	unlink(g.gl_pathv[0]);
	globfree(&g);
}

static void test_watched(void **ctx)
{
	struct wg_error err;
	int one, all, again;

	(void)ctx;
	assert_false(journal_is_watched("wg0"));
	assert_int_equal(journal_lock_watch(&one, "wg0", &err), 0);
	assert_true(journal_is_watched("wg0"));
	assert_false(journal_is_watched("wg1"));
	assert_int_equal(journal_lock_watch(&again, "wg0", &err), -1);
	assert_int_equal(err.code, EWOULDBLOCK);
	assert_int_equal(journal_lock_watch(&all, NULL, &err), 0);
	assert_true(journal_is_watched("wg1"));
	close(all);
	close(one);
	assert_false(journal_is_watched("wg0"));
	remove_watch_lock("wg0");
	remove_watch_lock("");
}

static void see(void *ctx, const struct state *st)
{
	assert_string_equal(st->name, "wg0");
	++*(int *)ctx;
}

static void test_each(void **ctx)
{
	struct journal *j = NULL;
	struct wg_error err;
	int n = 0;

	(void)ctx;
	journal_each(see, &n);
	assert_int_equal(n, 0);
	lock(&j);
	begin(j);
	journal_each(see, &n);
	assert_int_equal(n, 1);
	assert_int_equal(journal_end(j, &err), 0);
	journal_unlock(&j);
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

static void write_state(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void read_boot(char boot[static 40])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%39s", boot), 1);
	fclose(f);
}

/* A namespace of this boot may be alive: its file stays, and ours gets the inode into its name. */
static void test_other_namespace(void **ctx)
{
	char boot[40], path[PATH_MAX], text[256], other[PATH_MAX];
	struct state st = {0};
	struct journal *j = NULL;
	struct wg_error err;
	struct stat inode;
	FILE *f;

	(void)ctx;
	read_boot(boot);
	assert_int_equal(stat("/proc/self/ns/net", &inode), 0);
	snprintf(path, sizeof(path), "%s/wg0.state", dir);
	snprintf(other, sizeof(other), "%s/wg0@%llu.state", dir, (unsigned long long)inode.st_ino);
	snprintf(text, sizeof(text), "wg-quick 1\nworld %s 1000000007\nname wg0\nconfig /c\n", boot);
	/* The names are these where the first process is in our namespace; else there is no doubt. */
	lock(&j);
	begin(j);
	journal_end(j, &err);
	journal_unlock(&j);
	write_state(path, text);
	lock(&j);
	assert_int_equal(journal_load(j, &st, &err), 0);
	assert_int_equal(access(path, F_OK), 0);
	begin(j);
	assert_int_equal(access(other, F_OK), 0);
	journal_unlock(&j);
	/* Both with the other's file, and once it is gone. */
	for (int i = 0; i < 2; i++) {
		lock(&j);
		assert_int_equal(journal_load(j, &st, &err), 1);
		assert_string_equal(st.config, "/etc/wg0.conf");
		state_wipe(&st);
		journal_unlock(&j);
		unlink(path);
	}
	lock(&j);
	assert_int_equal(journal_load(j, &st, &err), 1);
	state_wipe(&st);
	assert_int_equal(journal_end(j, &err), 0);
	journal_unlock(&j);
	/* A file with our inode in its name, and another world, is of one that has gone. */
	write_state(path, text);
	write_state(other, text);
	lock(&j);
	assert_int_equal(journal_load(j, &st, &err), 0);
	assert_int_equal(access(other, F_OK), -1);
	journal_unlock(&j);
	unlink(path);
	f = fopen(other, "r");
	assert_null(f);
}

/* What can be read of a damaged file counts. */
static void test_damaged(void **ctx)
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
	f = fopen(path, "a");
	assert_non_null(f);
	fputs("garbage\nstep fwmark 7\n", f);
	fclose(f);
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_non_null(strstr(st.damage, "line 6"));
	assert_int_equal(st.steps.n, 2);
	assert_int_equal(st.steps.steps[1].fwmark, 7);
	state_wipe(&st);
	/* Also where the version is unknown, or all of it is. */
	write_state(path, "wg-quick 2\nname wg0\nstep link\n");
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_non_null(strstr(st.damage, "line 1"));
	assert_int_equal(st.steps.n, 1);
	state_wipe(&st);
	write_state(path, "\x01\x02\n\n");
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_int_equal(st.steps.n, 0);
	state_wipe(&st);
	assert_int_equal(journal_end(j, &err), 0);
	journal_unlock(&j);
}

static char heard[512];

static void hear(void *ctx, enum wg_log_level level, const char *text)
{
	(void)ctx, (void)level;
	snprintf(heard, sizeof(heard), "%s", text);
}

/* Without a folder all is kept in memory, and said once. */
static void test_in_memory(void **ctx)
{
	const struct wg_log log = {hear, NULL};
	const char *before = journal_dir;
	char marker[DAEMON_MARKER_SIZE];
	struct state st = {0};
	struct journal *j = NULL;
	struct wg_error err;
	int fd = 7;

	(void)ctx;
	journal_dir = "/proc/wg-quick-test";
	assert_int_equal(journal_lock(&j, "wg0", &log, &err), 0);
	assert_non_null(strstr(heard, "there is no journal of `wg0'"));
	assert_int_equal(journal_load(j, &st, &err), 0);
	begin(j);
	journal_marker(j, marker);
	assert_non_null(strstr(marker, "memory"));
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_int_equal(st.steps.n, 1);
	state_wipe(&st);
	assert_int_equal(journal_end(j, &err), 0);
	assert_int_equal(journal_load(j, &st, &err), 0);
	assert_int_equal(journal_lock_shared(&fd, NULL, NULL, &err), 0);
	assert_int_equal(fd, -1);
	journal_unlock(&j);
	journal_dir = before;
}

static void test_marker(void **ctx)
{
	char first[DAEMON_MARKER_SIZE], again[DAEMON_MARKER_SIZE], second[DAEMON_MARKER_SIZE];
	struct state st = {0};
	struct journal *j = NULL;
	struct wg_error err;

	(void)ctx;
	lock(&j);
	begin(j);
	journal_marker(j, first);
	journal_unlock(&j);
	lock(&j);
	assert_int_equal(journal_load(j, &st, &err), 1);
	state_wipe(&st);
	journal_marker(j, again);
	assert_string_equal(first, again);
	journal_end(j, &err);
	begin(j);
	journal_marker(j, second);
	assert_string_not_equal(first, second);
	journal_end(j, &err);
	journal_unlock(&j);
}

/* The rules of another tunnel's journal, from the moment that they are written there. */
static void test_other_rules(void **ctx)
{
	struct step rule = {.kind = STEP_RULE,
			    .rule = {.family = AF_INET, .priority = 700, .table = 77,
				     .suppress_prefixlength = -1}};
	cleanup(free_ptr) struct wg_rule *list = NULL;
	struct journal *j = NULL;
	char path[PATH_MAX], copy[PATH_MAX];
	struct wg_error err;
	size_t n = 0;

	(void)ctx;
	lock(&j);
	begin(j);
	assert_int_equal(journal_claim(j, &rule, 1, &err), 0);
	assert_int_equal(journal_done(j, &err), 0);
	/* It is claimed, and neither begun nor done. */
	assert_false(journal_other_has("wg1", &rule, true));
	assert_false(journal_other_has("wg1", &rule, false));
	journal_other_rules("wg1", &list, &n);
	assert_int_equal(n, 1);
	n = 0;
	assert_int_equal(journal_steps(j, &rule, 1, &err), 0);
	assert_true(journal_other_has("wg1", &rule, false));
	assert_false(journal_other_has("wg1", &rule, true));
	journal_other_rules("wg0", &list, &n);
	assert_int_equal(n, 0);
	journal_other_rules("wg1", &list, &n);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].priority, 700);
	assert_int_equal(list[0].table, 77);
	/* A copy of it lists nothing. */
	assert_int_equal(journal_done(j, &err), 0);
	path_of_state(path);
	memcpy(copy, path, sizeof(copy));
	memcpy(strstr(copy, "wg0"), "wg2", 3);
	assert_int_equal(rename(path, copy), 0);
	n = 0;
	journal_other_rules("wg1", &list, &n);
	assert_int_equal(n, 0);
	assert_false(journal_other_has("wg1", &rule, true));
	assert_int_equal(rename(copy, path), 0);
	assert_true(journal_other_has("wg1", &rule, true));
	assert_int_equal(journal_end(j, &err), 0);
	journal_unlock(&j);
}

/* The new text, as it stood before the old one was overwritten, is taken after a crash. */
static void test_replaced(void **ctx)
{
	struct state st = {0};
	struct journal *j = NULL;
	struct wg_error err;
	char path[PATH_MAX], marker[DAEMON_MARKER_SIZE], again[DAEMON_MARKER_SIZE];
	FILE *f;

	(void)ctx;
	lock(&j);
	begin(j);
	journal_marker(j, marker);
	snprintf(st.name, sizeof(st.name), "wg0");
	snprintf(st.config, sizeof(st.config), "/etc/wg0.conf");
	st.complete = true;
	plan_add(&st.steps, STEP_FWMARK)->fwmark = 7;
	assert_int_equal(journal_replace(j, &st, &err), 0);
	state_wipe(&st);
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_true(st.complete);
	assert_int_equal(st.steps.n, 1);
	assert_int_equal(st.done, 1);
	state_wipe(&st);
	journal_marker(j, again);
	assert_string_equal(marker, again);
	/* Half a text is no text. */
	path_of_state(path);
	strcpy(strstr(path, ".state"), ".next");
	f = fopen(path, "w");
	fputs("wg-quick 1\nstep fwmark 9\ncomplete", f);
	fclose(f);
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_int_equal(st.steps.steps[0].fwmark, 7);
	assert_int_equal(access(path, F_OK), -1);
	f = fopen(path, "w");
	state_write(f, &st, &st.world);
	fclose(f);
	state_wipe(&st);
	strcpy(strstr(path, ".next"), ".state");
	assert_int_equal(truncate(path, 20), 0);
	assert_int_equal(journal_load(j, &st, &err), 1);
	assert_string_equal(st.damage, "");
	assert_int_equal(st.steps.steps[0].fwmark, 7);
	state_wipe(&st);
	assert_int_equal(journal_end(j, &err), 0);
	journal_unlock(&j);
}

/* Who only looks waits for nobody, keeps nobody waiting, and leaves everything as it is. */
static void test_access(void **ctx)
{
	cleanup(journal_unlock) struct journal *j = NULL;
	struct wg_error err;

	(void)ctx;
	assert_int_equal(journal_access("wg0"), -1);
	assert_int_equal(errno, ENOENT);
	lock(&j);
	begin(j);
	assert_int_equal(journal_access("wg0"), 0);
	assert_int_equal(journal_end(j, &err), 0);
	assert_int_equal(journal_access("wg0"), -1);
}

static void test_look(void **ctx)
{
	struct journal *j = NULL, *look = NULL;
	char path[PATH_MAX], text[256] = "";
	struct state st = {0};
	struct wg_error err;
	struct stat before, after;
	FILE *f;

	(void)ctx;
	assert_int_equal(journal_look(&look, "wg0", &err), 0);
	assert_int_equal(journal_load(look, &st, &err), 0);
	lock(&j);
	begin(j);
	assert_int_equal(journal_load(look, &st, &err), 1);
	assert_int_equal(st.steps.n, 1);
	state_wipe(&st);
	journal_unlock(&j);
	lock(&j);
	journal_unlock(&j);
	/* A half line is passed over and stays. */
	path_of_state(path);
	f = fopen(path, "a");
	fputs("step fwm", f);
	fclose(f);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(journal_load(look, &st, &err), 1);
	assert_int_equal(st.steps.n, 1);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	state_wipe(&st);
	/* A text that is being replaced counts as it will be. */
	assert_int_equal(truncate(path, 0), 0);
	strcpy(strstr(path, ".state"), ".next");
	assert_int_equal(stat("/proc/self/ns/net", &after), 0);
	f = fopen(path, "w");
	fputs("wg-quick 1\nname wg0\nstep fwmark 9\ncomp", f);
	fclose(f);
	assert_int_equal(journal_load(look, &st, &err), -1);
	assert_non_null(strstr(err.text, "another wg-quick is working on `wg0'"));
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	strcpy(strstr(path, ".next"), ".state");
	/* What is of another world stays, too. */
	snprintf(text, sizeof(text), "wg-quick 1\nworld another 1\nname wg0\nconfig /c\n");
	write_state(path, text);
	assert_int_equal(journal_load(look, &st, &err), 0);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	journal_unlock(&look);
}

/* A text of many pages is never seen in part while it is replaced. */
static void test_look_at_replaced(void **ctx)
{
	struct journal *j = NULL, *look = NULL;
	struct state st = {0};
	struct wg_error err;
	pid_t child;
	int status;

	(void)ctx;
	lock(&j);
	begin(j);
	snprintf(st.name, sizeof(st.name), "wg0");
	snprintf(st.config, sizeof(st.config), "/etc/wg0.conf");
	st.complete = true;
	for (u32 i = 0; i < 5000; i++)
		plan_add(&st.steps, STEP_FWMARK)->fwmark = 1000000 + i;
	assert_int_equal(journal_replace(j, &st, &err), 0);
	child = fork();
	if (!child) {
		for (int i = 0; i < 200; i++)
			journal_replace(j, &st, &err);
		_exit(0);
	}
	assert_true(child > 0);
	state_wipe(&st);
	assert_int_equal(journal_look(&look, "wg0", &err), 0);
	while (!waitpid(child, &status, WNOHANG)) {
		if (journal_load(look, &st, &err) < 0)
			continue; /* it gave up */
		assert_string_equal(st.damage, "");
		assert_true(st.complete);
		assert_int_equal(st.steps.n, 5000);
		state_wipe(&st);
	}
	journal_unlock(&look);
	assert_int_equal(journal_end(j, &err), 0);
	journal_unlock(&j);
}

/* A copy is no journal of the tunnel that its name stands for. */
static void test_other_name(void **ctx)
{
	struct state st = {0};
	struct journal *j = NULL;
	struct wg_error err;
	char path[PATH_MAX], copy[PATH_MAX];

	(void)ctx;
	lock(&j);
	begin(j);
	journal_unlock(&j);
	path_of_state(path);
	memcpy(copy, path, sizeof(copy));
	memcpy(strstr(copy, "wg0"), "wg1", 3);
	assert_int_equal(rename(path, copy), 0);
	assert_int_equal(journal_lock(&j, "wg1", NULL, &err), 0);
	assert_int_equal(journal_load(j, &st, &err), 0);
	assert_int_equal(access(copy, F_OK), -1);
	journal_unlock(&j);
}

/* Reading a pipe would never end. */
static void test_no_file(void **ctx)
{
	struct state st = {0};
	struct journal *j = NULL;
	struct wg_error err;
	char path[PATH_MAX];

	(void)ctx;
	lock(&j);
	begin(j);
	path_of_state(path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(journal_load(j, &st, &err), -1);
	assert_non_null(strstr(err.text, "is not a file: remove it"));
	assert_int_equal(unlink(path), 0);
	journal_unlock(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_lock_waits_for_the_watch),
		cmocka_unit_test(test_watched),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_half_line),
		cmocka_unit_test(test_other_world),
		cmocka_unit_test(test_other_namespace),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_in_memory),
		cmocka_unit_test(test_marker),
		cmocka_unit_test(test_other_rules),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_look_at_replaced),
		cmocka_unit_test(test_other_name),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests_name("wg-quick/journal", tests, make_dir, remove_dir);
}

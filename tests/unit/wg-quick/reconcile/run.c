// SPDX-License-Identifier: GPL-2.0
/* How plans are carried out: what goes together, the journal before the deed, what is said of a
 * failure. On a real kernel, in network and mount namespaces of the test's own. */
#include <errno.h>
#include <glob.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include <cmocka.h>
#include "../../../../src/lib/base/alloc.h"
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/lib/base/wait.h"
#include "../../../../src/wg-quick/reconcile/run.h"

#define LINK "wgrun0"

static char dir[] = "/tmp/wg-quick-run-XXXXXX";
static volatile int stop;

/* A tunnel whose link is there and whose journal has begun. */
struct fixture {
	struct config config;
	struct run run;
	struct plan plan;
	struct wg_error err;
};

static void sh(const char *command)
{
	if (system(command))
		fail_msg("%s", command);
}

static bool sh_true(const char *command)
{
	return !system(command);
}

static int setup(void **state)
{
	struct fixture *f = wg_alloc(sizeof(*f));
	struct wg_link link;

	*f = (struct fixture){.config = {.name = LINK, .path = "/" LINK ".conf"}};
	f->run = (struct run){.name = LINK, .config_path = f->config.path, .config = &f->config,
			      .upcalls = &run_upcalls,
			      .stop = &stop, .status = 1};
	stop = 0;
	sh("ip link add " LINK " type veth peer name wgrun1");
	if (wg_rtnl_open(&f->run.rtnl, &f->err) || wg_rtnl_link(f->run.rtnl, LINK, &link, &f->err) != 1 ||
	    journal_lock(&f->run.journal, LINK, NULL, &f->err) ||
	    journal_begin(f->run.journal, &f->config, &f->err))
		fail_msg("%s", f->err.text);
	f->run.ifindex = link.index;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	journal_end(f->run.journal, &f->err);
	journal_unlock(&f->run.journal);
	wg_rtnl_close(&f->run.rtnl);
	plan_wipe(&f->plan);
	free(f);
	sh("ip link del " LINK);
	return 0;
}

static void add_hook(struct fixture *f, const char *command)
{
	struct step *s = plan_add(&f->plan, STEP_HOOK);

	s->phase = HOOK_POST_UP;
	s->command = wg_strndup(command, strlen(command));
}

static void add_address(struct fixture *f, u8 last)
{
	struct wg_prefix *p = &plan_add(&f->plan, STEP_ADDRESS)->prefix;

	*p = (struct wg_prefix){.family = AF_INET, .addr = {10, 66, 0, last}, .cidr = 32};
}

static void add_route(struct fixture *f, u8 second)
{
	struct wg_route *r = &plan_add(&f->plan, STEP_ROUTE)->route;

	*r = (struct wg_route){.dst = {.family = AF_INET, .addr = {10, second}, .cidr = 16},
			       .table = RT_TABLE_MAIN, .protocol = WG_RTNL_PROTOCOL,
			       .type = RTN_UNICAST};
}

static void add_rule(struct fixture *f, u8 family)
{
	plan_add(&f->plan, STEP_RULE)->rule =
		(struct wg_rule){.family = family, .protocol = WG_RTNL_PROTOCOL, .priority = 700,
				 .table = 77, .suppress_prefixlength = -1};
}

static void run(struct fixture *f, int expected)
{
	int ret = run_plan(&f->run, &f->plan, &f->err);

	if (ret != expected)
		fail_msg("run_plan: %d %s", ret, f->err.text);
}

/* Lines of a state file from its first step on, each cut to its first two words. */
static void read_steps(const char *pattern, char *out, size_t size)
{
	FILE *file = fmemopen(out, size, "w");
	char line[1024];
	FILE *in;
	glob_t g;

	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	in = fopen(g.gl_pathv[0], "r");
	globfree(&g);
	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		char *rest = NULL, *first = strtok_r(line, " \n", &rest);
		char *second = strtok_r(NULL, " \n", &rest);

		if (!strcmp(first, "step"))
			fprintf(file, "%s ", second);
		else if (!strcmp(first, "claim"))
			fprintf(file, "claim-%s ", second);
		else if (!strcmp(first, "done"))
			fputs("done ", file);
	}
	fclose(in);
	fclose(file);
}

static void check_steps(const char *name, const char *expected)
{
	cleanup(free_ptr) char *pattern = wg_format("%s/%s", dir, name);
	char found[1024] = "";

	read_steps(pattern, found, sizeof(found));
	assert_string_equal(found, expected);
}

/* Kernels differ in what they add in brackets. */
static void check_sentence(const struct fixture *f, const char *begin)
{
	if (strncmp(f->err.text, begin, strlen(begin)))
		fail_msg("%s", f->err.text);
}

/* What netlink takes in one message goes together; the journal has all of it before, and of what
 * comes later nothing. */
static void batches(void **state)
{
	struct fixture *f = *state;

	add_address(f, 1);
	plan_add(&f->plan, STEP_LINK_UP)->mtu = 1400;
	add_route(f, 9);
	add_hook(f, "cp \"$JOURNALS\"/*.state \"$JOURNALS\"/first");
	add_rule(f, AF_INET);
	add_rule(f, AF_INET6);
	add_hook(f, "cp \"$JOURNALS\"/*.state \"$JOURNALS\"/second");
	run(f, 0);
	check_steps("first", "address link-up route done hook ");
	check_steps("second", "address link-up route done hook done rule rule done hook ");
	check_steps("*.state", "address link-up route done hook done rule rule done hook done ");
	assert_true(sh_true("ip address show " LINK " | grep -q 10.66.0.1/32"));
	assert_true(sh_true("ip link show " LINK " | grep -q 'mtu 1400'"));
	assert_true(sh_true("ip route show 10.9.0.0/16 | grep -q " LINK));
	sh("ip rule del priority 700 && ip -6 rule del priority 700");
	sh("rm $JOURNALS/first $JOURNALS/second");
}

static void nothing_unwritten(void **state)
{
	struct fixture *f = *state;

	add_address(f, 1);
	sh("head -c 1000000 /dev/zero >$JOURNALS/fill 2>/dev/null; test -s $JOURNALS/fill");
	/* What there was of a page is filled up. */
	while (!journal_hook_run(f->run.journal, &f->err))
		;
	run(f, -1);
	assert_non_null(strstr(f->err.text, "cannot write"));
	assert_non_null(strstr(f->err.text, "No space left on device"));
	assert_false(sh_true("ip address show " LINK " | grep -q 10.66.0.1"));
	sh("rm $JOURNALS/fill");
}

static void refused(void **state)
{
	struct fixture *f = *state;

	sh("ip link set " LINK " up && ip route add 10.2.0.0/16 dev " LINK);
	add_route(f, 1);
	add_route(f, 2);
	add_route(f, 3);
	add_hook(f, "touch $JOURNALS/never");
	run(f, -1);
	check_sentence(f, "`ip -4 route add 10.2.0.0/16 dev " LINK "': File exists");
	assert_int_equal(f->err.code, EEXIST);
	assert_int_equal(f->run.status, 1);
	check_steps("*.state", "route route route ");
	assert_false(sh_true("test -e $JOURNALS/never"));
}

/* The equal rule that was there is not ours to remove when what was done is undone. */
static void refused_rule(void **state)
{
	struct fixture *f = *state;
	struct state st;

	sh("ip -6 rule add lookup 77 priority 700 protocol 87");
	add_rule(f, AF_INET);
	add_rule(f, AF_INET6);
	run(f, -1);
	assert_int_equal(f->err.code, EEXIST);
	assert_true(sh_true("ip rule | grep -q ^700:"));
	assert_int_equal(journal_load(f->run.journal, &st, &f->err), 1);
	assert_int_equal(run_undo(&f->run, &st, &f->err), 0);
	state_wipe(&st);
	assert_false(sh_true("ip rule | grep -q ^700:"));
	assert_true(sh_true("ip -6 rule | grep -q ^700:"));
	sh("ip -6 rule del priority 700");
}

static void refused_alone(void **state)
{
	struct fixture *f = *state;

	add_address(f, 1);
	run(f, 0);
	run(f, -1);
	check_sentence(f, "`ip -4 address add 10.66.0.1/32 dev " LINK "': File exists");
	check_steps("*.state", "address done address ");
}

static void link_taken(void **state)
{
	struct fixture *f = *state;

	plan_add(&f->plan, STEP_LINK);
	run(f, -1);
	check_sentence(f, "`ip link add dev " LINK " type wireguard': File exists");
	check_steps("*.state", "link ");
}

static void hook_fails(void **state)
{
	struct fixture *f = *state;

	add_hook(f, "true");
	add_hook(f, "exit 42");
	add_address(f, 1);
	run(f, -1);
	assert_int_equal(f->run.status, 42);
	assert_non_null(strstr(f->err.text, "42"));
	check_steps("*.state", "hook done hook ");
}

static void resolvconf_fails(void **state)
{
	struct fixture *f = *state;
	struct step *s = plan_add(&f->plan, STEP_DNS);

	strings_add(&s->dns_servers, "192.0.2.1", 9);
	s->dns_name = wg_strndup(LINK, strlen(LINK));
	sh("printf '#!/bin/sh\\nexit 3\\n' >$JOURNALS/resolvconf && chmod 755 $JOURNALS/resolvconf");
	run(f, -1);
	assert_int_equal(f->run.status, 3);
	check_steps("*.state", "dns ");
	sh("rm $JOURNALS/resolvconf");
}

/* Gives the rule another priority, so that the journal shows which plan was claimed, and asserts that the
 * lock is held. */
static int plan_again(void *ctx, struct wg_error *err)
{
	struct fixture *f = ctx;
	int shared;

	wg_stop_count(&stop, SIGTERM, false);
	assert_int_equal(journal_lock_shared(&shared, &stop, NULL, err), -1);
	stop = 0;
	f->plan.steps[1].rule.priority = 701;
	return 0;
}

/* Rules are claimed ahead, as the plan that is made under the lock has them, and are steps once they
 * begin. */
static void claims(void **state)
{
	struct fixture *f = *state;

	add_address(f, 1);
	add_rule(f, AF_INET);
	add_hook(f, "cp \"$JOURNALS\"/*.state \"$JOURNALS\"/claimed");
	assert_int_equal(run_claim(&f->run, &f->plan, plan_again, f, &f->err), 0);
	check_steps("*.state", "claim-rule ");
	assert_true(sh_true("grep -q 'priority 701' $JOURNALS/*.state"));
	run(f, 0);
	check_steps("claimed", "claim-rule address rule done hook ");
	sh("ip rule del priority 701; rm $JOURNALS/claimed");
}

static void signalled(void **state)
{
	struct fixture *f = *state;

	add_address(f, 1);
	add_hook(f, "touch $JOURNALS/never");
	wg_stop_count(&stop, SIGTERM, false);
	run(f, -1);
	assert_string_equal(f->err.text, "interrupted by SIGTERM");
	check_steps("*.state", "address done ");
}

/* It is noted although nothing is done, so that the undo is the same. */
static void no_firewall(void **state)
{
	struct fixture *f = *state;
	struct step *s = plan_add(&f->plan, STEP_FIREWALL);

	s->family = AF_INET;
	s->fwmark = 51820;
	f->run.no_firewall = true;
	run(f, 0);
	check_steps("*.state", "firewall done ");
	assert_false(sh_true("nft list table ip wg-quick-" LINK " 2>/dev/null"));
	f->run.no_firewall = false;
	run(f, 0);
	assert_true(sh_true("nft list table ip wg-quick-" LINK " >/dev/null"));
	sh("nft delete table ip wg-quick-" LINK);
}

static int alone(void **state)
{
	cleanup(free_ptr) char *path = NULL;

	(void)state;
	journal_dir = mkdtemp(dir);
	if (!journal_dir || unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("journals", dir, "tmpfs", 0, "size=64k,mode=0700"))
		return -1;
	path = wg_format("%s:%s", dir, getenv("PATH"));
	return setenv("PATH", path, 1) || setenv("JOURNALS", dir, 1);
}

static int leave(void **state)
{
	(void)state;
	return umount(dir) || rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(batches, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_unwritten, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_rule, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(link_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(hook_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(resolvconf_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(signalled, setup, teardown),
		cmocka_unit_test_setup_teardown(claims, setup, teardown),
		cmocka_unit_test_setup_teardown(no_firewall, setup, teardown),
	};

	if (geteuid())
		return 77;
	return cmocka_run_group_tests_name("wg-quick/run", tests, alone, leave);
}

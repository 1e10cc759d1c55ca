// SPDX-License-Identifier: GPL-2.0
/* `wg-quick exec`: a program inside a tunnel, or outside of a full one. The program takes the place of this one:
 * so its exit status and all signals are its own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/base/wait.h"
#include "../lib/command/candidates.h"
#include "host/cgroup.h"
#include "host/netns-exec.h"
#include "host/netns.h"
#include "host/progress.h"
#include "host/signals.h"
#include "reconcile/run.h"
#include "reconcile/tunnel.h"
#include "steps/kill-table.h"
#include "verb.h"

/* Exit statuses, as shells have them. */
#define CANNOT_RUN	126
#define NO_SUCH_PROGRAM 127

#define LOCK_WAIT_MS 5000 /* another `exec --bypass' makes the group in much less */
#define LOCK_POLL_MS 20

static int run_program(char **command, struct wg_error *err)
{
	int code;

	verb_restore_environment();
	fflush(NULL);
	execvp(command[0], command);
	code = errno;
	wg_error_errno(err, code, "cannot run %s", command[0]);
	return code == ENOENT ? NO_SUCH_PROGRAM : CANNOT_RUN;
}

static int run_inside(const char *arg, char **command, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	const char *where;

	if (tunnel_read(t, arg, err) < 0 || tunnel_open(t, TUNNEL_LOOK, err) < 0)
		return CANNOT_RUN;
	where = t->c.netns;
	if (!where)
		return wg_error_set(err, "`%s' has no Namespace, and its routes are for all programs: give %s a line "
				    "`Namespace = %s', and programs of `exec' alone will use it; what is to stay "
				    "outside a full tunnel runs with `wg-quick exec --bypass %s'", t->c.name,
				    t->c.path, t->c.name, t->c.name), CANNOT_RUN;
	if (netns_exec_prepare(strchr(where, '/') ? NULL : where, err) < 0)
		return CANNOT_RUN;
	return run_program(command, err);
}

/* The mark by which packets pass by the tunnel, 0 for one that is no full tunnel. */
static u32 full_tunnel_mark(const struct tunnel *t)
{
	for (size_t i = 0; i < t->st.steps.n; i++)
		if (t->st.steps.steps[i].kind == STEP_RULE && t->st.steps.steps[i].rule.invert)
			return t->st.steps.steps[i].rule.fwmark;
	return 0;
}

/* The kill switch lets pass UDP with a tunnel's mark, as that is what the tunnel encrypted. A program with the
 * mark would send its own UDP in clear. */
static int check_kill_switch(const struct tunnel *t, struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};

	if (kill_table_read(&claims, err) < 0)
		return -1;
	if (!claims.n)
		return 0;
	return wg_error_set(err, "the kill switch of `%s' is in place, which lets no program stay outside of `%s'",
			    claims.list[0].name, t->c.name);
}

static const struct step *find_group(const struct tunnel *t, const char *path, u32 mark)
{
	for (size_t i = 0; i < t->st.done; i++) {
		const struct step *s = &t->st.steps.steps[i];

		if (s->kind == STEP_BYPASS && s->fwmark == mark && !strcmp(s->cgroup, path) && cgroup_exists(path))
			return s;
	}
	return NULL;
}

/* The group is made once for a tunnel, with a line in its journal. `use` TUNNEL_LOOK: only looks whether it is
 * there. Returns 1 with *path once it is, 0 where it is not, -1 with err. */
static int take_group(const char *arg, enum tunnel_use use, char **path, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();
	cleanup(free_ptr) char *name = NULL;
	struct plan p = {0};
	struct step *s;
	u32 mark;
	int ret;

	if (tunnel_read(t, arg, err) < 0 || tunnel_open(t, use, err) < 0)
		return -1;
	mark = full_tunnel_mark(t);
	if (!mark)
		return wg_error_set(err, "`%s' is no full tunnel: --bypass is for one whose AllowedIPs have a "
				    "default route", t->c.name);
	if (check_kill_switch(t, err) < 0)
		return -1;
	/* Several network namespaces may have a tunnel of this name and one hierarchy. */
	name = wg_format("wg-quick-%s@%llu", t->c.name, (unsigned long long)netns_cookie());
	*path = cgroup_path(name, err);
	if (!*path)
		return -1;
	if (find_group(t, *path, mark))
		return 1;
	if (use == TUNNEL_LOOK) {
		free(*path);
		*path = NULL;
		return 0;
	}
	s = plan_add(&p, STEP_BYPASS);
	s->fwmark = mark;
	s->cgroup = wg_format("%s", *path);
	ret = tunnel_begin_journal(t, err) < 0 || run_plan(&t->r, &p, err) < 0 ? -1 : 1;
	plan_wipe(&p);
	return ret;
}

/* Replies would be taken for forged where the kernel asks for the way back without the mark. */
static void warn_of_strict_check(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/conf/all/rp_filter", "re");
	int c = f ? fgetc(f) : EOF;

	if (f)
		fclose(f);
	if (c == '1')
		wg_log_say(&progress_log, WG_LOG_WARNING, "net.ipv4.conf.all.rp_filter is 1, with which the kernel "
			   "may drop the replies for this program: 2 is enough against forged packets");
}

static int run_outside(const char *arg, char **command, struct wg_error *err)
{
	cleanup(free_ptr) char *path = NULL;
	int ret = take_group(arg, TUNNEL_LOOK, &path, err);
	struct wg_wait wait;

	wg_wait_begin(&wait, &signals_stop, LOCK_WAIT_MS);
	while (!ret) {
		ret = take_group(arg, TUNNEL_CHANGE, &path, err);
		if (ret < 0 && err->code == EWOULDBLOCK && wg_wait_nap(&wait, LOCK_POLL_MS) == WG_WAIT_READY) {
			*err = (struct wg_error){0};
			ret = 0;
		}
	}
	if (ret < 0 || cgroup_join(path, err) < 0)
		return CANNOT_RUN;
	warn_of_strict_check();
	return run_program(command, err);
}

int verb_exec(const struct wg_call *call, struct wg_error *err)
{
	char **command = call->argv + 1;

	if (!strcmp(*command, "--"))
		command++;
	if (!*command)
		return wg_error_set(err, "missing argument: expected COMMAND after `--'"), 1;
	if (verb_become_root(call, err) < 0)
		return CANNOT_RUN;
	return wg_call_has(call, "--bypass") ? run_outside(call->argv[0], command, err)
					     : run_inside(call->argv[0], command, err);
}

void complete_exec(const struct wg_call *call)
{
	unsigned int command;

	if (!call->argc) {
		complete_tunnel_up(call);
		return;
	}
	command = call->line->at - (call->argc - 1);
	if (call->argc == 1)
		wg_offer("--", "The command follows");
	else if (!strcmp(call->argv[1], "--"))
		command++;
	wg_offer_command(command);
}

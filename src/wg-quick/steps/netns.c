// SPDX-License-Identifier: GPL-2.0
/* The network namespace of a tunnel, where there was none of that name. The process is in it already, and
 * the step gives it its name. Its cookie stands in the journal before that, and proves it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/netns.h"
#include "../host/test-hooks.h"
#include "ops.h"

static char *netns_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("ip netns add %s && ip -n %s link set dev lo up", s->netns, s->netns);
}

static char *netns_undo_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("ip netns delete %s", s->netns);
}

static void netns_write(FILE *f, const struct step *s)
{
	fields_write_rest(f, s->netns);
}

static bool netns_read(struct fields *c, struct step *s)
{
	return fields_take_rest(c, &s->netns) && netns_is_name(s->netns, strlen(s->netns));
}

static void netns_wipe(struct step *s)
{
	free(s->netns);
}

static int netns_run(struct run *r, const struct step *s, struct wg_error *err)
{
	if (!test_hooks_result(netns_attach(s->netns, err), err))
		return 0;
	r->netns_taken = err->code == EEXIST;
	return step_refused(r, s, err);
}

/* Whether the namespace of this name is the one that the journal knows, in which the process is. */
static bool is_ours(const struct run *r, const char *path, bool *there)
{
	cleanup(close_fd) int fd = -1;
	struct wg_error ignored;
	struct stat named, ours;

	*there = !netns_open(&fd, path, &ignored);
	return *there && r->place && netns_cookie() == r->place && !fstat(fd, &named) &&
	       !stat("/proc/self/ns/net", &ours) && named.st_ino == ours.st_ino;
}

static enum undo_result netns_undo(struct run *r, const struct step *s, bool sure, struct wg_error *err)
{
	cleanup(free_ptr) char *path = netns_path(s->netns);
	char users[128];
	bool there;

	(void)sure;
	if (!is_ours(r, path, &there)) {
		if (there) {
			wg_log_say(r->log, WG_LOG_WARNING, "the network namespace `%s' is not the one that was "
				   "made for `%s': it is left alone", s->netns, r->name);
			return UNDO_DONE;
		}
		return netns_detach(s->netns, err) < 0 ? UNDO_REMAINS : UNDO_DONE;
	}
	netns_users(users, sizeof(users));
	if (*users) {
		wg_log_say(r->log, WG_LOG_WARNING, "the network namespace `%s' is left: %s", s->netns, users);
		return UNDO_DONE;
	}
	step_echo_undo(r, s);
	if (test_hooks_result(netns_detach(s->netns, err), err) < 0)
		return UNDO_REMAINS;
	return UNDO_DONE;
}

const struct step_ops step_netns_ops = {
	.name = "netns",
	.undo_order = UNDO_NETNS,
	.command = netns_command,
	.undo_command = netns_undo_command,
	.write = netns_write,
	.read = netns_read,
	.wipe = netns_wipe,
	.run = netns_run,
	.undo = netns_undo,
};

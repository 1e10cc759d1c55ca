// SPDX-License-Identifier: GPL-2.0
/* The link itself: the kernel's, or that of a daemon where the kernel has no WireGuard. */
#include "link.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include "../../lib/alloc.h"
#include "../../lib/cleanup.h"
#include "../../lib/uapi.h"
#include "../datapath.h"
#include "../test-hooks.h"
#include "../userspace.h"
#include "../verb.h"

#define LINK_POLL_MS 10
#define LINK_POLLS   200 /* two seconds */

static char *link_command(const struct step *s, const char *ifname)
{
	(void)s;
	return wg_format("ip link add dev %s type wireguard", ifname);
}

static char *link_undo_command(const struct step *s, const char *ifname)
{
	(void)s;
	return wg_format("ip link delete dev %s", ifname);
}

static int link_seen(struct run *r, const struct wg_link *link, struct wg_error *err)
{
	r->ifindex = link->index;
	return r->upcalls->note_link(r, link->index, r->userspace, err);
}

/* Its link is of a daemon. */
static int make_userspace_link(struct run *r, struct wg_error *err)
{
	char why[PATH_MAX + 200];
	struct wg_link link;
	int ret;

	/* Should we be killed while it starts, its link comes later. */
	if (r->upcalls->note_link(r, 0, true, err) < 0)
		return -1;
	datapath_refusal(why, sizeof(why), "");
	if (*why)
		wg_log_say(r->log, WG_LOG_WARNING, "%s", why);
	ret = userspace_start(r->name, r->rtnl, &link, r->stop, err);
	if (ret) {
		r->status = ret;
		return -1;
	}
	r->userspace = true;
	return link_seen(r, &link, err);
}

static int link_run(struct run *r, const struct step *s, struct wg_error *err)
{
	struct wg_link link;
	char what[128];
	int ret;

	wg_rtnl_link_add(r->rtnl, r->name, "wireguard");
	ret = test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err);
	if (ret < 0)
		return err->code == EOPNOTSUPP ? make_userspace_link(r, err)
					       : step_refused(r, s, err);
	ret = wg_rtnl_link(r->rtnl, r->name, &link, err);
	if (!ret)
		wg_error_set(err, "the interface `%s' was made, and is gone again", r->name);
	if (ret <= 0)
		return -1;
	datapath_describe(what, sizeof(what), DATAPATH_SYS);
	verb_echo("# data path: %s", what);
	return link_seen(r, &link, err);
}

int link_find(const struct run *r, struct wg_link *link, struct wg_error *err)
{
	int ret = r->ifindex ? wg_rtnl_link_by_index(r->rtnl, r->ifindex, link, err)
			     : wg_rtnl_link(r->rtnl, r->name, link, err);

	if (ret <= 0)
		return ret;
	if (!strcmp(link->kind, "wireguard"))
		return 1;
	/* A userspace data path's is a TUN device: anybody's, unless we saw it begin or it can be
	 * talked to. */
	return !strcmp(link->kind, "tun") && (r->userspace || wg_uapi_has(link->name));
}

/* A data path that was starting when its `up` was killed may yet make its link. */
static int await_link(const struct run *r, bool sure, struct wg_link *link, struct wg_error *err)
{
	const struct timespec pause = {.tv_nsec = LINK_POLL_MS * 1000000L};
	bool starting = r->userspace && !r->ifindex && !sure && !r->config;
	int there = link_find(r, link, err);

	for (int i = 0; starting && !there && i < LINK_POLLS && !*r->stop; i++) {
		nanosleep(&pause, NULL);
		there = link_find(r, link, err);
	}
	return there;
}

static enum undo_result link_undo(struct run *r, const struct step *s, bool sure,
				  struct wg_error *err)
{
	struct wg_link link;
	int there = await_link(r, sure, &link, err);

	if (there < 0)
		return UNDO_REMAINS;
	if (there) {
		step_echo_undo(r, s);
		wg_rtnl_link_del(r->rtnl, link.index);
		if (test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) < 0 &&
		    err->code != ENODEV) {
			wg_error_prefix(err, "cannot delete the interface `%s'", link.name);
			return UNDO_REMAINS;
		}
	}
	if (r->userspace || (there && !strcmp(link.kind, "tun")))
		userspace_wait_gone(r->name);
	return UNDO_DONE;
}

static int link_compare(const struct run *r, const struct step *s, enum step_state *state,
			struct wg_error *err)
{
	struct wg_link link;
	int there = link_find(r, &link, err);

	(void)s;
	if (there > 0)
		*state = strcmp(link.name, r->name) ? STEP_DIFFERS : STEP_PRESENT;
	if (there)
		return there < 0 ? -1 : 0;
	there = wg_rtnl_link(r->rtnl, r->name, &link, err);
	*state = there > 0 ? STEP_FOREIGN : STEP_MISSING;
	return there < 0 ? -1 : 0;
}

const struct step_ops step_link_ops = {
	.name = "link",
	.undo_order = UNDO_LINK,
	.command = link_command,
	.undo_command = link_undo_command,
	.run = link_run,
	.undo = link_undo,
	.compare = link_compare,
};

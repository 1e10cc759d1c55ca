// SPDX-License-Identifier: GPL-2.0
/* The link itself: the kernel's, or that of a daemon where the kernel has no WireGuard. */
#include "link.h"
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/wait.h"
#include "../../lib/device/backend.h"
#include "../../lib/device/uapi.h"
#include "../host/daemon.h"
#include "../host/datapath.h"
#include "../host/namespaces.h"
#include "../host/progress.h"
#include "../host/test-hooks.h"
#include "../host/userspace.h"

#define LINK_POLL_MS 10
#define LINK_WAIT_MS 2000  /* until a data path that was starting has made its link */
#define INDEX_FIRST  16384 /* indices that we choose are from here to 65534 */
#define INDEX_TRIES  16    /* with half of them taken, one in 65536 runs fails */

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

/* Its link is of a daemon. */
static int make_userspace_link(struct run *r, const struct step *s, struct wg_error *err)
{
	char why[PATH_MAX + 200];
	struct wg_link link;
	int ret;

	/* Another program may have taken the name since `up` looked. Its device must not be handed to the
	 * daemon, which might use it. */
	if (if_nametoindex(r->name)) {
		wg_error_set(err, "File exists");
		err->code = EEXIST;
		return step_refused(r, s, err);
	}
	/* If `up` is killed while the daemon starts, the link appears later. */
	r->ifindex = 0;
	if (r->upcalls->note_link(r, 0, true, err) < 0)
		return -1;
	datapath_refusal(why, sizeof(why), "");
	if (*why)
		wg_log_say(r->log, WG_LOG_WARNING, "%s", why);
	ret = userspace_start(r->name, r->marker, r->rtnl, &link, r->stop, err);
	if (ret) {
		r->status = ret;
		return -1;
	}
	r->userspace = true;
	r->ifindex = link.index;
	return r->upcalls->note_link(r, link.index, true, err);
}

/* An index that the kernel, which counts up from 1, will hardly give to somebody else's link. It has
 * 16 bits, for there are programs that expect no more. */
static u32 choose_index(void)
{
	u16 value;

	if (getrandom(&value, sizeof(value), 0) != sizeof(value))
		value = (u16)getpid();
	return INDEX_FIRST + value % (UINT16_MAX - INDEX_FIRST);
}

/* Asks for a link with this index. 1 where the index is taken. */
static int request_link(struct run *r, u32 index, struct wg_error *err)
{
	/* Before the request, so that what is made is known to be ours even if we are killed. */
	r->ifindex = index;
	if (r->upcalls->note_link(r, index, false, err) < 0)
		return -1;
	wg_rtnl_link_add(r->rtnl, r->name, "wireguard", index);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err))
		return 0;
	if (err->code == EBUSY || (err->code == EEXIST && !if_nametoindex(r->name)))
		return 1;
	return -1;
}

static int link_run(struct run *r, const struct step *s, struct wg_error *err)
{
	char what[128];
	int ret = 1;

	for (int i = 0; ret > 0 && i < INDEX_TRIES; i++)
		ret = request_link(r, choose_index(), err);
	if (ret)
		return err->code == EOPNOTSUPP ? make_userspace_link(r, s, err)
					       : step_refused(r, s, err);
	datapath_describe(what, sizeof(what), DATAPATH_SYS);
	progress_command("# data path: %s", what);
	return 0;
}

static bool is_kind_of_ours(const struct wg_link *link)
{
	return !strcmp(link->kind, "wireguard") || !strcmp(link->kind, "tun");
}

enum key_finding { KEY_UNKNOWN, KEY_OURS, KEY_OTHER };

/* Whether the device has the private key of our file; unknown if one of them cannot be read, or has
 * none. */
static enum key_finding compare_key(const struct run *r, const char *name)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	cleanup(config_wipe) struct config c = {0};
	struct wg_error ignored;

	snprintf(c.name, sizeof(c.name), "%s", r->name);
	snprintf(c.path, sizeof(c.path), "%s", r->config_path ? r->config_path : "");
	if (config_read(&c, NULL, &ignored) || wg_backend_get(&dev, name, &ignored) ||
	    !(c.dev->flags & dev->flags & WG_DEVICE_HAS_PRIVATE_KEY))
		return KEY_UNKNOWN;
	return memcmp(c.dev->private_key, dev->private_key, WG_KEY_LEN) ? KEY_OTHER : KEY_OURS;
}

/* Whether a link with the journal's index is the tunnel's: a TUN device can be anybody's, and small
 * numbers are given out again. */
static bool may_be_ours(const struct run *r, const struct wg_link *link)
{
	struct daemon d;

	if (!strcmp(link->kind, "wireguard"))
		return true;
	return r->userspace && !strcmp(link->kind, "tun") &&
	       (wg_uapi_has(link->name) || wg_uapi_has(r->name) ||
		(daemon_find(r->marker, &d) && d.here && !strcmp(d.ifname, link->name)));
}

int link_find(const struct run *r, struct wg_link *link, struct wg_error *err)
{
	int there = r->ifindex ? wg_rtnl_link_by_index(r->rtnl, r->ifindex, link, err) : 0;
	struct daemon d;

	if (there < 0 || (there && may_be_ours(r, link)))
		return there;
	/* A device that has not been seen yet cannot have been moved. Otherwise one of this name may be
	 * here while the daemon's is elsewhere. */
	if (daemon_find(r->marker, &d)) {
		if (!d.here && r->ifindex)
			return 0;
		there = wg_rtnl_link(r->rtnl, d.ifname, link, err);
		return there > 0 ? !strcmp(link->kind, "tun") : there;
	}
	there = wg_rtnl_link(r->rtnl, r->name, link, err);
	if (there <= 0 || !is_kind_of_ours(link))
		return there < 0 ? -1 : 0;
	return r->link_made && compare_key(r, link->name) == KEY_OURS;
}

const char *link_device_name(const struct run *r, const struct wg_link *link)
{
	return strcmp(link->kind, "tun") || wg_uapi_has(link->name) ? link->name : r->name;
}

/* A data path that was starting when its `up` was killed may yet make its link. */
static int await_link(const struct run *r, bool sure, struct wg_link *link, struct wg_error *err)
{
	bool starting = r->userspace && !r->ifindex && !sure && !r->config;
	int there = link_find(r, link, err);
	struct wg_wait wait;

	wg_wait_begin(&wait, r->stop, LINK_WAIT_MS);
	while (starting && !there && wg_wait_nap(&wait, LINK_POLL_MS) == WG_WAIT_READY)
		there = link_find(r, link, err);
	return there;
}

static enum undo_result delete_link(const struct run *r, const struct step *s,
				    const struct wg_link *link, struct wg_error *err)
{
	step_echo_undo(r, s);
	wg_rtnl_link_del(r->rtnl, link->index);
	if (test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) < 0 && err->code != ENODEV) {
		wg_error_prefix(err, "cannot delete the interface `%s'", link->name);
		return UNDO_REMAINS;
	}
	if (!strcmp(link->kind, "tun"))
		userspace_wait_gone(r->name);
	return UNDO_DONE;
}

/* The daemon's device is in another network namespace. It goes with the daemon. */
static enum undo_result end_daemon(const struct run *r, const struct daemon *d,
				   struct wg_error *err)
{
	progress_command("kill %d # the data path of `%s', whose interface `%s' is elsewhere", (int)d->pid,
		  r->name, d->ifname);
	if (test_hooks_result(daemon_end(d->pid, r->marker, err), err) < 0)
		return UNDO_REMAINS;
	userspace_wait_gone(r->name);
	return UNDO_DONE;
}

/* Finds our link by means of `rt`, a socket in another network namespace, which we are in. A link
 * keeps its index when it moves, if that is free there. */
static bool find_elsewhere(const struct run *r, struct wg_rtnl *rt, struct wg_link *link)
{
	struct wg_error ignored;

	return wg_rtnl_link_by_index(rt, r->ifindex, link, &ignored) > 0 &&
	       !strcmp(link->kind, "wireguard") && compare_key(r, link->name) != KEY_OTHER;
}

static int is_ours_there(void *ctx, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	struct wg_link link;

	return wg_rtnl_open(&rt, err) == 0 && find_elsewhere(ctx, rt, &link);
}

static int delete_if_ours(void *ctx, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	struct wg_link link;

	if (wg_rtnl_open(&rt, err) < 0 || !find_elsewhere(ctx, rt, &link))
		return 0;
	progress_command("ip link delete dev %s # in another network namespace", link.name);
	wg_rtnl_link_del(rt, link.index);
	if (wg_rtnl_commit(rt, NULL, err) < 0)
		return wg_error_prefix(err, "cannot delete the interface `%s' in another network "
				       "namespace", link.name);
	return 1;
}

/* Only a link of the kernel's, known to have been made, whose index `up` has chosen, is looked for in
 * other namespaces: an index that the kernel has given out may be there too. */
static bool may_be_elsewhere(const struct run *r)
{
	return r->ifindex >= INDEX_FIRST && r->link_made && !r->userspace;
}

bool link_is_elsewhere(struct run *r)
{
	struct wg_error ignored;
	struct daemon d;

	return daemon_find(r->marker, &d) ||
	       (may_be_elsewhere(r) && namespaces_visit(is_ours_there, r, &ignored) > 0);
}

/* Nothing of ours was found. A link of our name is a stranger's, unless it may well be ours and
 * nothing proves it: then we do not forget the tunnel. */
static enum undo_result not_found(const struct run *r, struct wg_error *err)
{
	struct wg_link link;
	int there = wg_rtnl_link(r->rtnl, r->name, &link, err);

	if (there < 0)
		return UNDO_REMAINS;
	if (!there && r->userspace && r->link_made) {
		userspace_wait_gone(r->name);
		if (!wg_uapi_has(r->name))
			return UNDO_DONE;
		wg_error_set(err, "the userspace implementation of `%s' still runs, and its interface "
			     "is not in this network namespace: end that process, or delete its "
			     "interface where it is, and run `wg-quick down %s' again; or forget it "
			     "with --force", r->name, r->name);
		return UNDO_REMAINS;
	}
	if (!there)
		return UNDO_DONE;
	if (r->link_made && is_kind_of_ours(&link) &&
	    (!strcmp(link.kind, "wireguard") || wg_uapi_has(link.name))) {
		wg_error_set(err, "an interface `%s' is there, with index %u where `up' made %u, and "
			     "nothing shows that it is this tunnel's: if it is, delete it with "
			     "`ip link delete dev %s' and run `wg-quick down %s' again; if it is "
			     "not, `wg-quick down --force %s' leaves it alone", r->name, link.index,
			     r->ifindex, r->name, r->name, r->name);
		return UNDO_REMAINS;
	}
	wg_log_say(r->log, WG_LOG_WARNING, "the interface `%s' is not this tunnel's: it is left alone",
		   r->name);
	return UNDO_DONE;
}

static enum undo_result link_undo(struct run *r, const struct step *s, bool sure,
				  struct wg_error *err)
{
	struct wg_link link;
	struct daemon d;
	int there = await_link(r, sure, &link, err);

	if (there < 0)
		return UNDO_REMAINS;
	if (there)
		return delete_link(r, s, &link, err);
	if (daemon_find(r->marker, &d))
		return end_daemon(r, &d, err);
	if (may_be_elsewhere(r)) {
		there = namespaces_visit(delete_if_ours, r, err);
		if (there)
			return there < 0 ? UNDO_REMAINS : UNDO_DONE;
	}
	return not_found(r, err);
}

static int link_compare(const struct run *r, const struct step *s, enum step_state *state,
			struct wg_error *err)
{
	struct wg_link link;
	int there = link_find(r, &link, err);

	(void)s;
	if (there > 0)
		*state = strcmp(link.name, r->name) || link.index != r->ifindex ? STEP_DIFFERS
										: STEP_PRESENT;
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

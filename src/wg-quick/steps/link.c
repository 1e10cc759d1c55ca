// SPDX-License-Identifier: GPL-2.0
/* The link itself: the kernel's, or that of a daemon where the kernel has no WireGuard. */
#include "link.h"
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>
#include "../../crypto/curve25519.h"
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/wait.h"
#include "../../lib/device/backend.h"
#include "../../lib/device/kernel.h"
#include "../../lib/device/uapi.h"
#include "../host/daemon.h"
#include "../host/datapath.h"
#include "../host/namespaces.h"
#include "../host/netns.h"
#include "../host/progress.h"
#include "../host/test-hooks.h"
#include "../host/userspace.h"

#define LINK_POLL_MS 10
#define LINK_WAIT_MS 2000  /* until a data path that was starting has made its link, or the link of one that ended is gone */
#define INDEX_FIRST  16384 /* indices that we choose are from here to 65534 */
#define INDEX_TRIES  16    /* with half of them taken, one in 65536 runs fails */

static char *link_command(const struct step *s, const char *ifname)
{
	cleanup(free_ptr) char *in = NULL, *to = NULL, *then = NULL;

	if (!s->netns && !s->underlay)
		return wg_format("ip link add dev %s type wireguard", ifname);
	/* $$ is the shell that the command is pasted into. */
	if (s->underlay)
		in = strchr(s->underlay, '/') ? wg_format("nsenter --net=%s ip", s->underlay)
					      : wg_format("ip -n %s", s->underlay);
	to = wg_format("%s", s->netns ?: "$$");
	if (s->netns) {
		cleanup(free_ptr) char *path = netns_path(s->netns);

		then = wg_format(" && nsenter --net=%s", path);
	}
	return wg_format("%s link add dev %s netns %s type wireguard%s", in ?: "ip", ifname, to, then ?: "");
}

static char *link_undo_command(const struct step *s, const char *ifname)
{
	(void)s;
	return wg_format("ip link delete dev %s", ifname);
}

static void link_wipe(struct step *s)
{
	free(s->netns);
	free(s->underlay);
}

/* Starts the daemon where its sockets are to be, and moves its link to where we are. */
static int start_daemon(struct run *r, const struct step *s, struct wg_link *link, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	cleanup(close_fd) int here = -1;
	struct wg_error why;
	int ret;

	if (!netns_has_underlay())
		return userspace_start(r->name, r->marker, r->rtnl, link, r->stop, err);
	if (netns_underlay_rtnl(&rt, &here, err) < 0 || netns_underlay_begin(err) < 0)
		return 1;
	if (if_nametoindex(r->name)) {
		wg_error_set(err, "File exists (in the network namespace of the encrypted packets)");
		err->code = EEXIST;
		step_refused(r, s, err);
		ret = 1;
	} else {
		ret = userspace_start(r->name, r->marker, rt, link, r->stop, err);
	}
	if (netns_underlay_end(ret ? &why : err) < 0)
		return 1;
	if (ret)
		return ret;
	test_hooks_boundary();
	wg_rtnl_link_move(rt, link->index, here);
	if (test_hooks_result(wg_rtnl_commit(rt, NULL, err), err) < 0)
		return wg_error_prefix(err, "cannot move the interface to its network namespace"), 1;
	ret = wg_rtnl_link(r->rtnl, r->name, link, err);
	if (!ret)
		wg_error_set(err, "the interface has gone on its way to its network namespace");
	return ret > 0 ? 0 : 1;
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
	ret = start_daemon(r, s, &link, err);
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
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	cleanup(close_fd) int here = -1;

	/* Before the request, so that what is made is known to be ours even if we are killed. */
	r->ifindex = index;
	if (r->upcalls->note_link(r, index, false, err) < 0)
		return -1;
	if (netns_has_underlay()) {
		if (netns_underlay_rtnl(&rt, &here, err) < 0)
			return -1;
		wg_rtnl_link_add_to(rt, r->name, "wireguard", index, here);
	} else {
		wg_rtnl_link_add(r->rtnl, r->name, "wireguard", index);
	}
	if (!test_hooks_result(wg_rtnl_commit(rt ?: r->rtnl, NULL, err), err))
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

/* Whether the device has the key of our file, which may have changed since `up`. Data paths clamp a private key, so
 * the public ones are compared. */
static enum link_key compare_with_file(const struct run *r, const struct wg_device *dev)
{
	cleanup(config_wipe) struct config c = {0};
	u8 public_key[WG_KEY_LEN];
	struct wg_error ignored;

	snprintf(c.name, sizeof(c.name), "%s", r->name);
	snprintf(c.path, sizeof(c.path), "%s", r->config_path ? r->config_path : "");
	if (config_read(&c, NULL, &ignored) || !(c.dev->flags & WG_DEVICE_HAS_PRIVATE_KEY))
		return LINK_KEY_UNKNOWN;
	wg_curve25519_public(public_key, c.dev->private_key);
	return memcmp(public_key, dev->public_key, WG_KEY_LEN) ? LINK_KEY_OTHER : LINK_KEY_OURS;
}

/* Whether the device has the key of our journal or of our file; unknown if neither has one, or if the device
 * cannot be read or has none. `kernel`: a daemon that has the name is not asked. */
static enum link_key compare_key(const struct run *r, const char *name, bool kernel)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	enum link_key by_file;
	struct wg_error ignored = {0};

	if ((kernel ? wg_kernel_get : wg_backend_get)(&dev, name, &ignored) ||
	    !(dev->flags & WG_DEVICE_HAS_PUBLIC_KEY))
		return LINK_KEY_UNKNOWN;
	if (wg_key_is_zero(r->public_key))
		return compare_with_file(r, dev);
	if (!memcmp(r->public_key, dev->public_key, WG_KEY_LEN))
		return LINK_KEY_OURS;
	by_file = compare_with_file(r, dev);
	return by_file == LINK_KEY_UNKNOWN ? LINK_KEY_OTHER : by_file;
}

bool link_is_as_requested(const struct run *r, const struct wg_link *link)
{
	return r->link_made || (!strcmp(link->name, r->name) && !(link->flags & IFF_UP));
}

bool link_has_our_key(const struct run *r, const struct wg_link *link)
{
	return compare_key(r, link->name, false) == LINK_KEY_OURS;
}

/* Whether a link with the journal's index is the tunnel's: a TUN device can be anybody's, and small
 * numbers are given out again. */
static bool may_be_ours(const struct run *r, const struct wg_link *link)
{
	struct daemon d;

	if (!strcmp(link->kind, "wireguard"))
		return link_is_as_requested(r, link);
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
	return r->link_made && link_has_our_key(r, link);
}

const char *link_device_name(const struct run *r, const struct wg_link *link)
{
	return strcmp(link->kind, "tun") || wg_uapi_has(link->name) ? link->name : r->name;
}

bool link_has_gone(struct wg_rtnl *rt, u32 ifindex, const char *name, const volatile int *stop)
{
	struct wg_wait wait;

	wg_wait_begin(&wait, stop, LINK_WAIT_MS);
	do {
		struct wg_error ignored;
		struct wg_link link;
		int there = ifindex ? wg_rtnl_link_by_index(rt, ifindex, &link, &ignored)
				    : wg_rtnl_link(rt, name, &link, &ignored);

		if (there <= 0)
			return !there;
		if (strcmp(link.kind, "tun") || wg_uapi_has(link.name) || wg_uapi_has(name))
			return false;
	} while (wg_wait_nap(&wait, LINK_POLL_MS) == WG_WAIT_READY);
	return false;
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

/* Whether `up` has chosen the index itself, at random. */
static bool index_is_chosen(const struct run *r)
{
	return r->ifindex >= INDEX_FIRST;
}

enum link_claim link_judge_elsewhere(const struct run *r, const struct wg_link *link, enum link_key key)
{
	bool same_name = !strcmp(link->name, r->name), same_index = link->index == r->ifindex;

	if (strcmp(link->kind, "wireguard"))
		return LINK_FOREIGN;
	/* Somebody may have given our link another key. */
	if (index_is_chosen(r))
		return !same_index ? LINK_FOREIGN : key == LINK_KEY_OURS ? LINK_OURS : LINK_UNPROVED;
	if (key == LINK_KEY_OTHER)
		return LINK_FOREIGN;
	/* The kernel gives the same small numbers in each namespace, and the same file may be up there. */
	return same_name && (same_index || key == LINK_KEY_OURS) ? LINK_UNPROVED : LINK_FOREIGN;
}

/* What was found in other network namespaces. */
struct search {
	const struct run *r;
	bool delete;          /* what is ours */
	enum link_claim best; /* so far */
	struct wg_link link;  /* that one */
};

/* Looks for our link by means of `rt`, a socket in another network namespace, which we are in. A link
 * keeps its index when it moves, if that is free there. */
static enum link_claim find_elsewhere(struct search *s, struct wg_rtnl *rt)
{
	enum link_claim best = LINK_FOREIGN;
	struct wg_error ignored;

	for (int by_name = 0; by_name < 2 && best == LINK_FOREIGN; by_name++) {
		struct wg_link link;
		int there = by_name ? wg_rtnl_link(rt, s->r->name, &link, &ignored)
				    : wg_rtnl_link_by_index(rt, s->r->ifindex, &link, &ignored);

		if (there <= 0)
			continue;
		/* A device with thousands of peers takes its time to tell its key. */
		if (link_judge_elsewhere(s->r, &link, LINK_KEY_OURS) == LINK_FOREIGN)
			continue;
		best = link_judge_elsewhere(s->r, &link, compare_key(s->r, link.name, true));
		if (best > s->best) {
			s->best = best;
			s->link = link;
		}
	}
	return best;
}

/* 1: ours was found, and deleted if that is asked. */
static int visit_elsewhere(void *ctx, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	struct search *s = ctx;

	if (wg_rtnl_open(&rt, err) < 0 || find_elsewhere(s, rt) != LINK_OURS)
		return 0;
	if (!s->delete)
		return 1;
	progress_command("ip link delete dev %s # in another network namespace", s->link.name);
	wg_rtnl_link_del(rt, s->link.index);
	if (wg_rtnl_commit(rt, NULL, err) < 0)
		return wg_error_prefix(err, "cannot delete the interface `%s' in another network "
				       "namespace", s->link.name);
	return 1;
}

/* Only a link of the kernel's, known to have been made, is looked for in other namespaces: a daemon's
 * goes with the daemon. */
static bool may_be_elsewhere(const struct run *r)
{
	return r->ifindex && r->link_made && !r->userspace;
}

bool link_is_elsewhere(struct run *r)
{
	struct search s = {.r = r};
	struct wg_error ignored;
	struct daemon d;

	if (daemon_find(r->marker, &d))
		return true;
	if (may_be_elsewhere(r))
		namespaces_visit(visit_elsewhere, &s, &ignored);
	return s.best != LINK_FOREIGN;
}

/* Deletes our link in another network namespace. *found: it was there, or may be. */
static enum undo_result delete_elsewhere(const struct run *r, bool *found, struct wg_error *err)
{
	struct search s = {.r = r, .delete = true};
	int ret = namespaces_visit(visit_elsewhere, &s, err);

	*found = ret || s.best != LINK_FOREIGN;
	if (ret)
		return ret < 0 ? UNDO_REMAINS : UNDO_DONE;
	if (!*found)
		return UNDO_DONE;
	wg_error_set(err, "the interface `%s' with index %u in another network namespace may be this "
		     "tunnel's, and nothing proves it: if it is, delete it there with `ip link delete dev "
		     "%s' and run `wg-quick down %s' again; if it is not, `wg-quick down --force %s' leaves "
		     "it alone", s.link.name, s.link.index, s.link.name, r->name, r->name);
	return UNDO_REMAINS;
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
	bool found;

	if (there < 0)
		return UNDO_REMAINS;
	if (there)
		return delete_link(r, s, &link, err);
	if (daemon_find(r->marker, &d))
		return end_daemon(r, &d, err);
	if (may_be_elsewhere(r)) {
		enum undo_result result = delete_elsewhere(r, &found, err);

		if (found)
			return result;
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
	.wipe = link_wipe,
	.run = link_run,
	.undo = link_undo,
	.compare = link_compare,
};

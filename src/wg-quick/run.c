// SPDX-License-Identifier: GPL-2.0
/* Carries a plan out. What the kernel takes in one batch is journalled, printed and sent together;
 * everything else goes step by step. Nothing is undone here. */
#include "run.h"
#include <limits.h>
#include <string.h>
#include "../lib/alloc.h"
#include "../lib/backend.h"
#include "../lib/cleanup.h"
#include "../lib/nft.h"
#include "datapath.h"
#include "dns.h"
#include "hooks.h"
#include "sysctl.h"
#include "test-hooks.h"
#include "userspace.h"
#include "verb.h"

static void echo(const struct run *r, const struct step *s)
{
	cleanup(free_ptr) char *command = step_command(s, r->name);

	if (command)
		verb_echo("%s", command);
}

/* The error of a change that was refused: "`COMMAND': REASON". */
static int refused(const struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(free_ptr) char *command = step_command(s, r->name);

	return wg_error_prefix(err, "`%s'", command ? command : "");
}

static int link_seen(struct run *r, const struct wg_link *link, struct wg_error *err)
{
	r->ifindex = link->index;
	return journal_link(r->journal, link->index, r->userspace, err);
}

/* Its link is of a daemon. */
static int make_userspace_link(struct run *r, struct wg_error *err)
{
	char why[PATH_MAX + 200];
	struct wg_link link;
	int ret;

	/* Should we be killed while it starts, its link comes later. */
	if (journal_link(r->journal, 0, true, err) < 0)
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

static int make_link(struct run *r, const struct step *s, struct wg_error *err)
{
	struct wg_link link;
	char what[128];
	int ret;

	wg_rtnl_link_add(r->rtnl, r->name, "wireguard");
	ret = test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err);
	if (ret < 0)
		return err->code == EOPNOTSUPP ? make_userspace_link(r, err) : refused(r, s, err);
	ret = wg_rtnl_link(r->rtnl, r->name, &link, err);
	if (!ret)
		wg_error_set(err, "the interface `%s' was made, and is gone again", r->name);
	if (ret <= 0)
		return -1;
	datapath_describe(what, sizeof(what), DATAPATH_SYS);
	verb_echo("# data path: %s", what);
	return link_seen(r, &link, err);
}

static int run_hook(struct run *r, const struct step *s, struct wg_error *err)
{
	int status;

	/* A hook may take for ever, or be a wg-quick itself. */
	close_fd(&r->shared_lock);
	r->shared_lock = -1;
	status = hooks_run(s->command, r->name, r->config_path, r->stop, err);
	if (!status)
		return 0;
	r->status = status;
	return -1;
}

static int set_mark(const struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();

	memcpy(dev->name, r->name, strlen(r->name) + 1);
	dev->flags = WG_DEVICE_HAS_FWMARK;
	dev->fwmark = s->fwmark;
	return test_hooks_result(wg_backend_set(dev, err), err);
}

static int set_sysctl(const struct run *r, struct wg_error *err)
{
	struct wg_error why;

	(void)err;
	if (sysctl_set_src_valid_mark(true, &why) < 0)
		wg_log_say(r->log, WG_LOG_WARNING,
			   "%s; where rp_filter is strict, replies to the encrypted packets of `%s' "
			   "may be dropped", why.text, r->name);
	return 0;
}

static int load_firewall(struct run *r, const struct step *s, struct wg_error *err)
{
	const struct wg_nft_guard guard = {.family = s->family,
					   .ifname = r->name,
					   .fwmark = s->fwmark,
					   .addresses = s->addresses,
					   .n_addresses = s->n_addresses};

	if (r->no_firewall)
		return 0;
	if (!test_hooks_result(wg_nft_guard_load(&guard, err), err))
		return 0;
	if (err->code != EPROTONOSUPPORT && err->code != EOPNOTSUPP && err->code != ENOENT &&
	    err->code != EAFNOSUPPORT)
		return refused(r, s, err);
	r->no_firewall = true;
	wg_log_say(r->log, WG_LOG_WARNING,
		   "this kernel has no usable nftables (%s): `%s' is up, but packets for its "
		   "addresses that come in through other interfaces are not dropped",
		   err->text, r->name);
	return journal_no_firewall(r->journal, err);
}

static int set_dns(struct run *r, const struct step *s, struct wg_error *err)
{
	int status = dns_set(s->dns_name, s->dns, r->stop, err);

	if (status)
		r->status = status;
	return status ? -1 : 0;
}

static bool is_netlink(const struct step *s)
{
	return s->kind == STEP_ADDRESS || s->kind == STEP_LINK_UP || s->kind == STEP_ROUTE ||
	       s->kind == STEP_RULE;
}

static void append(const struct run *r, const struct step *s)
{
	struct wg_route route = s->route;

	if (s->kind == STEP_ADDRESS) {
		wg_rtnl_address_add(r->rtnl, r->ifindex, &s->prefix);
	} else if (s->kind == STEP_LINK_UP) {
		wg_rtnl_link_set(r->rtnl, r->ifindex, s->mtu, true);
	} else if (s->kind == STEP_ROUTE) {
		route.oif = r->ifindex;
		wg_rtnl_route_add(r->rtnl, &route);
	} else {
		wg_rtnl_rule_add(r->rtnl, &s->rule);
	}
}

static int run_batch(const struct run *r, const struct step *steps, size_t n, struct wg_error *err)
{
	size_t failed = n;

	for (size_t i = 0; i < n; i++)
		append(r, &steps[i]);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, &failed, err), err))
		return 0;
	return failed < n ? refused(r, &steps[failed], err) : -1;
}

static int run_one(struct run *r, const struct step *s, struct wg_error *err)
{
	switch (s->kind) {
	case STEP_LINK:
		return make_link(r, s, err);
	case STEP_HOOK:
		return run_hook(r, s, err);
	case STEP_DEVICE:
		return test_hooks_result(wg_backend_set(r->config->dev, err), err);
	case STEP_DNS:
		return set_dns(r, s, err);
	case STEP_FWMARK:
		return set_mark(r, s, err);
	case STEP_SYSCTL:
		return set_sysctl(r, err);
	case STEP_FIREWALL:
		return load_firewall(r, s, err);
	case STEP_ADDRESS:
	case STEP_LINK_UP:
	case STEP_ROUTE:
	case STEP_RULE:
		break;
	}
	return run_batch(r, s, 1, err);
}

/* How many steps from this one on go together. */
static size_t group_length(const struct plan *p, size_t at)
{
	size_t n = 1;

	if (is_netlink(&p->steps[at])) {
		while (at + n < p->n && is_netlink(&p->steps[at + n]))
			n++;
	}
	return n;
}

static bool sets_link_up(const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (steps[i].kind == STEP_LINK_UP)
			return true;
	return false;
}

/* Whether the data path must be there for this step. */
static bool is_configuration(const struct step *s)
{
	return is_netlink(s) || s->kind == STEP_DEVICE || s->kind == STEP_FWMARK;
}

static int run_group(struct run *r, const struct step *steps, size_t n, struct wg_error *err)
{
	int ret;

	if (journal_steps(r->journal, steps, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		echo(r, &steps[i]);
	fflush(stderr); /* a child may write next */
	ret = n == 1 ? run_one(r, steps, err) : run_batch(r, steps, n, err);
	if (ret == 0 && r->userspace && sets_link_up(steps, n))
		ret = test_hooks_result(userspace_confirm_up(r->name, r->stop, err), err);
	if (ret < 0) {
		/* A hook's failure is its own. */
		if (r->userspace && is_configuration(steps))
			userspace_explain(r->name, err);
		return -1;
	}
	return journal_done(r->journal, err);
}

int run_plan(struct run *r, const struct plan *p, struct wg_error *err)
{
	for (size_t i = 0, n; i < p->n; i += n) {
		n = group_length(p, i);
		if (run_group(r, p->steps + i, n, err) < 0)
			return -1;
		if (*r->stop)
			return wg_error_set(err, "ended by signal %d", *r->stop);
	}
	return 0;
}

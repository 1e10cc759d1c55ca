// SPDX-License-Identifier: GPL-2.0
/* A route that stands behind all others of its destination while a reload takes those away and adds their
 * successors: until they are there, no packet takes a wider route past the tunnel. It leads through the
 * link or, where the kernel is about to remove all routes of the link, refuses packets. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include "../../lib/base/alloc.h"
#include "../host/test-hooks.h"
#include "ops.h"

static const char *const types[] = {"link", "unreachable"};

static bool refuses(const struct step *s)
{
	return s->route.type == RTN_UNREACHABLE;
}

static char *write_command(const struct step *s, const char *verb, const char *ifname)
{
	char text[WG_PREFIX_STRLEN];

	return wg_format("ip -%d route %s %s%s%s%s table %u metric %u",
			 s->route.dst.family == AF_INET6 ? 6 : 4, verb, refuses(s) ? "unreachable " : "",
			 wg_prefix_format(text, &s->route.dst), refuses(s) ? "" : " dev ",
			 refuses(s) ? "" : ifname, s->route.table, STEP_HOLD_METRIC);
}

static char *hold_command(const struct step *s, const char *ifname)
{
	return write_command(s, "add", ifname);
}

static char *hold_undo_command(const struct step *s, const char *ifname)
{
	return write_command(s, "delete", ifname);
}

static void hold_write(FILE *f, const struct step *s)
{
	fields_write_prefix(f, &s->route.dst);
	fprintf(f, " table %u %s", s->route.table, types[refuses(s)]);
}

static bool hold_read(struct fields *c, struct step *s)
{
	int type;

	if (!fields_take_prefix(c, &s->route.dst) || !fields_take_word(c, "table") ||
	    !fields_take_number(c, &s->route.table, UINT32_MAX))
		return false;
	type = fields_take_index(c, types, 2);
	s->route.type = type == 1 ? RTN_UNREACHABLE : RTN_UNICAST;
	return type >= 0;
}

static int hold_order(const struct step *a, const struct step *b)
{
	if (a->route.table != b->route.table)
		return a->route.table < b->route.table ? -1 : 1;
	return wg_prefix_order(&a->route.dst, &b->route.dst) ?: (int)a->route.type - b->route.type;
}

/* As the kernel has it: nobody else's has this protocol, this metric and this link or none. */
static struct wg_route held_route(const struct run *r, const struct step *s)
{
	struct wg_route route = s->route;

	route.oif = refuses(s) ? 0 : r->ifindex;
	route.metric = STEP_HOLD_METRIC;
	route.protocol = WG_RTNL_PROTOCOL;
	return route;
}

/* One that is there already was left by a reload that was killed: it serves. */
static int hold_run(struct run *r, const struct step *s, struct wg_error *err)
{
	const struct wg_route route = held_route(r, s);

	wg_rtnl_route_add(r->rtnl, &route);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) || err->code == EEXIST)
		return 0;
	return step_refused(r, s, err);
}

static enum undo_result hold_undo(struct run *r, const struct step *s, bool sure, struct wg_error *err)
{
	const struct wg_route route = held_route(r, s);

	(void)sure;
	if (!refuses(s) && !r->ifindex)
		return UNDO_DONE;
	step_echo_undo(r, s);
	wg_rtnl_route_del(r->rtnl, &route);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) || err->code == ESRCH ||
	    err->code == ENOENT || err->code == ENODEV || err->code == EAFNOSUPPORT)
		return UNDO_DONE;
	wg_error_prefix(err, "cannot remove a route that was held");
	return UNDO_REMAINS;
}

const struct step_ops step_hold_ops = {
	.name = "hold",
	.undo_order = UNDO_RULES,
	.command = hold_command,
	.undo_command = hold_undo_command,
	.write = hold_write,
	.read = hold_read,
	.order = hold_order,
	.run = hold_run,
	.undo = hold_undo,
};

// SPDX-License-Identifier: GPL-2.0
/* A route through the link. It goes with the link. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "ops.h"

/* The kernel gives IPv6 routes without a metric this one. */
static struct wg_route as_kernel_has_it(const struct wg_route *r)
{
	struct wg_route out = *r;

	if (out.dst.family == AF_INET6 && !out.metric)
		out.metric = 1024;
	return out;
}

static char *write_command(const struct step *s, const char *verb, const char *ifname)
{
	char text[WG_PREFIX_STRLEN], table[32] = "", metric[32] = "";
	int family = s->route.dst.family == AF_INET6 ? 6 : 4;

	wg_prefix_format(text, &s->route.dst);
	if (s->route.table != RT_TABLE_MAIN)
		snprintf(table, sizeof(table), " table %u", s->route.table);
	if (s->route.metric)
		snprintf(metric, sizeof(metric), " metric %u", s->route.metric);
	return wg_format("ip -%d route %s %s dev %s%s%s", family, verb, text, ifname, table, metric);
}

static char *route_command(const struct step *s, const char *ifname)
{
	return write_command(s, "add", ifname);
}

static char *route_undo_command(const struct step *s, const char *ifname)
{
	return write_command(s, "delete", ifname);
}

static void route_write(FILE *f, const struct step *s)
{
	fields_write_prefix(f, &s->route.dst);
	fprintf(f, " table %u protocol %u", s->route.table, s->route.protocol);
	if (s->route.metric)
		fprintf(f, " metric %u", s->route.metric);
}

static bool route_read(struct fields *c, struct step *s)
{
	return fields_take_prefix(c, &s->route.dst) && fields_take_word(c, "table") &&
	       fields_take_number(c, &s->route.table, UINT32_MAX) &&
	       fields_take_word(c, "protocol") && fields_take_u8(c, &s->route.protocol) &&
	       (!c->s || (fields_take_word(c, "metric") &&
			  fields_take_number(c, &s->route.metric, UINT32_MAX) && s->route.metric));
}

static void route_append(const struct run *r, const struct step *s)
{
	struct wg_route route = s->route;

	route.oif = r->ifindex;
	wg_rtnl_route_add(r->rtnl, &route);
}

static void route_append_undo(const struct run *r, const struct step *s)
{
	/* Without a metric the kernel would take the first of several routes to that place. */
	struct wg_route route = as_kernel_has_it(&s->route);

	route.oif = r->ifindex;
	wg_rtnl_route_del(r->rtnl, &route);
}

static int route_order(const struct step *a, const struct step *b)
{
	const struct wg_route x = as_kernel_has_it(&a->route), y = as_kernel_has_it(&b->route);

	if (a->route.table != b->route.table)
		return a->route.table < b->route.table ? -1 : 1;
	if (x.metric != y.metric)
		return x.metric < y.metric ? -1 : 1;
	return wg_prefix_order(&a->route.dst, &b->route.dst);
}

/* A route of this destination in this table that the kernel would not have beside ours: of another
 * metric it would. */
static bool same_place(const struct wg_route *a, const struct wg_route *b)
{
	return wg_prefix_equal(&a->dst, &b->dst) && a->table == b->table && a->metric == b->metric;
}

/* A route that is there already: says whose it is. One that refuses packets has no link. */
static void route_explain(const struct run *r, const struct step *s, struct wg_error *err)
{
	const struct wg_route want = as_kernel_has_it(&s->route);
	cleanup(free_ptr) struct wg_route *list = NULL;
	struct wg_link link = {0};
	struct wg_error ignored;
	size_t n = 0;

	if (err->code != EEXIST ||
	    wg_rtnl_routes(r->rtnl, want.dst.family, want.table, 0, &list, &n, &ignored) < 0)
		return;
	for (size_t i = 0; i < n && !link.index; i++)
		if (same_place(&list[i], &want))
			wg_rtnl_link_by_index(r->rtnl, list[i].oif, &link, &ignored);
	if (link.index)
		wg_error_set(err, "File exists: `%s' has a route to it already; take it out of "
			     "AllowedIPs, or delete that route", link.name);
	else
		wg_error_set(err, "File exists: table %u has a route to it already, without an "
			     "interface; take it out of AllowedIPs, or delete that route", want.table);
	err->code = EEXIST;
}

static int route_compare(const struct run *r, const struct step *s, enum step_state *state,
			 struct wg_error *err)
{
	cleanup(free_ptr) struct wg_route *list = NULL;
	const struct wg_route want = as_kernel_has_it(&s->route);
	size_t n = 0;

	if (wg_rtnl_routes(r->rtnl, want.dst.family, want.table, 0, &list, &n, err) < 0)
		return -1;
	*state = STEP_MISSING;
	for (size_t i = 0; i < n && *state != STEP_PRESENT; i++) {
		if (!same_place(&list[i], &want))
			continue;
		if (list[i].oif != r->ifindex)
			*state = STEP_FOREIGN;
		else
			*state = list[i].protocol == want.protocol ? STEP_PRESENT : STEP_DIFFERS;
	}
	return 0;
}

const struct step_ops step_route_ops = {
	.name = "route",
	.configures = true,
	.command = route_command,
	.undo_command = route_undo_command,
	.write = route_write,
	.read = route_read,
	.order = route_order,
	.append = route_append,
	.append_undo = route_append_undo,
	.explain = route_explain,
	.compare = route_compare,
};

// SPDX-License-Identifier: GPL-2.0
/* The link's MTU, and setting it up. */
#include "../../lib/base/alloc.h"
#include "ops.h"

static char *link_up_command(const struct step *s, const char *ifname)
{
	if (!s->mtu)
		return wg_format("ip link set up dev %s", ifname);
	return wg_format("ip link set mtu %u up dev %s", s->mtu, ifname);
}

static void link_up_write(FILE *f, const struct step *s)
{
	fprintf(f, " %u", s->mtu);
}

static bool link_up_read(struct fields *c, struct step *s)
{
	return fields_take_number(c, &s->mtu, UINT32_MAX);
}

static void link_up_append(const struct run *r, const struct step *s)
{
	wg_rtnl_link_set(r->rtnl, r->ifindex, s->mtu, true);
}

static int link_up_order(const struct step *a, const struct step *b)
{
	return (a->mtu > b->mtu) - (a->mtu < b->mtu);
}

static bool link_up_replaces(const struct step *s, const struct step *old)
{
	(void)s, (void)old;
	return true;
}

static int link_up_compare(const struct run *r, const struct step *s, enum step_state *state,
			   struct wg_error *err)
{
	struct wg_link link;
	int there = wg_rtnl_link_by_index(r->rtnl, r->ifindex, &link, err);

	if (there < 0)
		return -1;
	*state = STEP_MISSING;
	if (there)
		*state = (link.flags & IFF_UP) && (!s->mtu || link.mtu == s->mtu) ? STEP_PRESENT
										  : STEP_DIFFERS;
	return 0;
}

const struct step_ops step_link_up_ops = {
	.name = "link-up",
	.configures = true,
	.command = link_up_command,
	.write = link_up_write,
	.read = link_up_read,
	.order = link_up_order,
	.replaces = link_up_replaces,
	.append = link_up_append,
	.compare = link_up_compare,
};

// SPDX-License-Identifier: GPL-2.0
/* An address of the link. */
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "ops.h"

static char *address_command(const struct step *s, const char *ifname)
{
	char text[WG_PREFIX_STRLEN];

	return wg_format("ip -%d address add %s dev %s", s->prefix.family == AF_INET6 ? 6 : 4,
			 wg_prefix_format(text, &s->prefix), ifname);
}

static char *address_undo_command(const struct step *s, const char *ifname)
{
	char text[WG_PREFIX_STRLEN];

	return wg_format("ip -%d address delete %s dev %s", s->prefix.family == AF_INET6 ? 6 : 4,
			 wg_prefix_format(text, &s->prefix), ifname);
}

static void address_write(FILE *f, const struct step *s)
{
	fields_write_prefix(f, &s->prefix);
}

static bool address_read(struct fields *c, struct step *s)
{
	return fields_take_prefix(c, &s->prefix);
}

static void address_append(const struct run *r, const struct step *s)
{
	wg_rtnl_address_add(r->rtnl, r->ifindex, &s->prefix);
}

static void address_append_undo(const struct run *r, const struct step *s)
{
	wg_rtnl_address_del(r->rtnl, r->ifindex, &s->prefix);
}

static int address_order(const struct step *a, const struct step *b)
{
	return wg_prefix_order(&a->prefix, &b->prefix);
}

/* An address with another prefix length is another address to the kernel. */
static int address_compare(const struct run *r, const struct step *s, enum step_state *state,
			   struct wg_error *err)
{
	cleanup(free_ptr) struct wg_prefix *list = NULL;
	size_t n = 0;

	if (wg_rtnl_addresses(r->rtnl, r->ifindex, true, &list, &n, err) < 0)
		return -1;
	*state = STEP_MISSING;
	for (size_t i = 0; i < n; i++)
		if (wg_prefix_equal(&list[i], &s->prefix))
			*state = STEP_PRESENT;
	return 0;
}

const struct step_ops step_address_ops = {
	.name = "address",
	.configures = true,
	.command = address_command,
	.undo_command = address_undo_command,
	.write = address_write,
	.read = address_read,
	.order = address_order,
	.append = address_append,
	.append_undo = address_append_undo,
	.compare = address_compare,
};

// SPDX-License-Identifier: GPL-2.0
/* An address of the link that keeps the routes of IPv4 while a reload takes all other addresses of IPv4 away.
 * It is a kind of its own so that a journal tells it from the addresses that the file asks for. */
#include <errno.h>
#include "../../lib/base/alloc.h"
#include "../host/test-hooks.h"
#include "ops.h"

static char *hold_address_command(const struct step *s, const char *ifname)
{
	return step_address_ops.command(s, ifname);
}

static char *hold_address_undo_command(const struct step *s, const char *ifname)
{
	return step_address_ops.undo_command(s, ifname);
}

static void hold_address_write(FILE *f, const struct step *s)
{
	fields_write_prefix(f, &s->prefix);
}

static bool hold_address_read(struct fields *c, struct step *s)
{
	return fields_take_prefix(c, &s->prefix);
}

static int hold_address_order(const struct step *a, const struct step *b)
{
	return wg_prefix_order(&a->prefix, &b->prefix);
}

static int hold_address_run(struct run *r, const struct step *s, struct wg_error *err)
{
	wg_rtnl_address_add(r->rtnl, r->ifindex, &s->prefix);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err))
		return 0;
	return step_refused(r, s, err);
}

static enum undo_result hold_address_undo(struct run *r, const struct step *s, bool sure,
					  struct wg_error *err)
{
	(void)sure;
	step_echo_undo(r, s);
	wg_rtnl_address_del(r->rtnl, r->ifindex, &s->prefix);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) || err->code == EADDRNOTAVAIL ||
	    err->code == ENODEV)
		return UNDO_DONE;
	wg_error_prefix(err, "cannot remove an address");
	return UNDO_REMAINS;
}

static int hold_address_compare(const struct run *r, const struct step *s, enum step_state *state,
				struct wg_error *err)
{
	return step_address_ops.compare(r, s, state, err);
}

const struct step_ops step_hold_address_ops = {
	.name = "hold-address",
	.configures = true,
	.command = hold_address_command,
	.undo_command = hold_address_undo_command,
	.write = hold_address_write,
	.read = hold_address_read,
	.order = hold_address_order,
	.run = hold_address_run,
	.undo = hold_address_undo,
	.compare = hold_address_compare,
};

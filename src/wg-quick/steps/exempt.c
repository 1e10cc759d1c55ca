// SPDX-License-Identifier: GPL-2.0
/* A policy rule by which packets with one mark pass by the rules of a full tunnel, while a reload gives the
 * tunnel another mark: neither the old rules nor the new ones, which each know one mark, then catch the
 * tunnel's own packets. It jumps behind those rules, so that all other rules count as before. */
#include <errno.h>
#include "../../lib/base/alloc.h"
#include "../host/test-hooks.h"
#include "ops.h"

static int family_digit(const struct step *s)
{
	return s->rule.family == AF_INET6 ? 6 : 4;
}

static char *exempt_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("ip -%d rule add fwmark %u goto %u priority %u", family_digit(s), s->rule.fwmark,
			 s->rule.jump, s->rule.priority);
}

/* The target is not named: the kernel deletes the rule whatever its target is, and it may have another one than
 * the step (exempt_run). */
static char *exempt_undo_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("ip -%d rule delete fwmark %u priority %u", family_digit(s), s->rule.fwmark,
			 s->rule.priority);
}

static void exempt_write(FILE *f, const struct step *s)
{
	fields_write_family(f, s->rule.family);
	fprintf(f, " priority %u fwmark %u goto %u", s->rule.priority, s->rule.fwmark, s->rule.jump);
}

static bool exempt_read(struct fields *c, struct step *s)
{
	s->rule.suppress_prefixlength = -1;
	s->rule.protocol = WG_RTNL_PROTOCOL;
	s->rule.fwmask = UINT32_MAX;
	return fields_take_family(c, &s->rule.family) && fields_take_word(c, "priority") &&
	       fields_take_number(c, &s->rule.priority, UINT32_MAX) && fields_take_word(c, "fwmark") &&
	       fields_take_number(c, &s->rule.fwmark, UINT32_MAX) && fields_take_word(c, "goto") &&
	       fields_take_number(c, &s->rule.jump, UINT32_MAX);
}

static int exempt_order(const struct step *a, const struct step *b)
{
	return order_numbers(a->rule.family, b->rule.family) ?:
	       order_numbers(a->rule.priority, b->rule.priority) ?:
	       order_numbers(a->rule.fwmark, b->rule.fwmark) ?:
	       order_numbers(a->rule.jump, b->rule.jump);
}

static enum undo_result exempt_undo(struct run *r, const struct step *s, bool sure, struct wg_error *err)
{
	(void)sure;
	step_echo_undo(r, s);
	wg_rtnl_rule_del(r->rtnl, &s->rule);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) || err->code == ENOENT ||
	    err->code == EAFNOSUPPORT)
		return UNDO_DONE;
	wg_error_prefix(err, "cannot remove a rule");
	return UNDO_REMAINS;
}

/* One that is there already was left by a reload that was killed. It may jump elsewhere: the kernel takes two
 * rules for equal whatever their targets are. So that rule gives way to the new one, in one batch: while neither
 * of them stands, encrypted packets go into the tunnel. */
static int exempt_run(struct run *r, const struct step *s, struct wg_error *err)
{
	wg_rtnl_rule_add(r->rtnl, &s->rule);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err))
		return 0;
	if (err->code != EEXIST)
		return step_refused(r, s, err);
	step_echo_undo(r, s);
	step_echo(r, s);
	wg_rtnl_rule_del(r->rtnl, &s->rule);
	wg_rtnl_rule_add(r->rtnl, &s->rule);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err))
		return 0;
	return step_refused(r, s, err);
}

const struct step_ops step_exempt_ops = {
	.name = "exempt",
	.undo_order = UNDO_RULES,
	.command = exempt_command,
	.undo_command = exempt_undo_command,
	.write = exempt_write,
	.read = exempt_read,
	.order = exempt_order,
	.run = exempt_run,
	.undo = exempt_undo,
};

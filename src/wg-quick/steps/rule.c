// SPDX-License-Identifier: GPL-2.0
/* A policy rule of a full tunnel: one of the pair that leads packets into it, or one by which the encrypted
 * packets of several full tunnels pass by their rules. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/test-hooks.h"
#include "ops.h"

/* The selectors and actions of a rule, as both `add` and `delete` take them. */
static char *rule_words(const struct wg_rule *r)
{
	cleanup(free_ptr) char *mark = NULL, *target = NULL, *suppress = NULL;

	if (r->fwmask == UINT32_MAX)
		mark = wg_format("fwmark %u ", r->fwmark);
	else if (r->fwmask)
		mark = wg_format("fwmark %u/%#x ", r->fwmark, r->fwmask);
	if (r->jump)
		target = wg_format("goto %u", r->jump);
	else if (r->table == RT_TABLE_MAIN)
		target = wg_format("table main");
	else
		target = wg_format("table %u", r->table);
	if (r->suppress_prefixlength >= 0)
		suppress = wg_format(" suppress_prefixlength %d", r->suppress_prefixlength);
	return wg_format("%s%s%s%s", r->invert ? "not " : "", mark ?: "", target, suppress ?: "");
}

static int family_digit(const struct step *s)
{
	return s->rule.family == AF_INET6 ? 6 : 4;
}

static char *rule_command(const struct step *s, const char *ifname)
{
	cleanup(free_ptr) char *words = rule_words(&s->rule);

	(void)ifname;
	if (s->shows_priority || s->rule.jump)
		return wg_format("ip -%d rule add %s priority %u", family_digit(s), words, s->rule.priority);
	return wg_format("ip -%d rule add %s", family_digit(s), words);
}

static char *rule_undo_command(const struct step *s, const char *ifname)
{
	cleanup(free_ptr) char *words = rule_words(&s->rule);

	(void)ifname;
	return wg_format("ip -%d rule delete %s priority %u", family_digit(s), words,
			 s->rule.priority);
}

static void rule_write(FILE *f, const struct step *s)
{
	const struct wg_rule *r = &s->rule;

	fields_write_family(f, r->family);
	fprintf(f, " protocol %u %s priority %u table %u fwmark %u %u suppress %d", r->protocol,
		r->invert ? "not" : "from", r->priority, r->table, r->fwmark, r->fwmask,
		r->suppress_prefixlength);
	if (r->jump)
		fprintf(f, " goto %u", r->jump);
}

/* Releases before 2026-12 have no rules that jump, and take a journal that lists one for damaged. */
static bool read_jump(struct fields *c, struct wg_rule *r)
{
	return !c->s || (fields_take_word(c, "goto") && fields_take_number(c, &r->jump, UINT32_MAX) && r->jump);
}

static bool rule_read(struct fields *c, struct step *s)
{
	static const char *const senses[] = {"from", "not"};
	struct wg_rule *r = &s->rule;
	struct fields minus;
	u32 suppress;
	int sense;

	if (!fields_take_family(c, &r->family) || !fields_take_word(c, "protocol") ||
	    !fields_take_u8(c, &r->protocol))
		return false;
	sense = fields_take_index(c, senses, 2);
	r->invert = sense == 1;
	if (sense < 0 || !fields_take_word(c, "priority") ||
	    !fields_take_number(c, &r->priority, UINT32_MAX) || !fields_take_word(c, "table") ||
	    !fields_take_number(c, &r->table, UINT32_MAX) || !fields_take_word(c, "fwmark") ||
	    !fields_take_number(c, &r->fwmark, UINT32_MAX) ||
	    !fields_take_number(c, &r->fwmask, UINT32_MAX) || !fields_take_word(c, "suppress"))
		return false;
	minus = *c;
	r->suppress_prefixlength = -1;
	if (fields_take_word(&minus, "-1")) {
		*c = minus;
		return read_jump(c, r);
	}
	if (!fields_take_number(c, &suppress, INT32_MAX))
		return false;
	r->suppress_prefixlength = (s32)suppress;
	return read_jump(c, r);
}

bool rule_is_full_tunnel(const struct wg_rule *rule)
{
	return rule->invert && rule->fwmask && rule->fwmark == rule->table && !rule->jump;
}

bool rule_is_pass(const struct wg_rule *rule)
{
	return rule->protocol == WG_RTNL_PROTOCOL && !rule->foreign && !rule->invert && rule->fwmask && rule->jump;
}

static bool rule_equal(const struct step *a, const struct step *b)
{
	return wg_rule_equal(&a->rule, &b->rule);
}

/* Without the priorities, which a plan chooses by what else is there. */
static int rule_order(const struct step *x, const struct step *y)
{
	const struct wg_rule *a = &x->rule, *b = &y->rule;

	return order_numbers(a->family, b->family) ?: order_numbers(a->protocol, b->protocol) ?:
	       order_numbers(a->invert, b->invert) ?: order_numbers(a->table, b->table) ?:
	       order_numbers(a->fwmark, b->fwmark) ?: order_numbers(a->fwmask, b->fwmask) ?:
	       order_numbers((u32)a->suppress_prefixlength, (u32)b->suppress_prefixlength) ?:
	       order_numbers(a->jump, b->jump);
}

static void rule_append(const struct run *r, const struct step *s)
{
	wg_rtnl_rule_add(r->rtnl, &s->rule);
}

/* Whether the kernel, told to delete `wanted`, would take `r` for it. It compares what the request
 * has, and neither `invert` nor selectors that the request lacks. */
static bool delete_matches(const struct wg_rule *r, const struct wg_rule *wanted)
{
	return r->table == wanted->table && (!wanted->jump || r->jump == wanted->jump) &&
	       (!wanted->priority || r->priority == wanted->priority) &&
	       (!wanted->protocol || r->protocol == wanted->protocol) &&
	       (!wanted->fwmask || (r->fwmark == wanted->fwmark && r->fwmask == wanted->fwmask)) &&
	       (wanted->suppress_prefixlength < 0 ||
		r->suppress_prefixlength == wanted->suppress_prefixlength);
}

enum rule_finding { RULE_NONE, RULE_FIRST, RULE_BEHIND };

/* Whether the rule is there, and whether the kernel would delete it, or one before it. */
static int find_rule(const struct run *r, const struct wg_rule *wanted, enum rule_finding *found,
		     struct wg_error *err)
{
	cleanup(free_ptr) struct wg_rule *list = NULL;
	bool other = false;
	size_t n = 0;

	*found = RULE_NONE;
	if (wg_rtnl_rules(r->rtnl, wanted->family, &list, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n && *found == RULE_NONE; i++) {
		if (wg_rule_equal(&list[i], wanted))
			*found = other ? RULE_BEHIND : RULE_FIRST;
		else
			other |= delete_matches(&list[i], wanted);
	}
	return 0;
}

/* The kernel has no two equal rules. One that another tunnel's journal lists too is that tunnel's: it
 * was made after ours was removed by somebody else. */
static enum undo_result rule_undo(struct run *r, const struct step *s, bool sure,
				  struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;
	enum rule_finding found;

	/* A rule that was begun and never made may be another tunnel's by now: its priority was
	 * still free. */
	if (!sure && r->upcalls->lock_shared(r, &shared, err) < 0)
		return UNDO_REMAINS;
	if (r->upcalls->other_tunnel_has(r, s, true) ||
	    wg_rule_equal(&r->refused_rule, &s->rule))
		return UNDO_DONE;
	if (find_rule(r, &s->rule, &found, err) < 0)
		return UNDO_REMAINS;
	if (found == RULE_NONE)
		return UNDO_DONE;
	step_echo_undo(r, s);
	if (found == RULE_BEHIND) {
		cleanup(free_ptr) char *command = step_undo_command(s, r->name);

		wg_error_set(err, "`%s' would delete another rule, of the same priority, that somebody "
			     "else made: delete that one first", command);
		return UNDO_REMAINS;
	}
	wg_rtnl_rule_del(r->rtnl, &s->rule);
	if (!test_hooks_result(wg_rtnl_commit(r->rtnl, NULL, err), err) || err->code == ENOENT ||
	    err->code == EAFNOSUPPORT)
		return UNDO_DONE;
	wg_error_prefix(err, "cannot remove a rule");
	return UNDO_REMAINS;
}

static int rule_compare(const struct run *r, const struct step *s, enum step_state *state,
			struct wg_error *err)
{
	cleanup(free_ptr) struct wg_rule *list = NULL;
	size_t n = 0;

	if (wg_rtnl_rules(r->rtnl, s->rule.family, &list, &n, err) < 0)
		return -1;
	*state = STEP_MISSING;
	for (size_t i = 0; i < n && *state != STEP_PRESENT; i++) {
		if (wg_rule_equal(&list[i], &s->rule))
			*state = STEP_PRESENT;
		else if (list[i].priority == s->rule.priority)
			*state = STEP_FOREIGN;
	}
	return 0;
}

const struct step_ops step_rule_ops = {
	.name = "rule",
	.configures = true,
	.undo_order = UNDO_RULES,
	.command = rule_command,
	.undo_command = rule_undo_command,
	.write = rule_write,
	.read = rule_read,
	.equal = rule_equal,
	.order = rule_order,
	.append = rule_append,
	.undo = rule_undo,
	.compare = rule_compare,
};

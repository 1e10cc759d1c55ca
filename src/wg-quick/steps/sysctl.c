// SPDX-License-Identifier: GPL-2.0
/* net.ipv4.conf.all.src_valid_mark, which all tunnels share: it was off before the first tunnel of
 * ours, and the last one turns it off again. */
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/sysctl.h"
#include "ops.h"

static char *sysctl_command(const struct step *s, const char *ifname)
{
	(void)s, (void)ifname;
	return wg_format("sysctl -q %s=1", sysctl_name());
}

static char *sysctl_undo_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return s->was_off ? wg_format("sysctl -q %s=0", sysctl_name()) : NULL;
}

static void sysctl_write(FILE *f, const struct step *s)
{
	fputs(s->was_off ? " was-off" : " was-on", f);
}

static bool sysctl_read(struct fields *c, struct step *s)
{
	static const char *const states[] = {"was-on", "was-off"};
	int state = fields_take_index(c, states, 2);

	s->was_off = state == 1;
	return state >= 0;
}

static bool sysctl_equal(const struct step *a, const struct step *b)
{
	return a->was_off == b->was_off;
}

/* What it was before does not count: there is one such setting. */
static int sysctl_order(const struct step *a, const struct step *b)
{
	(void)a, (void)b;
	return 0;
}

/* Under the lock, so that the `down` of another tunnel does not turn it off a moment later: that looks
 * whether a journal lists this step, which this one does by now. */
static int sysctl_run(struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;
	struct wg_error why;

	(void)s;
	if (r->upcalls->lock_shared(r, &shared, err) < 0)
		return -1;
	if (sysctl_set_marks_count(true, &why) < 0)
		wg_log_say(r->log, WG_LOG_WARNING,
			   "%s; where rp_filter is strict, replies to the encrypted packets of `%s' "
			   "may be dropped", why.text, r->name);
	return 0;
}

/* Whether a rule of another full tunnel is there, whoever made it. Ours have been removed before. */
static bool other_full_tunnel(const struct run *r)
{
	cleanup(free_ptr) struct wg_rule *list = NULL;
	struct wg_error ignored;
	size_t n = 0;

	if (wg_rtnl_rules(r->rtnl, AF_INET, &list, &n, &ignored) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (rule_is_full_tunnel(&list[i]))
			return true;
	return false;
}

static enum undo_result sysctl_undo(struct run *r, const struct step *s, bool sure,
				    struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;

	(void)sure;
	if (!s->was_off)
		return UNDO_DONE;
	if (r->upcalls->lock_shared(r, &shared, err) < 0)
		return UNDO_REMAINS;
	if (r->upcalls->other_tunnel_has(r, s, false) || !sysctl_marks_count() ||
	    other_full_tunnel(r))
		return UNDO_DONE;
	step_echo_undo(r, s);
	/* Where it has become read-only there is nothing that trying again would better. */
	return sysctl_set_marks_count(false, err) < 0 ? UNDO_COMPLAINT : UNDO_DONE;
}

static int sysctl_compare(const struct run *r, const struct step *s, enum step_state *state,
			  struct wg_error *err)
{
	(void)r, (void)s, (void)err;
	if (sysctl_marks_count())
		*state = STEP_PRESENT;
	else
		*state = sysctl_is_read_only() ? STEP_REFUSED : STEP_MISSING;
	return 0;
}

const struct step_ops step_sysctl_ops = {
	.name = "sysctl",
	.undo_order = UNDO_SYSCTL,
	.command = sysctl_command,
	.undo_command = sysctl_undo_command,
	.write = sysctl_write,
	.read = sysctl_read,
	.equal = sysctl_equal,
	.order = sysctl_order,
	.run = sysctl_run,
	.undo = sysctl_undo,
	.compare = sysctl_compare,
};

// SPDX-License-Identifier: GPL-2.0
/* KillSwitch: the tunnel's claim on the table that drops what would go past it (kill-table.h). It is made
 * before the link, without a mark if `up` has yet to choose one, and made again with the mark. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/ssh.h"
#include "../host/test-hooks.h"
#include "kill-table.h"
#include "ops.h"

static const char *const mode_words[] = {"no", "yes", "lan", "boot"};

static struct kill_claim claim_of(const struct step *s, const char *ifname)
{
	struct kill_claim claim = {.mode = s->kill_switch, .mark = s->fwmark};

	snprintf(claim.name, sizeof(claim.name), "%s", ifname);
	return claim;
}

/* The table of a single tunnel: what others claim is not known here. */
static char *kill_switch_command(const struct step *s, const char *ifname)
{
	struct kill_claim claim = claim_of(s, ifname);
	const struct kill_claims claims = {&claim, 1};
	cleanup(wg_nft_table_freep) struct wg_nft_table *t = kill_table_build(&claims);

	return wg_format("nft '%s'", wg_nft_table_text(t));
}

static char *kill_switch_undo_command(const struct step *s, const char *ifname)
{
	(void)s;
	return wg_format("wg-quick killswitch --lift %s", ifname);
}

static void kill_switch_write(FILE *f, const struct step *s)
{
	fprintf(f, " %s %u", mode_words[s->kill_switch], s->fwmark);
}

static bool kill_switch_read(struct fields *c, struct step *s)
{
	int mode = fields_take_index(c, mode_words, sizeof(mode_words) / sizeof(*mode_words));

	s->kill_switch = mode > 0 ? (enum kill_switch)mode : KILL_SWITCH_NO;
	return mode > 0 && fields_take_number(c, &s->fwmark, UINT32_MAX);
}

static int kill_switch_order(const struct step *a, const struct step *b)
{
	return order_numbers(a->kill_switch, b->kill_switch) ?: order_numbers(a->fwmark, b->fwmark);
}

static bool kill_switch_equal(const struct step *a, const struct step *b)
{
	return !kill_switch_order(a, b);
}

/* A tunnel has one claim. */
static bool kill_switch_replaces(const struct step *s, const struct step *old)
{
	(void)s, (void)old;
	return true;
}

static void note_other(void *claims, const char *name, const struct step *s)
{
	struct kill_claim claim = claim_of(s, name);

	kill_claims_set(claims, &claim);
}

/* The claims that stand, of all tunnels: those of the table, or, if somebody has deleted that, those of
 * the journals. */
static int read_claims(const struct run *r, struct kill_claims *claims, struct wg_error *err)
{
	if (kill_table_read(claims, err) < 0)
		return -1;
	if (!claims->n)
		r->upcalls->other_steps(r, STEP_KILL_SWITCH, note_other, claims);
	return 0;
}

/* Whether packets to the address leave by a link of one of the tunnels. */
static bool goes_through_tunnel(const struct run *r, const struct kill_claims *claims,
				const struct wg_prefix *address)
{
	struct wg_error ignored;
	struct wg_route route;
	struct wg_link link;

	return wg_rtnl_route_get(r->rtnl, address->family, address->addr, 0, 0, &route, &ignored) > 0 &&
	       route.oif && wg_rtnl_link_by_index(r->rtnl, route.oif, &link, &ignored) > 0 &&
	       (kill_claims_find(claims, link.name) || !strcmp(link.name, "lo"));
}

/* Whoever loses the session by this loses the way to take it back, too. */
static int check_session(const struct run *r, const struct kill_claims *claims, struct wg_error *err)
{
	const struct kill_claim *own = kill_claims_find(claims, r->name);
	char text[WG_PREFIX_STRLEN];
	struct wg_prefix client;

	if (!ssh_find_client(&client) || kill_claims_let_pass(claims, &client) ||
	    goes_through_tunnel(r, claims, &client))
		return 0;
	wg_prefix_format(text, &client);
	*strchrnul(text, '/') = '\0';
	return wg_error_set(err, "KillSwitch would cut this SSH session, which comes from %s and not through "
			    "`%s': log in through a tunnel or from the console%s, or run it outside of the "
			    "session, as with: systemctl start wg-quick@%s", text, r->name,
			    own && own->mode == KILL_SWITCH_LAN
				    ? "" : ", set KillSwitch = lan if that is in your LAN", r->name);
}

static int kill_switch_run(struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	const struct kill_claim own = claim_of(s, r->name);
	cleanup(close_fd) int shared = -1;
	bool stood;

	if (r->upcalls->lock_shared(r, &shared, err) < 0 || read_claims(r, &claims, err) < 0)
		return -1;
	stood = kill_claims_find(&claims, r->name);
	kill_claims_set(&claims, &own);
	if (!stood && check_session(r, &claims, err) < 0)
		return -1;
	if (!r->kill_switch_made)
		r->kill_switch_stays |= stood;
	r->kill_switch_made = true;
	if (!test_hooks_result(kill_table_load(&claims, err), err))
		return 0;
	if (wg_nft_is_missing(err))
		return wg_error_prefix(err, "KillSwitch needs nftables, which this kernel does not have");
	return step_refused(r, s, err);
}

static enum undo_result kill_switch_undo(struct run *r, const struct step *s, bool sure, struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	cleanup(close_fd) int shared = -1;

	(void)sure;
	if (r->upcalls->lock_shared(r, &shared, err) < 0 || kill_table_read(&claims, err) < 0)
		return UNDO_REMAINS;
	if (!kill_claims_find(&claims, r->name))
		return UNDO_DONE;
	if (r->kill_switch_stays || (r->keeps_boot && s->kill_switch == KILL_SWITCH_BOOT)) {
		wg_log_say(r->log, WG_LOG_PROGRESS, "the kill switch of `%s' stays: to lift it: wg-quick "
			   "killswitch --lift %s", r->name, r->name);
		return UNDO_DONE;
	}
	kill_claims_remove(&claims, r->name);
	step_echo_undo(r, s);
	if (!test_hooks_result(kill_table_load(&claims, err), err))
		return UNDO_DONE;
	wg_error_prefix(err, "cannot lift the kill switch of `%s'", r->name);
	return UNDO_REMAINS;
}

static int kill_switch_compare(const struct run *r, const struct step *s, enum step_state *state,
			       struct wg_error *err)
{
	cleanup(kill_claims_wipe) struct kill_claims claims = {0};
	const struct kill_claim own = claim_of(s, r->name);
	enum wg_nft_state found;
	bool stood;

	if (kill_table_read(&claims, err) < 0)
		return -1;
	stood = kill_claims_find(&claims, r->name);
	kill_claims_set(&claims, &own);
	if (kill_table_compare(&claims, &found, err) < 0)
		return -1;
	if (found == WG_NFT_OTHERS)
		*state = STEP_FOREIGN;
	else if (found == WG_NFT_SAME)
		*state = STEP_PRESENT;
	else
		*state = stood ? STEP_DIFFERS : STEP_MISSING;
	return 0;
}

const struct step_ops step_kill_switch_ops = {
	.name = "kill-switch",
	.undo_order = UNDO_KILL_SWITCH,
	.command = kill_switch_command,
	.undo_command = kill_switch_undo_command,
	.write = kill_switch_write,
	.read = kill_switch_read,
	.equal = kill_switch_equal,
	.order = kill_switch_order,
	.replaces = kill_switch_replaces,
	.run = kill_switch_run,
	.undo = kill_switch_undo,
	.compare = kill_switch_compare,
};

// SPDX-License-Identifier: GPL-2.0
/* The nftables table of a full tunnel, for one family. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/net/nft.h"
#include "../host/test-hooks.h"
#include "ops.h"

static struct wg_nft_guard guard_of(const struct step *s, const char *ifname)
{
	return (struct wg_nft_guard){
		.family = s->family,
		.ifname = ifname,
		.fwmark = s->fwmark,
		.addresses = s->addresses,
		.n_addresses = s->n_addresses,
	};
}

/* nft takes its commands separated by semicolons too: one line can be pasted. */
static char *firewall_command(const struct step *s, const char *ifname)
{
	const struct wg_nft_guard guard = guard_of(s, ifname);
	cleanup(free_ptr) char *text = wg_nft_guard_text(&guard);
	size_t size;
	char *out, *line, *rest = NULL;
	FILE *f = open_memstream(&out, &size);

	if (!f || !text)
		wg_alloc_failed();
	fputs("nft '", f);
	line = strtok_r(text, "\n", &rest);
	while (line) {
		fputs(line, f);
		line = strtok_r(NULL, "\n", &rest);
		fputs(line ? "; " : "'", f);
	}
	if (fclose(f))
		wg_alloc_failed();
	return out;
}

static char *firewall_undo_command(const struct step *s, const char *ifname)
{
	return wg_format("nft delete table ip%s wg-quick-%s", s->family == AF_INET6 ? "6" : "",
			 ifname);
}

static void firewall_write(FILE *f, const struct step *s)
{
	fields_write_family(f, s->family);
	fprintf(f, " %u", s->fwmark);
	for (size_t i = 0; i < s->n_addresses; i++)
		fields_write_prefix(f, &s->addresses[i]);
}

static bool firewall_read(struct fields *c, struct step *s)
{
	if (!fields_take_family(c, &s->family) || !fields_take_number(c, &s->fwmark, UINT32_MAX))
		return false;
	while (c->s) {
		s->addresses =
			wg_realloc(s->addresses, s->n_addresses + 1, sizeof(*s->addresses));
		if (!fields_take_prefix(c, &s->addresses[s->n_addresses++]))
			return false;
	}
	return true;
}

static void firewall_wipe(struct step *s)
{
	free(s->addresses);
}

/* The prefix lengths of the addresses do not count. */
static int firewall_order(const struct step *a, const struct step *b)
{
	int order = order_numbers(a->family, b->family) ?: order_numbers(a->fwmark, b->fwmark) ?:
		    order_numbers(a->n_addresses, b->n_addresses);

	for (size_t i = 0; !order && i < a->n_addresses; i++)
		order = memcmp(a->addresses[i].addr, b->addresses[i].addr,
			       sizeof(a->addresses[i].addr));
	return order;
}

/* The table of a family is loaded as a whole. */
static bool firewall_replaces(const struct step *s, const struct step *old)
{
	return s->family == old->family;
}

static int firewall_run(struct run *r, const struct step *s, struct wg_error *err)
{
	const struct wg_nft_guard guard = guard_of(s, r->name);

	if (r->no_firewall)
		return 0;
	if (!test_hooks_result(wg_nft_guard_load(&guard, err), err))
		return 0;
	if (err->code != EPROTONOSUPPORT && err->code != EOPNOTSUPP && err->code != ENOENT &&
	    err->code != EAFNOSUPPORT)
		return step_refused(r, s, err);
	r->no_firewall = true;
	wg_log_say(r->log, WG_LOG_WARNING,
		   "this kernel has no usable nftables (%s): `%s' is up, but packets for its "
		   "addresses that come in through other interfaces are not dropped",
		   err->text, r->name);
	return r->upcalls->note_no_firewall(r, err);
}

static enum undo_result firewall_undo(struct run *r, const struct step *s, bool sure,
				      struct wg_error *err)
{
	enum wg_nft_found found;
	u32 fwmark;

	(void)sure;
	if (s->skipped)
		return UNDO_DONE;
	if (wg_nft_guard_find(s->family, r->name, &found, &fwmark, err) < 0)
		return UNDO_REMAINS;
	if (found == WG_NFT_FOREIGN)
		wg_log_say(r->log, WG_LOG_WARNING, "the nftables table `wg-quick-%s' is not this "
			   "tunnel's: it is left alone", r->name);
	if (found != WG_NFT_GUARD)
		return UNDO_DONE;
	step_echo_undo(r, s);
	if (!test_hooks_result(wg_nft_guard_drop(s->family, r->name, err), err))
		return UNDO_DONE;
	wg_error_prefix(err, "cannot remove the nftables table `wg-quick-%s'", r->name);
	return UNDO_REMAINS;
}

static int firewall_compare(const struct run *r, const struct step *s, enum step_state *state,
			    struct wg_error *err)
{
	const struct wg_nft_guard guard = guard_of(s, r->name);
	enum wg_nft_found found;
	bool same;

	if (wg_nft_guard_compare(&guard, &found, &same, err) < 0)
		return -1;
	*state = STEP_MISSING;
	if (s->skipped)
		*state = STEP_UNKNOWN;
	else if (found == WG_NFT_FOREIGN)
		*state = STEP_FOREIGN;
	else if (found == WG_NFT_GUARD)
		*state = same ? STEP_PRESENT : STEP_DIFFERS;
	return 0;
}

const struct step_ops step_firewall_ops = {
	.name = "firewall",
	.undo_order = UNDO_FIREWALL,
	.command = firewall_command,
	.undo_command = firewall_undo_command,
	.write = firewall_write,
	.read = firewall_read,
	.wipe = firewall_wipe,
	.order = firewall_order,
	.replaces = firewall_replaces,
	.run = firewall_run,
	.undo = firewall_undo,
	.compare = firewall_compare,
};

// SPDX-License-Identifier: GPL-2.0
#include "check-host.h"
#include <linux/netfilter.h>
#include <stdio.h>
#include <string.h>
#include "../../lib/base/cleanup.h"
#include "../../lib/net/nft-table.h"
#include "../host/kernel-setting.h"
#include "../host/ssh.h"
#include "../steps/kill-table.h"

struct dropping {
	struct places *p;
	const struct place *at;
};

static void note_dropping(void *ctx, const char *family, const char *table, const char *chain)
{
	const struct dropping *d = ctx;

	places_add(d->p, WG_CODE_FORWARD_DROPPED, d->at,
		   "the firewall's chain `%s %s %s' drops forwarded packets that it does not accept itself, and "
		   "Forward cannot change that", family, table, chain);
}

static void check_forward(const struct config *c, struct places *p)
{
	const struct place *gateway = places_next(p, "Masquerade", NULL) ?: places_next(p, "ClampMSS", NULL);
	struct dropping d = {.p = p, .at = places_next(p, "Forward", NULL)};
	struct wg_error ignored;
	u32 on;

	if (c->forward)
		wg_nft_find_dropping(NF_INET_FORWARD, note_dropping, &d, &ignored);
	else if (c->gateway && gateway && kernel_setting_get("net/ipv4/ip_forward", &on) && !on)
		places_add(p, WG_CODE_FORWARD_OFF, gateway,
			   "this host does not forward packets (net.ipv4.ip_forward), so there is nothing to "
			   "translate or clamp");
}

/* Which way the client is reached is not asked: the tunnel may not be up yet. */
static void check_session(const struct config *c, struct places *p)
{
	struct kill_claim claim = {.mode = c->kill_switch};
	const struct kill_claims claims = {&claim, 1};
	char text[WG_PREFIX_STRLEN];
	struct wg_prefix client;

	if (!c->kill_switch || !ssh_find_client(&client) || kill_claims_let_pass(&claims, &client))
		return;
	wg_prefix_format(text, &client);
	*strchrnul(text, '/') = '\0';
	places_add(p, WG_CODE_KILL_SWITCH_SSH, places_next(p, "KillSwitch", NULL),
		   "this SSH session comes from %s: unless that is through a tunnel, `up' refuses to cut it", text);
}

void check_host(const struct config *c, struct places *p)
{
	check_forward(c, p);
	check_session(c, p);
}

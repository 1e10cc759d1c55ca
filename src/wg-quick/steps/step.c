/* SPDX-License-Identifier: GPL-2.0 */
/* The list of steps, and how each is said as a command. Nothing here can fail; the journal's form
 * is in step-text.c. */
#include "step.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/alloc.h"
#include "../../lib/cleanup.h"
#include "../../lib/nft.h"

struct step *plan_add(struct plan *p, enum step_kind kind)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		p->steps = wg_realloc(p->steps, p->room, sizeof(*p->steps));
	}
	p->steps[p->n] = (struct step){ .kind = kind };
	return &p->steps[p->n++];
}

void step_wipe(struct step *s)
{
	string_wipe(&s->command); /* hooks may hold secrets */
	free(s->dns);
	free(s->dns_name);
	free(s->addresses);
	*s = (struct step){ 0 };
}

void plan_wipe(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		step_wipe(&p->steps[i]);
	free(p->steps);
	*p = (struct plan){ 0 };
}

static int family_digit(u8 family)
{
	return family == AF_INET6 ? 6 : 4;
}

/* As one word of a shell: unchanged where nothing in it is special. Free it. */
static char *shell_quote(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_=+.,:@%/-";
	char *out, *at;

	if (*s && s[strspn(s, plain)] == '\0')
		return wg_strndup(s, strlen(s));
	out = at = wg_alloc(4 * strlen(s) + 3);
	*at++ = '\'';
	for (; *s; s++) {
		if (*s == '\'')
			at = stpcpy(at, "'\\''");
		else
			*at++ = *s;
	}
	*at = '\'';
	return out;
}

static char *device_command(const struct step *s, const char *ifname)
{
	cleanup(free_ptr) char *arg = shell_quote(s->command);

	return wg_format("wg addconf %s <(wg-quick strip %s)", ifname, arg);
}

static char *address_command(const struct step *s, const char *ifname)
{
	char text[WG_PREFIX_STRLEN];

	return wg_format("ip -%d address add %s dev %s", family_digit(s->prefix.family),
			 wg_prefix_format(text, &s->prefix), ifname);
}

static char *link_up_command(const struct step *s, const char *ifname)
{
	if (!s->mtu)
		return wg_format("ip link set up dev %s", ifname);
	return wg_format("ip link set mtu %u up dev %s", s->mtu, ifname);
}

static char *route_command(const struct step *s, const char *ifname)
{
	char text[WG_PREFIX_STRLEN];
	int family = family_digit(s->route.dst.family);

	wg_prefix_format(text, &s->route.dst);
	if (s->route.table == RT_TABLE_MAIN)
		return wg_format("ip -%d route add %s dev %s", family, text, ifname);
	return wg_format("ip -%d route add %s dev %s table %u", family, text, ifname,
			 s->route.table);
}

/* The selectors and actions of a rule, as both `add` and `delete` take them. */
static char *rule_words(const struct wg_rule *r)
{
	cleanup(free_ptr) char *mark = NULL, *table = NULL, *suppress = NULL;

	if (r->fwmask == UINT32_MAX)
		mark = wg_format("fwmark %u ", r->fwmark);
	else if (r->fwmask)
		mark = wg_format("fwmark %u/%#x ", r->fwmark, r->fwmask);
	if (r->table == RT_TABLE_MAIN)
		table = wg_format("main");
	else
		table = wg_format("%u", r->table);
	if (r->suppress_prefixlength >= 0)
		suppress = wg_format(" suppress_prefixlength %d", r->suppress_prefixlength);
	return wg_format("%s%stable %s%s", r->invert ? "not " : "", mark ?: "", table,
			 suppress ?: "");
}

static char *rule_command(const struct step *s)
{
	cleanup(free_ptr) char *words = rule_words(&s->rule);

	return wg_format("ip -%d rule add %s", family_digit(s->rule.family), words);
}

static char *rule_undo_command(const struct step *s)
{
	cleanup(free_ptr) char *words = rule_words(&s->rule);

	return wg_format("ip -%d rule delete %s priority %u", family_digit(s->rule.family), words,
			 s->rule.priority);
}

/* nft takes its commands separated by semicolons too: one line can be pasted. */
static char *firewall_command(const struct step *s, const char *ifname)
{
	struct wg_nft_guard guard = {
		.family = s->family,
		.ifname = ifname,
		.fwmark = s->fwmark,
		.addresses = s->addresses,
		.n_addresses = s->n_addresses,
	};
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

char *step_command(const struct step *s, const char *ifname)
{
	switch (s->kind) {
	case STEP_LINK:
		return wg_format("ip link add dev %s type wireguard", ifname);
	case STEP_HOOK:
		return wg_format("%s", s->command);
	case STEP_DEVICE:
		return device_command(s, ifname);
	case STEP_ADDRESS:
		return address_command(s, ifname);
	case STEP_LINK_UP:
		return link_up_command(s, ifname);
	case STEP_DNS:
		return wg_format("resolvconf -a %s -m 0 -x", s->dns_name);
	case STEP_ROUTE:
		return route_command(s, ifname);
	case STEP_FWMARK:
		return wg_format("wg set %s fwmark %u", ifname, s->fwmark);
	case STEP_RULE:
		return rule_command(s);
	case STEP_SYSCTL:
		return wg_format("sysctl -q net.ipv4.conf.all.src_valid_mark=1");
	case STEP_FIREWALL:
		return firewall_command(s, ifname);
	}
	return NULL;
}

char *step_undo_command(const struct step *s, const char *ifname)
{
	switch (s->kind) {
	case STEP_LINK:
		return wg_format("ip link delete dev %s", ifname);
	case STEP_DNS:
		return wg_format("resolvconf -d %s -f", s->dns_name);
	case STEP_RULE:
		return rule_undo_command(s);
	case STEP_SYSCTL:
		if (!s->was_off)
			return NULL;
		return wg_format("sysctl -q net.ipv4.conf.all.src_valid_mark=0");
	case STEP_FIREWALL:
		return wg_format("nft delete table ip%s wg-quick-%s",
				 s->family == AF_INET6 ? "6" : "", ifname);
	case STEP_HOOK:
	case STEP_DEVICE:
	case STEP_ADDRESS:
	case STEP_LINK_UP:
	case STEP_ROUTE:
	case STEP_FWMARK:
		return NULL;
	}
	return NULL;
}

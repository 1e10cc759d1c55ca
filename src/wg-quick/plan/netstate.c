/* SPDX-License-Identifier: GPL-2.0 */
/* Asks the kernel what a plan needs to know. A family or a device that is not there is a fact, not
 * an error; only a question that could not be asked fails. */
#include "netstate.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/device/backend.h"
#include "../../lib/net/nft-table.h"
#include "../host/netns.h"
#include "../host/signals.h"
#include "../host/sysctl.h"
#include "../journal/journal.h"
#include "allowed.h"

#define FIRST_TABLE 51820

static const u8 families[] = { AF_INET, AF_INET6 };

/* The first character of a small file, 0 where there is none. */
static char first_char(const char *path)
{
	cleanup(close_file) FILE *f = fopen(path, "re");
	int c = f ? getc(f) : EOF;

	return c == EOF ? '\0' : (char)c;
}

static bool ipv6_disabled(const char *link)
{
	char path[PATH_MAX];
	char c;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", link);
	c = first_char(path);
	return c && c != '0';
}

bool netstate_has_ipv6(const char *link)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", link);
	return first_char(path) == '0';
}

/* A link has its own setting, which PreUp may have changed; it begins with the default. "all" was
 * for the links that were there when it was written, and sets the default too. */
static bool no_ipv6(const char *name, bool link_exists)
{
	if (access("/proc/net/if_inet6", F_OK))
		return true;
	return ipv6_disabled(link_exists ? name : "default");
}

/* Whether IPv6 is on for any link but this one. A link without IPv6 addresses may get one at any
 * time, from a router; a link that cannot have IPv6 at all is not in this folder. */
static bool ipv6_elsewhere(const char *name)
{
	DIR *dir = opendir("/proc/sys/net/ipv6/conf");
	const struct dirent *e;
	bool found = false;

	while (dir && !found && (e = readdir(dir)))
		found = e->d_name[0] != '.' && strcmp(e->d_name, "all") &&
			strcmp(e->d_name, "default") && strcmp(e->d_name, "lo") &&
			strcmp(e->d_name, name) &&
			!ipv6_disabled(e->d_name);
	if (dir)
		closedir(dir);
	return found;
}

/* What the caller has chosen before stays. */
static void take_dns(struct netstate *s, const struct config *c)
{
	const struct dns_request d = {
		.ifname = c->name,
		.servers = &c->dns_servers,
		.domains = &c->dns_search,
		.stop = &signals_stop,
	};

	if (c->dns_servers.n && !c->netns && !s->dns.made)
		dns_choose(&s->dns, c->dns_backend, s->dns_had, &d);
}

/* The device may be of another kind, or gone again: then there is nothing of it to know. */
static int take_device(struct netstate *s, const char *name, struct wg_error *err)
{
	if (!wg_backend_get(&s->dev, name, err))
		return 0;
	s->dev = NULL;
	if (err->code == ENODEV || err->code == EOPNOTSUPP || err->code == EPROTONOSUPPORT)
		return 0;
	return -1;
}

/* Returns a malloc'd list, grown by `more` items of `size` bytes. */
static void *append(void *list, size_t *n, const void *items, size_t more, size_t size)
{
	char *grown;

	if (!more)
		return list;
	grown = wg_realloc(list, *n + more, size);
	memcpy(grown + *n * size, items, more * size);
	*n += more;
	return grown;
}

static int take_routes(struct netstate *s, struct wg_rtnl *rt, struct wg_error *err)
{
	for (size_t i = 0; i < 2; i++) {
		cleanup(free_ptr) struct wg_route *list = NULL;
		size_t n = 0;

		if (wg_rtnl_routes(rt, families[i], RT_TABLE_MAIN, s->ifindex, &list, &n, err))
			return -1;
		s->routes = append(s->routes, &s->n_routes, list, n, sizeof(*list));
	}
	return 0;
}

static int take_rules(struct netstate *s, struct wg_rtnl *rt, struct wg_error *err)
{
	for (size_t i = 0; i < 2; i++) {
		cleanup(free_ptr) struct wg_rule *list = NULL;
		size_t n = 0;

		if (wg_rtnl_rules(rt, families[i], &list, &n, err))
			return -1;
		s->rules = append(s->rules, &s->n_rules, list, n, sizeof(*list));
	}
	return 0;
}

static bool named_by_rule(const struct wg_rule *rules, size_t n, u32 number)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].table == number || (rules[i].fwmask && rules[i].fwmark == number))
			return true;
	return false;
}

/* One table is asked for at a time: nearly always the first is free, and a router's full table need
 * not be listed for that. */
static int table_is_used(struct wg_rtnl *rt, u32 table, struct wg_error *err)
{
	for (size_t i = 0; i < 2; i++) {
		cleanup(free_ptr) struct wg_route *list = NULL;
		size_t n = 0;

		if (wg_rtnl_routes(rt, families[i], table, 0, &list, &n, err))
			return -1;
		if (n)
			return 1;
	}
	return 0;
}

static bool wants_table(const struct netstate *s, const struct config *c)
{
	if (c->kill_switch)
		return true;
	return c->table_mode == TABLE_AUTO && allowed_has_default(c, s->dev);
}

static int take_free_table(struct netstate *s, const struct config *c, struct wg_rtnl *rt,
			   struct wg_error *err)
{
	u32 table = FIRST_TABLE;
	int used = 1;

	if (!wants_table(s, c))
		return 0;
	for (;; table++) {
		if (named_by_rule(s->rules, s->n_rules, table) ||
		    named_by_rule(s->claimed, s->n_claimed, table))
			continue;
		used = table_is_used(rt, table, err);
		if (used <= 0)
			break;
	}
	s->free_table = table;
	return used;
}

static int take_link(struct netstate *s, struct wg_rtnl *rt, struct wg_error *err)
{
	if (take_routes(s, rt, err))
		return -1;
	return wg_rtnl_addresses(rt, s->ifindex, true, &s->addresses, &s->n_addresses, err);
}

/* Whether another tunnel turned the sysctl on. */
static bool sysctl_is_owned(const char *name)
{
	const struct step mark = {.kind = STEP_SYSCTL, .was_off = true};

	return journal_other_has(name, &mark, false);
}

static bool has_rule(const struct netstate *s, const struct wg_rule *rule)
{
	for (size_t i = 0; i < s->n_rules; i++)
		if (wg_rule_equal(&s->rules[i], rule))
			return true;
	return false;
}

/* Nothing is claimed by a tunnel without default routes, and then nobody asks. */
static void take_claimed(struct netstate *s, const struct config *c)
{
	size_t kept = 0;

	free(s->claimed);
	s->claimed = NULL;
	s->n_claimed = 0;
	if (!wants_table(s, c))
		return;
	journal_other_rules(c->name, &s->claimed, &s->n_claimed);
	for (size_t i = 0; i < s->n_claimed; i++)
		if (!has_rule(s, &s->claimed[i]))
			s->claimed[kept++] = s->claimed[i];
	s->n_claimed = kept;
}

/* Whether the file gives the tunnel addresses or allowed IPs of this family. */
static bool has_family(const struct config *c, u8 family)
{
	for (size_t i = 0; i < c->n_addresses; i++)
		if (c->addresses[i].family == family)
			return true;
	for (const struct wg_peer *p = c->dev ? c->dev->peers : NULL; p; p = p->next)
		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next)
			if (a->family == family)
				return true;
	return false;
}

static bool setting_is_owned(void *ctx, const struct kernel_setting *setting)
{
	char name[sizeof(setting->name)];
	const struct step s = {.kind = STEP_SETTING, .setting = name, .value = setting->value,
			       .former = setting->former};

	memcpy(name, setting->name, sizeof(name));
	return journal_other_has(ctx, &s, false);
}

static void note_dropping(void *ctx, const char *family, const char *table, const char *chain)
{
	struct netstate *s = ctx;

	if (!s->forward_dropped_by[0])
		snprintf(s->forward_dropped_by, sizeof(s->forward_dropped_by), "%s %.64s %.64s", family, table,
			 chain);
}

static int take_forwarding(struct netstate *s, const struct config *c, struct wg_error *err)
{
	char name[IFNAMSIZ];

	free(s->settings);
	s->settings = NULL;
	s->n_settings = 0;
	s->forward_dropped_by[0] = '\0';
	if (!c->forward)
		return 0;
	memcpy(name, c->name, sizeof(name));
	kernel_settings_for_forwarding(&s->settings, &s->n_settings, has_family(c, AF_INET),
				       !s->no_ipv6 && has_family(c, AF_INET6), setting_is_owned, name);
	return wg_nft_find_dropping(NF_INET_FORWARD, note_dropping, s, err);
}

static int take_shared(struct netstate *s, const struct config *c, struct wg_rtnl *rt,
		       struct wg_error *err)
{
	s->n_rules = 0;
	if (take_rules(s, rt, err))
		return -1;
	take_claimed(s, c);
	if (take_free_table(s, c, rt, err))
		return -1;
	if (take_forwarding(s, c, err))
		return -1;
	s->marks_count = sysctl_marks_count();
	s->marks_count_owned = s->marks_count && sysctl_is_owned(c->name);
	return 0;
}

/* As netstate_take_mtu, from where the encrypted packets are. */
static int take_mtu(struct netstate *s, const struct config *c, struct wg_rtnl *rt, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *there = NULL;
	struct wg_error ignored;
	int ret;

	if (!s->has_underlay)
		return netstate_take_mtu(s, c, rt, err);
	if (netns_underlay_begin(err) < 0)
		return -1;
	ret = wg_rtnl_open(&there, err) < 0 || netstate_take_mtu(s, c, there, err) < 0 ? -1 : 0;
	return netns_underlay_end(ret ? &ignored : err) < 0 ? -1 : ret;
}

static void take_netns(struct netstate *s, const struct config *c)
{
	s->new_netns = c->netns && netns_is_new();
	s->has_underlay = (c->netns || c->underlay) && netns_has_underlay();
}

/* What is around the link. */
static int take_network(struct netstate *s, const struct config *c, struct wg_rtnl *rt,
			struct wg_error *err)
{
	if (take_shared(s, c, rt, err))
		return -1;
	return c->mtu ? 0 : take_mtu(s, c, rt, err);
}

static void take_ipv6(struct netstate *s, const char *name, bool link_exists)
{
	s->no_ipv6 = no_ipv6(name, link_exists);
	s->no_ipv6_by_default = s->no_ipv6 && ipv6_disabled("default");
	s->ipv6_elsewhere = s->no_ipv6 && ipv6_elsewhere(name);
}

static int take(struct netstate *s, const struct config *c, bool ahead, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	struct wg_link link;
	int found;

	*s = (struct netstate){ 0 };
	if (wg_rtnl_open(&rt, err))
		return -1;
	found = wg_rtnl_link(rt, c->name, &link, err);
	if (found < 0)
		return -1;
	s->link_exists = found;
	take_ipv6(s, c->name, found);
	take_dns(s, c);
	take_netns(s, c);
	if (ahead && !found)
		return take_network(s, c, rt, err);
	if (ahead || !found)
		return 0;
	s->ifindex = link.index;
	if (take_device(s, c->name, err) || take_link(s, rt, err))
		return -1;
	return take_network(s, c, rt, err);
}

int netstate_take(struct netstate *s, const struct config *c, struct wg_error *err)
{
	return take(s, c, false, err);
}

int netstate_take_ahead(struct netstate *s, const struct config *c, struct wg_error *err)
{
	return take(s, c, true, err);
}

int netstate_take_up(struct netstate *s, const struct config *c, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	struct wg_link link;
	int found;

	if (wg_rtnl_open(&rt, err))
		return -1;
	found = wg_rtnl_link(rt, c->name, &link, err);
	if (!found) {
		wg_error_set(err, "no such interface: `%s'", c->name);
		err->code = ENODEV;
	}
	if (found <= 0)
		return -1;
	s->link_exists = true;
	s->ifindex = link.index;
	take_ipv6(s, c->name, true);
	take_dns(s, c);
	take_netns(s, c);
	return take_link(s, rt, err) ? -1 : take_network(s, c, rt, err);
}

int netstate_take_shared(struct netstate *s, const struct config *c, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;

	return wg_rtnl_open(&rt, err) ? -1 : take_shared(s, c, rt, err);
}

void netstate_wipe(struct netstate *s)
{
	wg_device_free(s->dev);
	free(s->routes);
	free(s->addresses);
	free(s->rules);
	free(s->claimed);
	free(s->settings);
	dns_choice_wipe(&s->dns);
	*s = (struct netstate){ 0 };
}

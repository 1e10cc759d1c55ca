/* SPDX-License-Identifier: GPL-2.0 */
/* Upstream's order of `up`, as a list. It fails where the outcome would not be what the file asks
 * for, with a sentence, and *out may then hold a part that must not be carried out. */
#include "plan.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/hooks.h"
#include "allowed.h"

#define MTU_LEAST_IPV4	68
#define MTU_DEFAULT	1500

static const struct wg_prefix link_local = { .family = AF_INET6, .cidr = 10, .addr = { 0xfe, 0x80 } };

static void add_hooks(struct plan *out, const struct config *c, enum hook_phase phase)
{
	for (size_t i = 0; i < c->hooks[phase].n; i++) {
		struct step *s = plan_add(out, STEP_HOOK);

		s->phase = phase;
		s->command = hooks_expand(c->hooks[phase].s[i], c->name);
	}
}

static void add_kill_switch(struct plan *out, const struct config *c, u32 mark)
{
	struct step *s = plan_add(out, STEP_KILL_SWITCH);

	s->kill_switch = c->kill_switch;
	s->fwmark = mark;
}

int plan_check_dns(const struct config *c, const struct netstate *s, struct wg_error *err)
{
	if (!c->dns_servers.n || !s->dns.refusal || c->dns_optional)
		return 0;
	wg_error_set(err, "DNS is set but %s: install openresolv or resolvconf, use another DNSBackend, set "
		     "DNSRequired = no, or take DNS out", s->dns.refusal);
	err->code = s->dns.refusal_code;
	return -1;
}

int plan_link(const struct config *c, const struct netstate *s, struct plan *out,
	      struct wg_error *err)
{
	struct step *link;

	if (s->link_exists) {
		wg_error_set(err, "`%s' already exists", c->name);
		err->code = EEXIST;
		return -1;
	}
	if (plan_check_dns(c, s, err) < 0)
		return -1;
	if (c->netns && strchr(c->netns, '/') && c->dns_servers.n)
		return wg_error_set(err, "DNS needs a Namespace with a name, for the resolv.conf in /etc/netns: name "
				    "it with `ip netns attach', or take DNS out");
	if (c->netns && c->dns_servers.n && c->dns_odd)
		return wg_error_set(err, "DNS server %s: programs in a Namespace read /etc/netns/%s/resolv.conf, which "
				    "takes plain addresses only", c->dns_odd, c->netns);
	if (c->netns && s->new_netns)
		plan_add(out, STEP_NETNS)->netns = wg_strndup(c->netns, strlen(c->netns));
	if (c->kill_switch)
		add_kill_switch(out, c, c->dev->flags & WG_DEVICE_HAS_FWMARK ? c->dev->fwmark : 0);
	link = plan_add(out, STEP_LINK);
	if (c->netns)
		link->netns = wg_strndup(c->netns, strlen(c->netns));
	if (c->underlay)
		link->underlay = wg_strndup(c->underlay, strlen(c->underlay));
	add_hooks(out, c, HOOK_PRE_UP);
	return 0;
}

/* What the second half is planned with. */
struct planner {
	const struct config *c;
	const struct netstate *s;
	struct plan *out;
	u32 mtu;
	u32 mark;        /* 0 until a default route needs one */
	bool has_rules[2]; /* those of a full tunnel, for IPv4 and IPv6 */
	const struct wg_log *log;
	size_t lost_addresses, lost_routes; /* left out, for want of IPv6 */
	const struct wg_prefix *lost;       /* one of them */
};

/* With an MTU below 1280 the kernel takes IPv6 off a link, and its addresses go without a word. */
static bool holds_ipv6(const struct planner *p)
{
	return !p->s->no_ipv6 && p->mtu >= MTU_LEAST_IPV6;
}

static void add_addresses(struct planner *p)
{
	for (size_t i = 0; i < p->c->n_addresses; i++) {
		const struct wg_prefix *a = &p->c->addresses[i];

		if (a->family == AF_INET6 && !holds_ipv6(p)) {
			p->lost_addresses++;
			p->lost = a;
		} else {
			plan_add(p->out, STEP_ADDRESS)->prefix = *a;
		}
	}
}

static bool has_ipv6_peers(const struct wg_device *dev)
{
	for (const struct wg_peer *p = dev ? dev->peers : NULL; p; p = p->next) {
		for (const struct wg_allowedip *a = p->allowedips; a; a = a->next) {
			if (a->family == AF_INET6)
				return true;
		}
	}
	return false;
}

/* Whether IPv6 is meant to go through the tunnel. */
static bool carries_ipv6(const struct planner *p)
{
	for (size_t i = 0; i < p->c->n_addresses; i++) {
		if (p->c->addresses[i].family == AF_INET6)
			return true;
	}
	for (size_t i = 0; i < p->s->n_addresses; i++) {
		if (p->s->addresses[i].family == AF_INET6 &&
		    !wg_prefix_covers(&link_local, &p->s->addresses[i]))
			return true;
	}
	return has_ipv6_peers(p->c->dev) || has_ipv6_peers(p->s->dev);
}

/* What the way to the peers allows. A tunnel that carries IPv6 has 1280 at least: encrypted packets
 * that are too large for the way are then sent in fragments, as they are for any MTU that is set by
 * hand. */
static u32 find_mtu(const struct planner *p)
{
	u32 way = p->s->endpoint_mtu ?: p->s->default_mtu ?: MTU_DEFAULT, mtu;

	if (p->c->mtu)
		return p->c->mtu;
	mtu = way >= MTU_LEAST_IPV4 + TUNNEL_OVERHEAD ? way - TUNNEL_OVERHEAD : MTU_LEAST_IPV4;
	if (mtu >= MTU_LEAST_IPV6 || p->s->no_ipv6 || !carries_ipv6(p))
		return mtu;
	wg_log_say(p->log, WG_LOG_WARNING,
		   "the MTU of `%s' is %d, which IPv6 needs, though the way to its peers allows %u "
		   "only: larger packets are sent in fragments", p->c->name, MTU_LEAST_IPV6, mtu);
	return MTU_LEAST_IPV6;
}

static bool has_widest(const struct wg_device *dev)
{
	for (const struct wg_peer *peer = dev ? dev->peers : NULL; peer; peer = peer->next) {
		if (peer->rest_of_default[0] || peer->rest_of_default[1])
			return true;
		for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next)
			if (a->cidr <= 1)
				return true;
	}
	return false;
}

/* Whether all traffic goes into the tunnel, be it by two halves or but for what is excluded. A table that the file names may be any
 * program's. */
static bool takes_all_traffic(const struct planner *p)
{
	return p->c->table_mode == TABLE_AUTO && (has_widest(p->c->dev) || has_widest(p->s->dev));
}

/* Whether the file tells names that are asked at the tunnel's servers from others. "~." are all. */
static bool has_routing_domains(const struct config *c)
{
	bool has = false;

	for (size_t i = 0; i < c->dns_search.n; i++) {
		if (!strcmp(c->dns_search.s[i], "~."))
			return false;
		has |= c->dns_search.s[i][0] == '~';
	}
	return has;
}

/* Names go to the tunnel's servers alone, as with wireguard-tools, unless the file says which ones do. */
static bool asks_all_names(const struct planner *p, const struct dns_backend_ops *backend)
{
	return backend->routes && (takes_all_traffic(p) || !has_routing_domains(p->c));
}

/* Returns NULL if the tunnel goes without. */
static struct step *add_backend_dns(struct planner *p)
{
	const struct config *c = p->c;
	const struct dns_choice *choice = &p->s->dns;
	const struct dns_backend_ops *backend;
	struct step *s;

	if (choice->backend == DNS_NONE)
		return NULL;
	if (choice->refusal && c->dns_optional && !choice->kept) {
		wg_log_say(p->log, WG_LOG_WARNING, "`%s' comes up without its DNS servers: %s", c->name,
			   choice->refusal);
		return NULL;
	}
	if (choice->note)
		wg_log_say(p->log, WG_LOG_WARNING, "%s", choice->note);
	backend = dns_ops(choice->backend);
	if (!backend->routes && has_routing_domains(c))
		wg_log_say(p->log, WG_LOG_WARNING, "only systemd-resolved knows routing domains (~): all names "
			   "are asked at the DNS servers of `%s'", c->name);
	s = plan_add(p->out, STEP_DNS);
	s->dns_backend = choice->backend;
	s->dns_optional = c->dns_optional;
	s->dns_all = asks_all_names(p, backend);
	s->dns_name = wg_format("%s%s", choice->prefix, c->name);
	return s;
}

static struct step *add_netns_dns(struct planner *p)
{
	struct step *s = plan_add(p->out, STEP_NETNS_DNS);

	s->netns = wg_strndup(p->c->netns, strlen(p->c->netns));
	return s;
}

static void add_dns(struct planner *p)
{
	const struct config *c = p->c;
	struct step *s;

	if (!c->dns_servers.n) {
		if (c->dns_search.n)
			wg_log_say(p->log, WG_LOG_WARNING, "DNS lists search domains but no server: "
							"it is ignored");
		return;
	}
	if (c->dns_backend == DNS_NONE)
		return;
	s = c->netns ? add_netns_dns(p) : add_backend_dns(p);
	if (!s)
		return;
	for (size_t i = 0; i < c->dns_servers.n; i++)
		strings_add(&s->dns_servers, c->dns_servers.s[i], strlen(c->dns_servers.s[i]));
	/* A resolv.conf has no routing domains: all names are asked at its servers. */
	for (size_t i = 0; i < c->dns_search.n; i++)
		if (!c->netns || c->dns_search.s[i][0] != '~')
			strings_add(&s->dns_search, c->dns_search.s[i], strlen(c->dns_search.s[i]));
}

static void add_route(struct planner *p, const struct allowed_route *route, u32 table)
{
	struct wg_route *r = &plan_add(p->out, STEP_ROUTE)->route;

	r->dst = route->dst;
	r->metric = route->metric;
	r->table = table;
	r->protocol = WG_RTNL_PROTOCOL;
	r->type = RTN_UNICAST;
}

/* The first two priorities of a family, in order of evaluation. */
struct first_priorities {
	u32 order[2];
	size_t n;
};

/* A rule stands behind those of equal priority. */
static void count_priority(struct first_priorities *f, u32 priority)
{
	if (f->n && f->order[0] <= priority) {
		if (f->n < 2 || f->order[1] > priority)
			f->order[1] = priority;
	} else {
		f->order[1] = f->order[0];
		f->order[0] = priority;
	}
	f->n = f->n < 2 ? f->n + 1 : 2;
}

/* The priority that the kernel gives a rule without one: just above the family's second. The first
 * is usually that of the local table, which must stay first. Rules that other tunnels are about to
 * add count too. */
static u32 next_priority(const struct planner *p, u8 family)
{
	struct first_priorities f = { 0 };

	for (size_t i = 0; i < p->s->n_rules && f.n < 2; i++)
		if (p->s->rules[i].family == family)
			count_priority(&f, p->s->rules[i].priority);
	for (size_t i = 0; i < p->s->n_claimed; i++)
		if (p->s->claimed[i].family == family)
			count_priority(&f, p->s->claimed[i].priority);
	for (size_t i = 0; i < p->out->n; i++) {
		const struct wg_rule *r = &p->out->steps[i].rule;

		if (p->out->steps[i].kind == STEP_RULE && r->family == family)
			count_priority(&f, r->priority);
	}
	return f.n == 2 && f.order[1] ? f.order[1] - 1 : 0;
}

/* The other full tunnels that are there, or about to be: their marks, and the families of their rules. */
struct others {
	u32 *marks; /* malloc'd */
	size_t n;
	bool has_ipv4, has_ipv6;
};

static void add_other(struct others *o, const struct planner *p, const struct wg_rule *rule)
{
	if (rule->foreign || !rule_is_full_tunnel(rule) || rule->suppress_prefixlength >= 0 ||
	    rule->fwmark == p->mark)
		return;
	o->has_ipv4 |= rule->family == AF_INET;
	o->has_ipv6 |= rule->family == AF_INET6;
	for (size_t i = 0; i < o->n; i++)
		if (o->marks[i] == rule->fwmark)
			return;
	o->marks = wg_realloc(o->marks, o->n + 1, sizeof(*o->marks));
	o->marks[o->n++] = rule->fwmark;
}

static void find_others(struct others *o, const struct planner *p)
{
	*o = (struct others){0};
	for (size_t i = 0; i < p->s->n_rules; i++)
		add_other(o, p, &p->s->rules[i]);
	for (size_t i = 0; i < p->s->n_claimed; i++)
		add_other(o, p, &p->s->claimed[i]);
}

static void others_wipe(struct others *o)
{
	free(o->marks);
}

static bool others_have(const struct others *o, u8 family)
{
	return family == AF_INET6 ? o->has_ipv6 : o->has_ipv4;
}

/* The priority of the rule of the main table that stands behind all full tunnels; where somebody has removed
 * it, that which it has normally. */
#define PRIORITY_MAIN 32766
static u32 find_main(const struct planner *p, u8 family)
{
	u32 last = 0, main = 0;

	for (size_t i = 0; i < p->s->n_rules; i++)
		if (p->s->rules[i].family == family && rule_is_full_tunnel(&p->s->rules[i]))
			last = p->s->rules[i].priority;
	for (size_t i = 0; i < p->s->n_rules && !main; i++) {
		const struct wg_rule *r = &p->s->rules[i];

		if (r->family == family && r->priority > last && r->table == RT_TABLE_MAIN && !r->foreign &&
		    !r->invert && !r->fwmask && r->suppress_prefixlength < 0)
			main = r->priority;
	}
	return main ?: PRIORITY_MAIN;
}

static void add_pass(struct planner *p, u8 family, u32 mark, u32 priority)
{
	struct step *s = plan_add(p->out, STEP_RULE);

	s->shows_priority = true;
	s->rule = (struct wg_rule){
		.family = family,
		.protocol = WG_RTNL_PROTOCOL,
		.priority = priority,
		.fwmark = mark,
		.fwmask = UINT32_MAX,
		.suppress_prefixlength = -1,
		.jump = find_main(p, family),
	};
}

static int no_room(const struct planner *p, u8 family, struct wg_error *err)
{
	return wg_error_set(err, "there are other full tunnels, and IPv%d has no priorities left for the rules "
			    "by which the encrypted packets of all of them pass by `%s': give the rules of "
			    "priority %u and above greater ones", family == AF_INET6 ? 6 : 4, p->c->name,
			    next_priority(p, family) + 1);
}

/* The rules for a family in which another full tunnel stands, or in which one has its encrypted packets. Its
 * rule would catch this tunnel's encrypted packets, and this tunnel's rule the other's, in a circle: the marks
 * of all of them jump over the rules of all of them, to the main table. These rules come first, in the order
 * of evaluation as in that of the steps, and so go last. */
static int add_rules_among(struct planner *p, const struct others *o, const struct wg_rule *tunnel,
			   const struct wg_rule *suppress, struct wg_error *err)
{
	const u8 family = tunnel->family;
	const size_t n = o->n + others_have(o, family);
	u32 first = next_priority(p, family);
	struct step *s;

	if (first < n + 2)
		return no_room(p, family, err);
	for (size_t i = 0; i < o->n; i++)
		add_pass(p, family, o->marks[i], first - 2 - (u32)i);
	if (others_have(o, family))
		add_pass(p, family, p->mark, first - 2 - (u32)o->n);
	s = plan_add(p->out, STEP_RULE);
	s->rule = *tunnel;
	s->rule.priority = first;
	s->shows_priority = true;
	s = plan_add(p->out, STEP_RULE);
	s->rule = *suppress;
	s->rule.priority = first - 1;
	s->shows_priority = true;
	return 0;
}

/* A family in which this tunnel has no rules, and others have: their rules would catch its encrypted
 * packets. */
static int pass_others(struct planner *p, struct wg_error *err)
{
	static const u8 families[] = {AF_INET, AF_INET6};
	cleanup(others_wipe) struct others others;

	find_others(&others, p);
	for (size_t i = 0; i < 2; i++) {
		bool has = false;
		u32 priority;

		for (size_t k = 0; k < p->out->n; k++)
			has |= p->out->steps[k].kind == STEP_RULE && p->out->steps[k].rule.family == families[i];
		if (has || !others_have(&others, families[i]))
			continue;
		priority = next_priority(p, families[i]);
		if (!priority)
			return no_room(p, families[i], err);
		add_pass(p, families[i], p->mark, priority);
	}
	return 0;
}

/* The routes of the main table count before the tunnel's. Of two rules added one by one the second
 * comes first, except where there is no priority left before the family's second rule. */
static int add_rules(struct planner *p, u8 family, struct wg_error *err)
{
	cleanup(others_wipe) struct others others;
	struct wg_rule tunnel = {
		.family = family,
		.protocol = WG_RTNL_PROTOCOL,
		.invert = true,
		.table = p->mark,
		.fwmark = p->mark,
		.fwmask = UINT32_MAX,
		.suppress_prefixlength = -1,
	};
	struct wg_rule suppress = {
		.family = family,
		.protocol = WG_RTNL_PROTOCOL,
		.table = RT_TABLE_MAIN,
	};
	u32 first, second;
	size_t at = p->out->n;
	bool behind;

	find_others(&others, p);
	if (others.n)
		return add_rules_among(p, &others, &tunnel, &suppress, err);
	first = next_priority(p, family);
	tunnel.priority = first;
	plan_add(p->out, STEP_RULE)->rule = tunnel;
	second = next_priority(p, family);
	behind = second >= first;
	tunnel.priority = behind ? second : first;
	suppress.priority = behind ? first : second;
	p->out->steps[at].rule = behind ? suppress : tunnel;
	plan_add(p->out, STEP_RULE)->rule = behind ? tunnel : suppress;
	return 0;
}

static bool has_prefix(const struct step *s, const struct wg_prefix *p)
{
	for (size_t i = 0; i < s->n_addresses; i++)
		if (!memcmp(s->addresses[i].addr, p->addr, sizeof(p->addr)))
			return true;
	return false;
}

static void guard_addresses(struct step *s, const struct wg_prefix *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].family != s->family || has_prefix(s, &list[i]))
			continue;
		s->addresses =
			wg_realloc(s->addresses, s->n_addresses + 1, sizeof(*s->addresses));
		s->addresses[s->n_addresses++] = list[i];
	}
}

static void add_firewall(struct planner *p, u8 family)
{
	struct step *s = plan_add(p->out, STEP_FIREWALL);

	s->family = family;
	s->fwmark = p->mark;
	guard_addresses(s, p->c->addresses, p->c->n_addresses);
	guard_addresses(s, p->s->addresses, p->s->n_addresses);
}

/* The mark of the encrypted packets, by which rules and a kill switch know them. */
static void choose_mark(struct planner *p)
{
	if (p->mark)
		return;
	if (p->c->dev && (p->c->dev->flags & WG_DEVICE_HAS_FWMARK))
		p->mark = p->c->dev->fwmark;
	else if (p->s->dev)
		p->mark = p->s->dev->fwmark;
	if (!p->mark) {
		p->mark = p->s->free_table;
		plan_add(p->out, STEP_FWMARK)->fwmark = p->mark;
	}
}

/* The mark of a full tunnel is also the number of its table. */
static int check_mark(const struct planner *p, struct wg_error *err)
{
	if (p->mark >= RT_TABLE_DEFAULT && p->mark <= RT_TABLE_LOCAL)
		return wg_error_set(err, "FwMark %u cannot go with a default route: the route's "
					 "table has the mark's number, and %u is a table of the "
					 "system", p->mark, p->mark);
	return 0;
}

/* The rules come before the route, so that no packet of the tunnel's own takes it on the way. A default
 * route with exclusions is several routes: for what is in none of them the rule finds nothing in the
 * tunnel's table, and the routes of the main table count. */
static int add_default_route(struct planner *p, const struct allowed_route *route, struct wg_error *err)
{
	bool *has_rules = &p->has_rules[route->dst.family == AF_INET6];

	choose_mark(p);
	if (check_mark(p, err))
		return -1;
	if (*has_rules) {
		add_route(p, route, p->mark);
		return 0;
	}
	*has_rules = true;
	if (add_rules(p, route->dst.family, err))
		return -1;
	add_route(p, route, p->mark);
	if (route->dst.family == AF_INET && (!p->s->marks_count || p->s->marks_count_owned))
		plan_add(p->out, STEP_SYSCTL)->was_off = true;
	add_firewall(p, route->dst.family);
	return 0;
}

#define SETTING_SIZE (IFNAMSIZ + 80)

/* The settings by which the link has no IPv6, as sysctl(8) takes them: a name's dots become slashes there. A link
 * that exists has its own, whatever that for new links has become since. */
static const char *name_settings(const struct planner *p, char out[static SETTING_SIZE])
{
	bool new_links = p->s->no_ipv6_by_default, both = new_links && p->s->link_exists;
	char name[IFNAMSIZ];

	snprintf(name, sizeof(name), "%s", p->c->name);
	for (char *c = name; *c; c++)
		if (*c == '.')
			*c = '/';
	snprintf(out, SETTING_SIZE, "%s%s%s%s%s", new_links ? "net.ipv6.conf.default.disable_ipv6" : "",
		 both ? " and " : "", both || !new_links ? "net.ipv6.conf." : "",
		 both || !new_links ? name : "", both || !new_links ? ".disable_ipv6" : "");
	return out;
}

/* The links for which IPv6 has to be enabled. */
static const char *links_without_ipv6(const struct planner *p)
{
	if (!p->s->no_ipv6_by_default)
		return "this one";
	return p->s->link_exists ? "new interfaces and for this one" : "new interfaces";
}

/* IPv6 for the link is off, but the host has it: a default route that is left out would send past the
 * tunnel what the file wants in it. */
static int check_no_leak(const struct planner *p, const struct allowed_route *list, size_t n,
			 struct wg_error *err)
{
	char text[WG_PREFIX_STRLEN], setting[SETTING_SIZE];
	const struct wg_prefix *widest;

	if (!p->s->no_ipv6 || !p->s->ipv6_elsewhere)
		return 0;
	widest = allowed_is_default_ipv6(list, n);
	if (!widest)
		return 0;
	return wg_error_set(err, "%s cannot be routed into `%s': IPv6 is disabled for it "
			    "(%s), and other interfaces have IPv6, which would go past the tunnel: "
			    "enable IPv6 for %s, disable it for all, or take the IPv6 routes out of "
			    "AllowedIPs", wg_prefix_format(text, widest), p->c->name,
			    name_settings(p, setting), links_without_ipv6(p));
}

static int add_allowed(struct planner *p, const struct covered *covered,
		       const struct allowed_route *route, struct wg_error *err)
{
	bool automatic = p->c->table_mode == TABLE_AUTO;
	const struct wg_prefix *dst = &route->dst;
	char text[WG_PREFIX_STRLEN];

	if (dst->family == AF_INET6 && p->s->no_ipv6) {
		p->lost_routes++;
		p->lost = dst;
		return 0;
	}
	if (automatic && !route->is_default && covered_has(covered, dst))
		return 0;
	if (dst->family == AF_INET6 && p->mtu < MTU_LEAST_IPV6)
		return wg_error_set(err, "MTU %u is too small for the route to %s: IPv6 needs %d",
				    p->mtu, wg_prefix_format(text, dst), MTU_LEAST_IPV6);
	/* Encrypted packets in another network namespace need no rule that keeps them out of the tunnel. */
	if (automatic && route->is_default && !p->s->has_underlay)
		return add_default_route(p, route, err);
	add_route(p, route, automatic ? RT_TABLE_MAIN : p->c->table);
	return 0;
}

static void warn_of_lost(const struct planner *p)
{
	char text[WG_PREFIX_STRLEN], what[128], why[240], setting[SETTING_SIZE];

	if (!p->lost)
		return;
	if (!p->s->no_ipv6)
		snprintf(why, sizeof(why), "IPv6 needs an MTU of %d, and that of `%s' is %u",
			 MTU_LEAST_IPV6, p->c->name, p->mtu);
	else if (p->s->ipv6_elsewhere)
		snprintf(why, sizeof(why), "IPv6 is disabled for `%s', though other interfaces "
			 "have it (%s)", p->c->name, name_settings(p, setting));
	else
		snprintf(why, sizeof(why), "IPv6 is disabled on this system");
	snprintf(what, sizeof(what), "%zu address%s and %zu route%s", p->lost_addresses,
		 p->lost_addresses == 1 ? "" : "es", p->lost_routes,
		 p->lost_routes == 1 ? "" : "s");
	wg_log_say(p->log, WG_LOG_WARNING, "%s: %s of IPv6 are left out, for one %s", why, what,
		   wg_prefix_format(text, p->lost));
}

static int add_routes(struct planner *p, const struct allowed_route *list, size_t n,
		      struct wg_error *err)
{
	cleanup(covered_wipe) struct covered covered = { 0 };

	covered_init(&covered, p->c, p->s);
	for (size_t i = 0; i < n; i++)
		if (add_allowed(p, &covered, &list[i], err))
			return -1;
	return 0;
}

/* The table first, so that nothing is forwarded that is to be translated. */
static void add_gateway(const struct planner *p)
{
	const char *dropped_by = p->s->forward_dropped_by;

	if (p->c->gateway)
		plan_add(p->out, STEP_GATEWAY)->gateway = p->c->gateway;
	for (size_t i = 0; p->c->forward && i < p->s->n_settings; i++) {
		const struct kernel_setting *setting = &p->s->settings[i];
		struct step *s = plan_add(p->out, STEP_SETTING);

		s->setting = wg_strndup(setting->name, strlen(setting->name));
		s->value = setting->value;
		s->former = setting->former;
	}
	if (p->c->forward && dropped_by[0])
		wg_log_say(p->log, WG_LOG_WARNING,
			   "the firewall's chain `%s' drops forwarded packets that it does not accept itself: "
			   "Forward cannot change that: nft insert rule %s iifname %s accept; nft insert "
			   "rule %s oifname %s accept", dropped_by, dropped_by, p->c->name, dropped_by,
			   p->c->name);
}

int plan_network(const struct config *c, const struct netstate *s, const struct wg_log *log,
		 struct plan *out, struct wg_error *err)
{
	cleanup(free_ptr) struct allowed_route *list = NULL;
	struct planner p = { .c = c, .s = s, .out = out, .log = log };
	struct step *device = plan_add(out, STEP_DEVICE);

	size_t n = 0;

	device->command = wg_strndup(c->arg, strlen(c->arg));
	p.mtu = find_mtu(&p);
	/* Before the link is up: what it sends without the mark is dropped. */
	if (c->kill_switch) {
		choose_mark(&p);
		add_kill_switch(out, c, p.mark);
	}
	add_addresses(&p);
	plan_add(out, STEP_LINK_UP)->mtu = p.mtu;
	add_dns(&p);
	if (c->table_mode != TABLE_OFF) {
		allowed_routes(c, s, &list, &n);
		if (check_no_leak(&p, list, n, err) || add_routes(&p, list, n, err) ||
		    (p.mark && pass_others(&p, err)))
			return -1;
	}
	add_gateway(&p);
	warn_of_lost(&p);
	add_hooks(out, c, HOOK_POST_UP);
	return 0;
}

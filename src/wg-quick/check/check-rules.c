// SPDX-License-Identifier: GPL-2.0
/* One function a rule. The n-th place of AllowedIPs is that of the n-th allowed IP of the device, and
 * so on: both lists were filled together. */
#include "check-rules.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../../crypto/curve25519.h"
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/encoding.h"
#include "../../lib/conf/conf-text.h"
#include "../../lib/conf/ip-value.h"
#include "../../lib/conf/value.h"
#include "../dns/server.h"

#define MTU_LEAST_IPV6 1280
/* Wider ones stand for "everything", where it is known that a LAN's routes come first. */
#define WIDE_IPV4 8
#define WIDE_IPV6 7

/* An allowed IP with its peer and place. */
struct entry {
	struct wg_prefix net; /* masked */
	const struct wg_peer *peer;
	const struct place *place;
	bool host_bits;
	bool excluded; /* "!": the peer's other prefixes are without it */
};

/* What the rules look at. */
struct checker {
	const struct config *c;
	struct places *p;
	const struct lan *lans;
	size_t n_lans;
	struct entry *entries;
	size_t n_entries;
	bool routed; /* allowed IPs become routes of the main table, or default routes */
};

/* Whether the encrypted packets are in another network namespace than what goes into the tunnel. */
static bool is_apart(const struct config *c)
{
	return c->netns || c->underlay;
}

static void collect_entries(struct checker *k)
{
	const struct place *place = NULL;
	size_t n = 0;

	for (const struct wg_peer *peer = k->c->dev->peers; peer; peer = peer->next)
		for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next)
			n++;
	k->entries = wg_realloc(NULL, n + 1, sizeof(*k->entries));
	place = places_next(k->p, "AllowedIPs", NULL);
	for (const struct wg_peer *peer = k->c->dev->peers; peer; peer = peer->next)
		for (const struct wg_allowedip *a = peer->allowedips; a && place; a = a->next) {
			struct entry *e = &k->entries[k->n_entries];
			struct wg_prefix whole = {.family = a->family, .cidr = a->cidr};

			memcpy(whole.addr, a->addr, wg_family_len(a->family));
			*e = (struct entry){.net = whole, .peer = peer, .place = place,
					    .excluded = a->flags & WG_ALLOWEDIP_EXCLUDE};
			wg_prefix_mask(&e->net);
			e->host_bits = memcmp(e->net.addr, whole.addr, sizeof(whole.addr));
			k->n_entries += !(a->flags & WG_ALLOWEDIP_REMOVE_ME);
			place = places_next(k->p, "AllowedIPs", place + 1);
		}
}

/* Whether a hook may set what the file does not: a script, or a command that does. */
static bool may_set(const struct config *c, const char *command)
{
	for (size_t phase = HOOK_PRE_UP; phase <= HOOK_POST_UP; phase++)
		for (size_t i = 0; i < c->hooks[phase].n; i++)
			if (c->hooks[phase].s[i][0] == '/' || strstr(c->hooks[phase].s[i], command))
				return true;
	return false;
}

static void check_interface(struct checker *k)
{
	const struct config *c = k->c;

	if (!(c->dev->flags & WG_DEVICE_HAS_PRIVATE_KEY) && !c->has_key_file && !may_set(c, "private-key") &&
	    !may_set(c, "conf "))
		places_add(k->p, WG_CODE_NO_PRIVATE_KEY, NULL,
			   "[Interface] has no PrivateKey: the tunnel can reach nobody");
	if (!c->n_addresses && !may_set(c, "addr"))
		places_add(k->p, WG_CODE_NO_ADDRESS, NULL,
			   "[Interface] has no Address: nothing can be sent from this end");
}

static int by_key(const void *x, const void *y)
{
	const struct place *a = *(const struct place *const *)x, *b = *(const struct place *const *)y;
	int r = strcmp(a->text, b->text);

	return r ?: (a > b) - (a < b); /* both are in one list, in the order of reading */
}

static void check_peer_keys(struct checker *k)
{
	const struct wg_device *dev = k->c->dev;
	cleanup(free_ptr) const struct place **keys = wg_realloc(NULL, k->p->n + 1, sizeof(*keys));
	char own_text[WG_KEY_BASE64_LEN + 1] = "";
	char where[PLACE_STRLEN];
	u8 own[WG_KEY_LEN];
	size_t n = 0;

	if (dev->flags & WG_DEVICE_HAS_PRIVATE_KEY && !wg_key_is_zero(dev->private_key)) {
		wg_curve25519_public(own, dev->private_key);
		wg_key_to_base64(own_text, own);
	}
	for (const struct place *at = places_next(k->p, "PublicKey", NULL); at;
	     at = places_next(k->p, "PublicKey", at + 1)) {
		/* Of several in one section the last counts. */
		if (n && keys[n - 1]->peer == at->peer)
			n--;
		keys[n++] = at;
	}
	for (size_t i = 0; i < n; i++)
		if (!strcmp(keys[i]->text, own_text))
			places_add(k->p, WG_CODE_OWN_KEY, keys[i],
				   "the PublicKey is this end's own, of the PrivateKey above: such a peer "
				   "is passed over");
	qsort(keys, n, sizeof(*keys), by_key);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(keys[i]->text, keys[i - 1]->text))
			places_add(k->p, WG_CODE_PEER_TWICE, keys[i],
				   "the peer of %s has this PublicKey, too: the later section changes it",
				   place_name(where, keys[i - 1], keys[i]));
}

static void check_peers(struct checker *k)
{
	const struct place *key = places_next(k->p, "PublicKey", NULL);
	size_t number = 1;

	for (const struct wg_peer *peer = k->c->dev->peers; peer; peer = peer->next, number++) {
		while (key && key->peer < number)
			key = places_next(k->p, "PublicKey", key + 1);
		if (key && !peer->allowedips)
			places_add(k->p, WG_CODE_NO_ALLOWED_IPS, key,
				   "the peer has no AllowedIPs: nothing is sent to it, and nothing taken "
				   "from it");
	}
}

static int by_net(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int r;

	if (a->net.family != b->net.family)
		return a->net.family - b->net.family;
	r = memcmp(a->net.addr, b->net.addr, sizeof(a->net.addr));
	r = r ?: a->net.cidr - b->net.cidr;
	return r ?: (a->place > b->place) - (a->place < b->place);
}

/* How many of the entries have the prefix of the first; *several: they are of several peers. */
static size_t same_net(const struct entry *e, size_t n, bool *several)
{
	size_t i = 1;

	*several = false;
	for (; i < n && wg_prefix_equal(&e[i].net, &e[0].net); i++)
		*several |= e[i].peer != e[0].peer;
	return i;
}

/* A peer that does nothing while another one has its prefix cannot be seen to be there. `sorted` are the entries
 * by prefix; each peer is told of once. */
static void check_standby(struct checker *k, const struct entry *sorted)
{
	cleanup(free_ptr) bool *told = wg_alloc(k->c->dev->n_peers + 1);
	size_t n;
	bool several;

	for (size_t i = 0; k->c->failover && i < k->n_entries; i += n) {
		n = same_net(&sorted[i], k->n_entries - i, &several);
		for (const struct entry *e = &sorted[i]; several && e < &sorted[i + n]; e++) {
			if (e->peer->keepalive || told[e->place->peer])
				continue;
			told[e->place->peer] = true;
			places_add(k->p, WG_CODE_FAILOVER_KEEPALIVE, e->place,
				   "the peer has no PersistentKeepalive: while another one has %s, nobody can see "
				   "whether this one is there", e->place->text);
		}
	}
}

static void check_allowed(struct checker *k)
{
	cleanup(free_ptr) struct entry *sorted = wg_realloc(NULL, k->n_entries + 1, sizeof(*sorted));
	char net[WG_PREFIX_STRLEN], where[PLACE_STRLEN];
	size_t n_shared = 0;

	for (size_t i = 0; i < k->n_entries; i++) {
		const struct entry *e = &k->entries[i];
		bool whole = strchr(e->place->text, '/');

		if (e->host_bits)
			places_add(k->p, WG_CODE_HOST_BITS, e->place, "%s is taken for its network, %s",
				   e->place->text, wg_prefix_format(net, &e->net));
		if (!whole && wg_prefix_equal(&e->net, &(struct wg_prefix){.family = e->net.family,
									  .cidr = e->net.cidr}))
			places_add(k->p, WG_CODE_ZERO_ADDRESS, e->place,
				   "%s without /0 is one address, which nothing has", e->place->text);
	}
	memcpy(sorted, k->entries, k->n_entries * sizeof(*sorted));
	qsort(sorted, k->n_entries, sizeof(*sorted), by_net);
	for (size_t i = 1; i < k->n_entries; i++) {
		const struct entry *first = &sorted[i - 1], *e = &sorted[i];

		if (!wg_prefix_equal(&first->net, &e->net))
			continue;
		if (first->peer == e->peer && first->excluded == e->excluded)
			places_add(k->p, WG_CODE_ALLOWED_IP_TWICE, e->place,
				   "%s is listed already, in %s", wg_prefix_format(net, &e->net),
				   place_name(where, first->place, e->place));
		else if (first->peer == e->peer || first->excluded || e->excluded)
			continue;
		else if (k->c->failover)
			n_shared++;
		else
			places_add(k->p, WG_CODE_ALLOWED_IP_TWICE, e->place,
				   "%s is an allowed IP of another peer, too, in %s: only the last one "
				   "has it", wg_prefix_format(net, &e->net),
				   place_name(where, first->place, e->place));
	}
	check_standby(k, sorted);
	if (k->c->failover && !n_shared)
		places_add(k->p, WG_CODE_FAILOVER_ALONE, places_next(k->p, "Failover", NULL),
			   "no two peers list the same prefix: there is nothing to fail over");
}

static bool overlap(const struct wg_prefix *a, const struct wg_prefix *b)
{
	return wg_prefix_covers(a, b) || wg_prefix_covers(b, a);
}

/* Whether the peer excludes all of a prefix. */
static bool is_excluded(const struct checker *k, const struct wg_peer *peer, const struct wg_prefix *p)
{
	for (size_t i = 0; i < k->n_entries; i++)
		if (k->entries[i].excluded && k->entries[i].peer == peer &&
		    wg_prefix_covers(&k->entries[i].net, p))
			return true;
	return false;
}

static void check_exclusions(struct checker *k)
{
	for (size_t i = 0; i < k->n_entries; i++) {
		const struct entry *e = &k->entries[i];
		bool used = !e->excluded;

		for (size_t j = 0; !used && j < k->n_entries; j++)
			used = !k->entries[j].excluded && k->entries[j].peer == e->peer &&
			       overlap(&k->entries[j].net, &e->net);
		if (!used)
			places_add(k->p, WG_CODE_EXCLUSION_UNUSED, e->place,
				   "%s takes nothing away: no other AllowedIPs of this peer have any of it",
				   e->place->text);
	}
}

static bool is_allowed(const struct checker *k, const struct wg_peer *peer, const struct wg_prefix *p)
{
	for (size_t i = 0; i < k->n_entries; i++)
		if (!k->entries[i].excluded && k->entries[i].peer == peer &&
		    wg_prefix_covers(&k->entries[i].net, p))
			return !is_excluded(k, peer, p);
	return false;
}

/* The n-th place of Routes, without "off", is that of the n-th prefix. */
static void check_routes(struct checker *k)
{
	const struct config *c = k->c;
	const struct place *at = places_next(k->p, "Routes", NULL);
	const struct place *metric = places_next(k->p, "RouteMetric", NULL);

	if (c->table_mode == TABLE_OFF && (at || metric))
		places_add(k->p, WG_CODE_ROUTES_UNUSED, at ? at : metric,
			   "Table is off: the tunnel has no routes, whatever %s says",
			   at ? "Routes" : "RouteMetric");
	for (size_t i = 0; at && i < c->n_peers; i++) {
		const struct config_peer *own = &c->peers[i];

		for (size_t j = 0; at && j < own->n_routes; j++) {
			/* Places of "off", of other peers. */
			while (at && !strcasecmp(at->text, "off"))
				at = places_next(k->p, "Routes", at + 1);
			if (at && !is_allowed(k, own->peer, &own->routes[j]))
				places_add(k->p, WG_CODE_ROUTES_NOT_ALLOWED, at,
					   "no AllowedIPs of this peer have all of %s: what the route leads "
					   "into the tunnel is dropped there", at->text);
			at = at ? places_next(k->p, "Routes", at + 1) : NULL;
		}
	}
}

static struct wg_prefix single(u8 family, const void *addr)
{
	struct wg_prefix p = {.family = family, .cidr = family == AF_INET6 ? 128 : 32};

	memcpy(p.addr, addr, wg_family_len(family));
	return p;
}

/* The route that the machine has to an address by itself: that of its default route does not count. */
static bool has_lan(const struct checker *k, const struct wg_prefix *addr, u8 longer_than)
{
	for (size_t i = 0; i < k->n_lans; i++)
		if (k->lans[i].net.cidr > longer_than && wg_prefix_covers(&k->lans[i].net, addr))
			return true;
	return false;
}

/* A route into the tunnel that is no default route: the tunnel's own packets take it, too. */
static const struct wg_prefix *find_trap(const struct checker *k, const struct wg_prefix *endpoint)
{
	for (size_t i = 0; i < k->c->n_addresses; i++) {
		const struct wg_prefix *a = &k->c->addresses[i];

		if (a->cidr && a->cidr < (a->family == AF_INET6 ? 128 : 32) && wg_prefix_covers(a, endpoint))
			return a;
	}
	for (size_t i = 0; i < k->n_entries; i++)
		if (k->entries[i].net.cidr && !k->entries[i].excluded &&
		    wg_prefix_covers(&k->entries[i].net, endpoint) &&
		    !is_excluded(k, k->entries[i].peer, endpoint))
			return &k->entries[i].net;
	return NULL;
}

static void check_endpoint(struct checker *k, const struct wg_peer *peer, const struct place *at)
{
	struct wg_prefix endpoint;
	const struct wg_prefix *trap;
	char net[WG_PREFIX_STRLEN];

	if (at->text[0] != '[' && strchr(at->text, ':') != strrchr(at->text, ':'))
		places_add(k->p, WG_CODE_ENDPOINT_AMBIGUOUS, at,
			   "an IPv6 address without brackets: what follows the last colon is the port");
	if (peer->endpoint.addr.sa_family == AF_INET)
		endpoint = single(AF_INET, &peer->endpoint.addr4.sin_addr);
	else if (peer->endpoint.addr.sa_family == AF_INET6)
		endpoint = single(AF_INET6, &peer->endpoint.addr6.sin6_addr);
	else
		return;
	trap = k->routed && !is_apart(k->c) ? find_trap(k, &endpoint) : NULL;
	if (trap && !has_lan(k, &endpoint, trap->cidr))
		places_add(k->p, WG_CODE_ENDPOINT_IN_TUNNEL, at,
			   "the endpoint is in %s, which is routed into this tunnel: no packet reaches it",
			   wg_prefix_format(net, trap));
}

/* The endpoint of another line than the first of this section; NULL where there is none. */
static const struct wg_peer *next_further(const struct wg_conf_furthers *f, size_t *at, const struct wg_peer *peer)
{
	while (*at < f->n && f->list[*at].peer != peer)
		++*at;
	return *at < f->n ? f->list[(*at)++].as : NULL;
}

static void check_endpoints(struct checker *k)
{
	const struct wg_peer *peer = k->c->dev->peers, *endpoint;
	size_t number = 1, section = 0, further = 0;

	for (const struct place *at = places_next(k->p, "Endpoint", NULL); at && peer;
	     at = places_next(k->p, "Endpoint", at + 1)) {
		while (peer && number < at->peer) {
			peer = peer->next;
			number++;
		}
		endpoint = !peer || section != at->peer ? peer : next_further(&k->c->furthers, &further, peer);
		section = at->peer;
		if (endpoint)
			check_endpoint(k, endpoint, at);
	}
}

static bool is_private(const struct wg_prefix *p)
{
	const u8 *a = p->addr;

	if (p->family == AF_INET6)
		return (a[0] & 0xfe) == 0xfc;
	return a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
	       (a[0] == 100 && (a[1] & 0xc0) == 64);
}

static bool has_family(const struct config *c, u8 family)
{
	for (size_t i = 0; i < c->n_addresses; i++)
		if (c->addresses[i].family == family)
			return true;
	return c->hooks[HOOK_PRE_UP].n || c->hooks[HOOK_POST_UP].n;
}

/* A server that is one of this machine's own addresses, or that the tunnel or a LAN leads to. */
static void check_dns_way(struct checker *k, const struct wg_prefix *server, const struct place *at)
{
	bool inside = false;

	for (size_t i = 0; i < k->c->n_addresses; i++)
		if (wg_prefix_covers(&k->c->addresses[i], server))
			return;
	for (size_t i = 0; i < k->n_entries; i++)
		inside |= !k->entries[i].excluded && wg_prefix_covers(&k->entries[i].net, server) &&
			  !is_excluded(k, k->entries[i].peer, server);
	if (inside && !has_family(k->c, server->family))
		places_add(k->p, WG_CODE_DNS_UNREACHABLE, at,
			   "the way to DNS server %s is this tunnel, which has no %s Address to ask it from",
			   at->text, server->family == AF_INET6 ? "IPv6" : "IPv4");
	else if (!inside && is_private(server) && !has_lan(k, server, 0))
		places_add(k->p, WG_CODE_DNS_UNREACHABLE, at,
			   "no allowed IP leads to DNS server %s, a private address", at->text);
}

static bool is_domain(const struct place *dns)
{
	return !strchr(dns->text, ':') && !strchr(dns->text, '#') &&
	       dns->text[strspn(dns->text, "0123456789.")];
}

/* What the backend that the file names does not take: `up` refuses it. */
static void check_dns_form(struct checker *k, const struct place *at)
{
	const struct config *c = k->c;
	struct wg_error err;
	struct dns_server s;

	if ((c->dns_backend != DNS_RESOLVED && c->dns_backend != DNS_FILE) || c->dns_optional || is_domain(at))
		return;
	if (dns_server_parse(&s, at->text, &err) < 0)
		places_add(k->p, WG_CODE_DNS_BACKEND_FORM, at, "%s", err.text);
	else if (c->dns_backend == DNS_FILE && s.port && s.port != 53)
		places_add(k->p, WG_CODE_DNS_BACKEND_FORM, at, "/etc/resolv.conf takes no port: %s", at->text);
	else if (c->dns_backend == DNS_RESOLVED && s.zone[0] && strcmp(s.zone, c->name) != 0)
		places_add(k->p, WG_CODE_DNS_BACKEND_FORM, at,
			   "systemd-resolved asks %s through the tunnel only: it takes no other zone", at->text);
}

static bool has_default_route(const struct checker *k);

static void check_dns_backend(struct checker *k)
{
	const struct config *c = k->c;
	const struct place *backend = places_next(k->p, "DNSBackend", NULL);
	const struct place *required = places_next(k->p, "DNSRequired", NULL);
	bool full = k->routed && has_default_route(k);

	if (c->dns_keys && !c->dns_servers.n && !places_have_error(k->p))
		places_add(k->p, WG_CODE_DNS_UNUSED, backend ? backend : required,
			   "DNS lists no server: %s changes nothing", backend ? "DNSBackend" : "DNSRequired");
	else if (c->dns_optional && full && c->dns_backend != DNS_NONE)
		places_add(k->p, WG_CODE_DNS_OPTIONAL, required,
			   "all traffic goes into the tunnel, and where its DNS servers are refused, names are "
			   "asked at others");
	if (!c->dns_servers.n || c->dns_backend == DNS_NONE)
		return;
	for (const struct place *at = places_next(k->p, "DNS", NULL); at;
	     at = places_next(k->p, "DNS", at + 1)) {
		if (at->text[0] != '~' || !strcmp(at->text, "~."))
			continue;
		if (c->dns_backend == DNS_RESOLVCONF || c->dns_backend == DNS_FILE)
			places_add(k->p, WG_CODE_DNS_ROUTING, at,
				   "only systemd-resolved knows routing domains such as %s", at->text);
		else if (full)
			places_add(k->p, WG_CODE_DNS_ROUTING, at,
				   "all traffic goes into the tunnel, so all names are asked there, not only those of %s",
				   at->text + 1);
	}
}

static void check_dns(struct checker *k)
{
	for (const struct place *at = places_next(k->p, "DNS", NULL); at;
	     at = places_next(k->p, "DNS", at + 1)) {
		struct wg_prefix server = {0};
		struct wg_error ignored;
		bool plain = !wg_value_address(&server.family, server.addr, at->text,
					       dns_server_name_at(at->text), &ignored);
		bool to_resolvconf = k->c->dns_backend == DNS_AUTO || k->c->dns_backend == DNS_RESOLVCONF;

		server.cidr = server.family == AF_INET6 ? 128 : 32;
		if (at->comment)
			places_add(k->p, WG_CODE_DNS_COMMENT, at,
				   "what follows \"#\" is a comment: only %s is used", at->text);
		else if (strchr(at->text, '#') && k->c->dns_backend != DNS_RESOLVED)
			places_add(k->p, WG_CODE_DNS_COMMENT, at,
				   "what follows \"#\" is the name of the server's certificate, which only "
				   "systemd-resolved takes: others are given the address alone");
		if (plain && k->routed)
			check_dns_way(k, &server, at);
		else if (!plain && to_resolvconf && !strchr(at->text, '%') &&
			 (strchr(at->text, ':') || !at->text[strspn(at->text, "0123456789.")]))
			places_add(k->p, WG_CODE_DNS_FORM, at,
				   "%s is given to resolvconf as it is: not every one takes that", at->text);
		check_dns_form(k, at);
	}
	if (k->c->dns_search.n && !k->c->dns_servers.n && places_next(k->p, "DNS", NULL))
		places_add(k->p, WG_CODE_DNS_NO_SERVER, places_next(k->p, "DNS", NULL),
			   "DNS lists search domains and no server: it is ignored");
	check_dns_backend(k);
}

/* Numbers that mean something else than it seems. */
static void check_numbers(struct checker *k)
{
	static const char *const keys[] = {"MTU", "Table"};
	size_t n = 0;

	for (const struct place *at = places_next(k->p, "Address", NULL); at && n < k->c->n_addresses;
	     at = places_next(k->p, "Address", at + 1), n++) {
		char address[INET_ADDRSTRLEN];
		const struct wg_prefix *p = &k->c->addresses[n];
		size_t len = strcspn(at->text, "/");

		if (p->family != AF_INET || !inet_ntop(AF_INET, p->addr, address, sizeof(address)) ||
		    (strlen(address) == len && !memcmp(address, at->text, len)))
			continue;
		places_add(k->p, WG_CODE_SHORT_ADDRESS, at, "%s is the address %s/%u", at->text, address,
			   p->cidr);
	}
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		for (const struct place *at = places_next(k->p, keys[i], NULL); at;
		     at = places_next(k->p, keys[i], at + 1)) {
			u32 v;

			if (at->text[0] == '0' && strspn(at->text, "01234567") > 1 &&
			    wg_ip_number(&v, at->text, strlen(at->text)))
				places_add(k->p, WG_CODE_ODD_NUMBER, at, "%s is octal: %u", at->text, v);
		}
}

static bool has_default_route(const struct checker *k)
{
	for (size_t i = 0; i < k->n_entries; i++)
		if (!k->entries[i].net.cidr && !k->entries[i].excluded)
			return true;
	return false;
}

static void check_netns(struct checker *k)
{
	const struct config *c = k->c;

	if (c->netns && c->dns_servers.n && strchr(c->netns, '/'))
		places_add(k->p, WG_CODE_NETNS_DNS, places_next(k->p, "Namespace", NULL),
			   "DNS needs a Namespace with a name: it goes to /etc/netns/NAME/resolv.conf");
	if (c->netns && c->underlay && !strcmp(c->netns, c->underlay))
		places_add(k->p, WG_CODE_NETNS_SAME, places_next(k->p, "UnderlayNamespace", NULL),
			   "Namespace and UnderlayNamespace are the same: the encrypted packets are where the "
			   "tunnel is");
}

/* What `up` refuses later, since only the plan needs it. */
static void check_plan(struct checker *k)
{
	const struct config *c = k->c;
	const struct place *mtu = places_next(k->p, "MTU", NULL);
	u32 mark = c->dev->flags & WG_DEVICE_HAS_FWMARK ? c->dev->fwmark : 0;
	bool routes = false;

	if (k->routed && !is_apart(c) && mark >= RT_TABLE_DEFAULT && mark <= RT_TABLE_LOCAL && has_default_route(k))
		places_add(k->p, WG_CODE_FWMARK_RESERVED, places_next(k->p, "FwMark", NULL),
			   "FwMark %u cannot go with a default route: the route's table has the mark's "
			   "number, and %u is a table of the system", mark, mark);
	if (!c->mtu || c->mtu >= MTU_LEAST_IPV6)
		return;
	for (size_t i = 0; i < k->n_entries; i++)
		routes |= k->entries[i].net.family == AF_INET6 && !k->entries[i].excluded &&
			  c->table_mode != TABLE_OFF;
	if (routes)
		places_add(k->p, WG_CODE_MTU_IPV6, mtu,
			   "MTU %u is too small for the routes of IPv6 AllowedIPs: IPv6 needs %d", c->mtu,
			   MTU_LEAST_IPV6);
	else if (has_family(&(struct config){.addresses = c->addresses, .n_addresses = c->n_addresses},
			    AF_INET6))
		places_add(k->p, WG_CODE_MTU_IPV6_ADDRESS, mtu,
			   "with MTU %u the kernel takes the IPv6 Address away: IPv6 needs %d", c->mtu,
			   MTU_LEAST_IPV6);
}

/* Whether the allowed IPs hold about all addresses: also in two halves, as some write it. */
static bool holds_all(const struct checker *k)
{
	for (size_t i = 0; i < k->n_entries; i++)
		if (k->entries[i].net.cidr <= 1)
			return true;
	return false;
}

static void check_kill_switch(struct checker *k)
{
	const struct place *at = places_next(k->p, "KillSwitch", NULL);
	const struct place *masquerade = places_next(k->p, "Masquerade", NULL);

	if (!k->c->kill_switch || !at)
		return;
	if (k->n_entries && !holds_all(k))
		places_add(k->p, WG_CODE_KILL_SWITCH_PARTIAL, at,
			   "with KillSwitch nothing but the AllowedIPs can be reached, and these are not all "
			   "addresses");
	if (k->c->kill_switch == KILL_SWITCH_BOOT && k->c->resolve.n_jobs)
		places_add(k->p, WG_CODE_KILL_SWITCH_NAME, at,
			   "before the tunnel is up, the kill switch lets no name be looked up, and %s is the name "
			   "of an endpoint", k->c->resolve.jobs->host);
	if (masquerade && k->c->gateway & GATEWAY_MASQUERADE_FROM)
		places_add(k->p, WG_CODE_KILL_SWITCH_FORWARD, masquerade,
			   "KillSwitch drops what comes from the tunnel and leaves by other interfaces");
}

static void check_lan(struct checker *k, const struct entry *e, const struct lan *l)
{
	char net[WG_PREFIX_STRLEN], lan[WG_PREFIX_STRLEN];

	if (e->excluded || !wg_prefix_covers(&e->net, &l->net) || is_excluded(k, e->peer, &l->net))
		return;
	wg_prefix_format(net, &e->net);
	wg_prefix_format(lan, &l->net);
	if (wg_prefix_equal(&e->net, &l->net))
		places_add(k->p, WG_CODE_LAN_IN_TUNNEL, e->place,
			   "%s is a network of %s, too: only one of the two can be reached", lan, l->link);
	else
		places_add(k->p, WG_CODE_LAN_IN_TUNNEL, e->place,
			   "%s is a network of %s: what %s has of it is not sent into the tunnel", lan,
			   l->link, net);
}

static void check_lans(struct checker *k)
{
	for (size_t i = 0; k->routed && !is_apart(k->c) && i < k->n_entries; i++) {
		const struct entry *e = &k->entries[i];

		if (e->net.cidr < (e->net.family == AF_INET6 ? WIDE_IPV6 : WIDE_IPV4))
			continue;
		for (size_t j = 0; j < k->n_lans; j++)
			check_lan(k, e, &k->lans[j]);
	}
}

static void check_hook_characters(struct checker *k)
{
	static const char *const keys[] = {"PreUp", "PostUp", "PreDown", "PostDown"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		for (const struct place *at = places_next(k->p, keys[i], NULL); at;
		     at = places_next(k->p, keys[i], at + 1)) {
			struct place odd = *at;
			struct wg_error err;
			size_t offset;

			if (!wg_conf_check_text(at->text, strlen(at->text), &offset, &err))
				continue;
			odd.column += offset;
			places_add(k->p, WG_CODE_HOOK_CHARACTER, &odd, "in a hook: %s", err.text);
		}
}

void check_rules(const struct config *c, const struct lan *lans, size_t n_lans, struct places *p)
{
	struct checker k = {
		.c = c, .p = p, .lans = lans, .n_lans = n_lans, .routed = c->table_mode == TABLE_AUTO};

	collect_entries(&k);
	/* What is missing may be what was wrong. */
	if (!places_have_error(p)) {
		check_interface(&k);
		check_peers(&k);
	}
	check_peer_keys(&k);
	check_allowed(&k);
	check_exclusions(&k);
	check_routes(&k);
	check_endpoints(&k);
	check_dns(&k);
	check_numbers(&k);
	check_netns(&k);
	check_plan(&k);
	check_kill_switch(&k);
	check_lans(&k);
	check_hook_characters(&k);
	free(k.entries);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* The keys that are wg-quick's, one row each. A parser fails with a sentence that
 * says what was expected, and the offset of the byte that was not. */
#include "config.h"

#include <ctype.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/conf/conf-code.h"
#include "../../lib/conf/conf-text.h"
#include "../../lib/conf/ip-value.h"
#include "../../lib/conf/value.h"
#include "key-file.h"
#include "tables.h"

/* IPv4 needs an MTU of 68, and no IP packet is longer than 65535. */
#define MTU_LEAST 68
#define MTU_MOST  65535
/* The two metrics above it are the kernel's last resort and what a reload holds routes with. */
#define METRIC_MOST (UINT32_MAX - 2)

#define NETNS_DIR "/run/netns" /* where `ip netns` has the namespaces that it names */

static int add_address(struct config *c, const char *s, size_t len, size_t *at,
		       struct wg_error *err)
{
	struct wg_prefix p;

	if (wg_ip_prefix(&p, s, len, at, err))
		return -1;
	*at = 0;
	for (size_t i = 0; i < c->n_addresses; i++)
		if (wg_prefix_equal(&c->addresses[i], &p))
			return wg_conf_wrong(err, WG_CODE_ADDRESS_TWICE,
					     "this address is listed already");
	c->addresses = wg_realloc(c->addresses, c->n_addresses + 1, sizeof(p));
	c->addresses[c->n_addresses++] = p;
	return 0;
}

/* An address's sign is known from AllowedIPs, and here means nothing; and what stands after a space
 * is another address. */
static int parse_address(struct config *c, const char *s, size_t len, size_t *at,
			 struct wg_error *err)
{
	*at = 0;
	if (*s == '+' || *s == '-')
		return wg_conf_wrong(err, WG_CODE_ADDRESS, "expected an address, without `%c'", *s);
	if (*s == '/')
		return wg_conf_wrong(err, WG_CODE_ADDRESS,
				     "expected the prefix length right after its address, without a space");
	if (memchr(s, ';', len)) {
		*at = (size_t)((char *)memchr(s, ';', len) - s);
		return wg_conf_wrong(err, WG_CODE_MISSING_COMMA,
				     "expected \",\" between two addresses, and # before a comment");
	}
	return add_address(c, s, len, at, err);
}

/* A server is what cannot be a domain: only digits and dots, or a colon in it. */
static bool is_server(const char *s, size_t len)
{
	size_t i = 0;

	if (memchr(s, ':', len))
		return true;
	while (i < len && (isdigit((u8)s[i]) || s[i] == '.'))
		i++;
	return i == len;
}

/* An address, maybe with a zone: what every resolvconf takes. */
static bool is_plain_server(const char *s, size_t len)
{
	const char *zone = memchr(s, '%', len);
	struct wg_error ignored;
	u8 family, addr[16];

	return !wg_value_address(&family, addr, s, zone ? (size_t)(zone - s) : len, &ignored);
}

/* What some take besides: a port, brackets, an IPv4 address that is not written out, and ".". */
static bool is_odd_server(const char *s, size_t len)
{
	const char *end = *s == '[' ? memchr(s, ']', len) : memchr(s, ':', len);
	size_t inside = *s == '[', host = (end ? (size_t)(end - s) : len) - inside;
	size_t port = inside + host + inside;
	struct wg_error ignored;
	u8 addr[4];
	size_t at;
	u16 number;

	if (len == 1 && *s == '.')
		return true;
	if (port < len && (s[port] != ':' || !isdigit((u8)s[len - 1]) ||
			   wg_value_port(&number, s + port + 1, len - port - 1, &at, &ignored)))
		return false;
	if (inside)
		return end && memchr(s + 1, ':', host) && is_plain_server(s + 1, host);
	return is_plain_server(s, host) || (!end && wg_ip_short_address(addr, s, host));
}

/* The name of a certificate: of at least two parts, so that it is not a word of a comment. */
static bool is_server_name(const char *s, size_t len)
{
	size_t dots = 0;

	for (size_t i = 0; i < len; i++) {
		bool is_dot = s[i] == '.';

		if (!isalnum((u8)s[i]) && s[i] != '-' && s[i] != '_' && !is_dot)
			return false;
		if (is_dot && (!i || i + 1 == len || s[i - 1] == '.'))
			return false;
		dots += is_dot;
	}
	return dots;
}

/* A server, with the name of its certificate behind a "#" or without. */
static bool is_named_server(const char *s, size_t len)
{
	const char *hash = memchr(s, '#', len);
	size_t host = hash ? (size_t)(hash - s) : len;

	if (!is_plain_server(s, host) && (!is_odd_server(s, host) || *s == '.'))
		return false;
	return !hash || is_server_name(hash + 1, len - host - 1);
}

static bool ends_word(char c)
{
	return c == ',' || isspace((u8)c);
}

/* A word that can follow a server with a name: one without a dot is rather of a comment. */
static bool may_follow(const char *s, size_t len)
{
	return *s == '~' || is_server_name(s, len) || is_named_server(s, len);
}

/* A "#" begins a comment, as everywhere, unless it stands between a server and its name, and all that follows,
 * up to a comment or the end, are servers and domains. */
static size_t dns_extent(const char *s, size_t len, size_t bare)
{
	size_t end = len, from = bare, first = bare;

	while (from && !ends_word(s[from - 1]))
		from--;
	while (first < len && !ends_word(s[first]))
		first++;
	if (!is_named_server(s + from, first - from))
		return bare;
	for (size_t i = bare + 1; i < len && end == len; i++)
		if (s[i] == '#' && ends_word(s[i - 1]))
			end = i;
	while (from < end) {
		size_t word = 0;

		while (from < end && ends_word(s[from]))
			from++;
		while (from + word < end && !ends_word(s[from + word]))
			word++;
		if (word && !may_follow(s + from, word))
			return bare;
		from += word;
	}
	return end;
}

static int parse_dns(struct config *c, const char *s, size_t len, size_t *at, struct wg_error *err)
{
	const char *hash = memchr(s, '#', len);
	size_t whole = len;

	len = hash ? (size_t)(hash - s) : len;
	*at = 0;
	if (!is_server(s, len)) {
		strings_add(&c->dns_search, s, len);
		return 0;
	}
	if (memmem(s, len, "://", 3))
		return wg_conf_wrong(err, WG_CODE_DNS_SERVER,
				     "resolvconf takes no URL: expected the address of a DNS server");
	if (!is_plain_server(s, len)) {
		if (!is_odd_server(s, len))
			return wg_conf_wrong(err, WG_CODE_DNS_SERVER,
					     "expected the IPv4 or IPv6 address of a DNS server");
		if (!c->dns_odd)
			c->dns_odd = wg_strndup(s, len);
	}
	strings_add(&c->dns_servers, s, whole);
	return 0;
}

static int parse_dns_backend(struct config *c, const char *value, size_t len, size_t *at, struct wg_error *err)
{
#define DNS_WORD(constant, word) #word,
	static const char *const words[] = {"auto", DNS_BACKENDS(DNS_WORD) "none", NULL};
#undef DNS_WORD
	size_t chosen;

	if (config_choose(&chosen, words, value, len, at, err))
		return -1;
	c->dns_backend = (enum dns_backend)chosen;
	c->dns_keys = true;
	return 0;
}

static int parse_dns_required(struct config *c, const char *value, size_t len, size_t *at, struct wg_error *err)
{
	bool required;

	if (config_yes_no(&required, value, len, at, err))
		return -1;
	c->dns_optional = !required;
	c->dns_keys = true;
	return 0;
}

static bool is_word(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !memcmp(word, s, len);
}

static bool is_word_of_case(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !strncasecmp(word, s, len);
}

static int parse_mtu(struct config *c, const char *value, size_t len, size_t *at,
		     struct wg_error *err)
{
	u32 mtu = 0;

	*at = 0;
	c->mtu_probe = is_word_of_case("probe", value, len);
	if (!len || c->mtu_probe || (wg_ip_number(&mtu, value, len) && mtu >= MTU_LEAST && mtu <= MTU_MOST)) {
		c->mtu = mtu;
		return 0;
	}
	while (*at < len && isdigit((u8)value[*at]))
		++*at;
	if (*at == len || wg_ip_number(&mtu, value, len))
		*at = 0;
	return wg_conf_wrong(err, WG_CODE_MTU, "expected an MTU from %d to %d, or probe", MTU_LEAST,
			     MTU_MOST);
}

static int parse_table(struct config *c, const char *value, size_t len, size_t *at,
		       struct wg_error *err)
{
	*at = 0;
	if (is_word("off", value, len)) {
		c->table_mode = TABLE_OFF;
	} else if (!len || is_word("auto", value, len)) {
		c->table_mode = TABLE_AUTO;
	} else if (table_parse(&c->table, value, len)) {
		c->table_mode = TABLE_GIVEN;
	} else {
		return wg_conf_wrong(err, WG_CODE_TABLE,
				     "expected off, auto, a table's number or its name in "
				     "/etc/iproute2/rt_tables");
	}
	free(c->table_text);
	c->table_text = len ? wg_strndup(value, len) : NULL;
	return 0;
}

static int parse_save_config(struct config *c, const char *value, size_t len, size_t *at,
			     struct wg_error *err)
{
	*at = 0;
	if (is_word_of_case("true", value, len))
		c->save_config = true;
	else if (is_word_of_case("false", value, len))
		c->save_config = false;
	else
		return wg_conf_wrong(err, WG_CODE_SAVE_CONFIG, "expected true or false");
	return 0;
}

int config_choose(size_t *chosen, const char *const *words, const char *value, size_t len, size_t *at,
		  struct wg_error *err)
{
	char expected[128] = "";
	size_t used, n = 0;

	*at = 0;
	for (; words[n]; n++) {
		if (is_word_of_case(words[n], value, len)) {
			*chosen = n;
			return 0;
		}
		used = strlen(expected);
		snprintf(expected + used, sizeof(expected) - used, "%s%s",
			 !n ? "" : words[n + 1] ? ", " : " or ", words[n]);
	}
	return wg_conf_wrong(err, WG_CODE_CHOICE, "expected %s", expected);
}

int config_yes_no(bool *yes, const char *value, size_t len, size_t *at, struct wg_error *err)
{
	static const char *const words[] = {"yes", "no", NULL};
	size_t no;

	*at = 0;
	if (is_word_of_case("true", value, len) || is_word_of_case("false", value, len)) {
		*yes = len == 4;
		return 0;
	}
	if (config_choose(&no, words, value, len, at, err))
		return -1;
	*yes = !no;
	return 0;
}

/* Reads a key, unless the caller wants none read. With a sink, as for `check`, a credential that systemd
 * has not given to this process may well be there for the unit. */
static int read_key(u8 key[static WG_KEY_LEN], bool *has_key, const struct config *c, const char *value,
		    size_t len, size_t *at, struct wg_error *err)
{
	*at = 0;
	*has_key = !c->no_key_files && !(c->sink && key_file_is_absent_credential(value, len));
	return *has_key ? key_file_read(key, c, value, len, err) : 0;
}

static int key_is_given(const char *which, struct wg_error *err)
{
	return wg_conf_wrong(err, WG_CODE_KEY_TWICE, "expected either %s or %sFile, and each once", which, which);
}

static int parse_private_key_file(struct config *c, const char *value, size_t len, size_t *at,
				  struct wg_error *err)
{
	bool has_key;

	*at = 0;
	if (c->has_key_file || c->dev->flags & WG_DEVICE_HAS_PRIVATE_KEY)
		return key_is_given("PrivateKey", err);
	if (read_key(c->dev->private_key, &has_key, c, value, len, at, err))
		return -1;
	c->has_key_file = true;
	if (has_key)
		c->dev->flags |= WG_DEVICE_HAS_PRIVATE_KEY;
	return 0;
}

static int parse_preshared_key_file(struct config *c, const char *value, size_t len, size_t *at,
				    struct wg_error *err)
{
	struct config_peer *own = config_own_peer(c);
	bool has_key;

	*at = 0;
	if (own->has_key_file || c->reading->flags & WG_PEER_HAS_PRESHARED_KEY)
		return key_is_given("PresharedKey", err);
	if (read_key(c->reading->preshared_key, &has_key, c, value, len, at, err))
		return -1;
	own->has_key_file = true;
	if (has_key)
		c->reading->flags |= WG_PEER_HAS_PRESHARED_KEY;
	return 0;
}

/* One prefix, or "off" alone. */
static int parse_routes(struct config *c, const char *s, size_t len, size_t *at, struct wg_error *err)
{
	struct config_peer *own = config_own_peer(c);
	bool off = len == 3 && !strncasecmp(s, "off", len), first = !own->has_routes;
	struct wg_prefix p = {0};
	char sign = 0;

	if ((off && !first) || (!off && own->has_routes && !own->n_routes)) {
		*at = 0;
		return wg_conf_wrong(err, WG_CODE_ROUTES, "expected either off or prefixes, not both");
	}
	own->has_routes = true;
	if (off)
		return 0;
	if (wg_value_prefix(&sign, &p.family, p.addr, &p.cidr, s, len, at, err)) {
		if (!first || isdigit((u8)*s) || memchr(s, ':', len))
			return -1;
		return wg_conf_wrong(err, WG_CODE_ROUTES, "expected off, or prefixes such as 10.0.0.0/8");
	}
	if (sign) {
		*at = 0;
		return wg_conf_wrong(err, WG_CODE_ROUTES, "expected a prefix, without `%c'", sign);
	}
	wg_prefix_mask(&p);
	own->routes = wg_realloc(own->routes, own->n_routes + 1, sizeof(p));
	own->routes[own->n_routes++] = p;
	return 0;
}

static int parse_route_metric(struct config *c, const char *value, size_t len, size_t *at,
			      struct wg_error *err)
{
	u32 metric;

	*at = 0;
	if (!wg_ip_number(&metric, value, len) || !metric || metric > METRIC_MOST)
		return wg_conf_wrong(err, WG_CODE_ROUTE_METRIC, "expected a metric from 1 to %u", METRIC_MOST);
	config_own_peer(c)->route_metric = metric;
	return 0;
}

/* The length of a quotation mark at `s`, 0 for none: also those that only look like one. */
static size_t quote_length(const char *s, size_t len)
{
	struct wg_error odd;
	size_t at = 1;

	if (len && (*s == '"' || *s == '\''))
		return 1;
	return len >= 3 && wg_conf_check_text(s, 3, &at, &odd) && !at &&
	       odd.reason == WG_CODE_LOOKALIKE && !memcmp(s, "\xe2\x80", 2) && (u8)s[2] >= 0x98 ? 3 : 0;
}

/* bash takes a command in quotes for the name of a program, white space and all. That is meant only
 * where there is such a program. */
static bool is_quoted_command(const char *value, size_t len)
{
	size_t quote = quote_length(value, len);
	const char *end = quote == 1 && len > 1 ? memchr(value + 1, *value, len - 1) : NULL;
	char path[PATH_MAX];

	if (quote != 1)
		return quote;
	if (end != value + len - 1 || len < 3 || len - 2 >= sizeof(path))
		return false;
	memcpy(path, value + 1, len - 2);
	path[len - 2] = '\0';
	/* What bash makes of it is not known here. */
	if (strpbrk(path, "$`\\") || !path[strcspn(path, " \t")] || !access(path, F_OK))
		return false;
	if (*path != '/')
		return true;
	/* A program may be made later. Of a command it is there already. */
	path[strcspn(path, " \t")] = '\0';
	return !access(path, X_OK);
}

static int add_hook(struct config *c, enum hook_phase phase, const char *value, size_t len,
		    size_t *at, struct wg_error *err)
{
	*at = 0;
	if (is_quoted_command(value, len))
		return wg_conf_wrong(err, WG_CODE_QUOTED_HOOK,
				     "a hook in quotation marks is the name of one program to bash: "
				     "expected the command without them");
	if (len)
		strings_add(&c->hooks[phase], value, len);
	return 0;
}

static int parse_hook_timeout(struct config *c, const char *value, size_t len, size_t *at,
			      struct wg_error *err)
{
	u32 seconds = 0;

	*at = 0;
	if (!is_word_of_case("off", value, len) &&
	    (!wg_ip_number(&seconds, value, len) || !seconds || seconds > HOOK_LIMIT_MOST))
		return wg_conf_wrong(err, WG_CODE_HOOK_TIMEOUT,
				     "expected off, or a number of seconds from 1 to %d", HOOK_LIMIT_MOST);
	c->hook_limit = (struct hook_limit){.given = true, .seconds = seconds};
	return 0;
}

/* A file name, as `ip netns` takes it, or a path from the root. */
static int parse_netns(char **out, const char *value, size_t len, size_t *at, struct wg_error *err)
{
	bool path = len > 1 && *value == '/' && value[len - 1] != '/';
	bool name = len && len <= NAME_MAX && !strchr(".-", *value) && !memchr(value, '/', len);

	*at = 0;
	if (!path && !name)
		return wg_conf_wrong(err, WG_CODE_NETNS, "expected the name of a network namespace, or its path");
	while (*at < len && !isspace((u8)value[*at]))
		++*at;
	if (*at < len)
		return wg_conf_wrong(err, WG_CODE_NETNS, "expected one network namespace, without a space");
	*at = 0;
	free(*out);
	/* What `ip netns` has named has a name. */
	if (path && len > strlen(NETNS_DIR) + 1 && !memcmp(value, NETNS_DIR "/", strlen(NETNS_DIR) + 1) &&
	    !memchr(value + strlen(NETNS_DIR) + 1, '/', len - strlen(NETNS_DIR) - 1)) {
		value += strlen(NETNS_DIR) + 1;
		len -= strlen(NETNS_DIR) + 1;
	}
	*out = wg_strndup(value, len);
	return 0;
}

static int parse_namespace(struct config *c, const char *value, size_t len, size_t *at, struct wg_error *err)
{
	return parse_netns(&c->netns, value, len, at, err);
}

static int parse_underlay(struct config *c, const char *value, size_t len, size_t *at, struct wg_error *err)
{
	return parse_netns(&c->underlay, value, len, at, err);
}

#define HOOK_PARSER(name, phase)                                                            \
	static int name(struct config *c, const char *value, size_t len, size_t *at,        \
			struct wg_error *err)                                               \
	{                                                                                   \
		return add_hook(c, phase, value, len, at, err);                             \
	}

HOOK_PARSER(parse_pre_up, HOOK_PRE_UP)
HOOK_PARSER(parse_post_up, HOOK_POST_UP)
HOOK_PARSER(parse_pre_down, HOOK_PRE_DOWN)
HOOK_PARSER(parse_post_down, HOOK_POST_DOWN)

static int parse_endpoint_resolution(struct config *c, const char *value, size_t len, size_t *at,
				     struct wg_error *err)
{
	static const char *const words[] = {
		[RESOLUTION_AUTO] = "auto",
		[RESOLUTION_WAIT] = "wait",
		[RESOLUTION_BACKGROUND] = "background",
		NULL,
	};
	size_t chosen;

	if (config_choose(&chosen, words, value, len, at, err))
		return -1;
	c->endpoint_resolution = (enum endpoint_resolution)chosen;
	return 0;
}

static int parse_failover(struct config *c, const char *value, size_t len, size_t *at, struct wg_error *err)
{
	return config_yes_no(&c->failover, value, len, at, err);
}

static int parse_kill_switch(struct config *c, const char *value, size_t len, size_t *at,
			     struct wg_error *err)
{
	static const char *const words[] = {
		[KILL_SWITCH_NO] = "no",   [KILL_SWITCH_YES] = "yes", [KILL_SWITCH_LAN] = "lan",
		[KILL_SWITCH_BOOT] = "boot", NULL};
	size_t chosen;

	if (config_choose(&chosen, words, value, len, at, err))
		return -1;
	c->kill_switch = (enum kill_switch)chosen;
	return 0;
}

static int parse_masquerade(struct config *c, const char *value, size_t len, size_t *at,
			    struct wg_error *err)
{
	static const char *const words[] = {"no", "yes", "into", "both", NULL};
	static const u32 flags[] = {0, GATEWAY_MASQUERADE_FROM, GATEWAY_MASQUERADE_INTO,
				    GATEWAY_MASQUERADE_FROM | GATEWAY_MASQUERADE_INTO};
	size_t chosen;

	if (config_choose(&chosen, words, value, len, at, err))
		return -1;
	c->gateway = (c->gateway & GATEWAY_CLAMP_MSS) | flags[chosen];
	return 0;
}

static int parse_forward(struct config *c, const char *value, size_t len, size_t *at, struct wg_error *err)
{
	return config_yes_no(&c->forward, value, len, at, err);
}

static int parse_clamp_mss(struct config *c, const char *value, size_t len, size_t *at,
			   struct wg_error *err)
{
	bool yes;

	if (config_yes_no(&yes, value, len, at, err))
		return -1;
	c->gateway = (c->gateway & ~(u32)GATEWAY_CLAMP_MSS) | (yes ? GATEWAY_CLAMP_MSS : 0);
	return 0;
}

#define INTERFACE(name, parse)      {name, NULL, WG_SECTION_INTERFACE, false, false, parse, NULL}
#define INTERFACE_LIST(name, parse) {name, NULL, WG_SECTION_INTERFACE, false, true, parse, NULL}
#define INTERFACE_RAW(name, parse)  {name, NULL, WG_SECTION_INTERFACE, true, false, parse, NULL}
#define PEER(name, parse)           {name, NULL, WG_SECTION_PEER, false, false, parse, NULL}
#define PEER_LIST(name, parse)      {name, NULL, WG_SECTION_PEER, false, true, parse, NULL}

const struct config_key config_keys[] = {
	INTERFACE_LIST("Address", parse_address),
	{"DNS", NULL, WG_SECTION_INTERFACE, false, true, parse_dns, dns_extent},
	INTERFACE("MTU", parse_mtu),
	INTERFACE("Table", parse_table),
	INTERFACE("SaveConfig", parse_save_config),
	INTERFACE_RAW("PreUp", parse_pre_up),
	INTERFACE_RAW("PostUp", parse_post_up),
	INTERFACE_RAW("PreDown", parse_pre_down),
	INTERFACE_RAW("PostDown", parse_post_down),
	INTERFACE("EndpointResolution", parse_endpoint_resolution),
	INTERFACE("Failover", parse_failover),
	{"PrivateKeyFile", "PrivateKey", WG_SECTION_INTERFACE, false, false, parse_private_key_file, NULL},
	{"PresharedKeyFile", "PresharedKey", WG_SECTION_PEER, false, false, parse_preshared_key_file, NULL},
	PEER_LIST("Routes", parse_routes),
	PEER("RouteMetric", parse_route_metric),
	INTERFACE("KillSwitch", parse_kill_switch),
	INTERFACE("Masquerade", parse_masquerade),
	INTERFACE("Forward", parse_forward),
	INTERFACE("ClampMSS", parse_clamp_mss),
	INTERFACE("HookTimeout", parse_hook_timeout),
	INTERFACE("Namespace", parse_namespace),
	INTERFACE("UnderlayNamespace", parse_underlay),
	INTERFACE("DNSBackend", parse_dns_backend),
	INTERFACE("DNSRequired", parse_dns_required),
	{NULL, NULL, WG_SECTION_INTERFACE, false, false, NULL, NULL},
};

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
#include "tables.h"

/* IPv4 needs an MTU of 68, and no IP packet is longer than 65535. */
#define MTU_LEAST 68
#define MTU_MOST  65535

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

static int parse_dns(struct config *c, const char *s, size_t len, size_t *at, struct wg_error *err)
{
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
	strings_add(&c->dns_servers, s, len);
	return 0;
}

static int parse_mtu(struct config *c, const char *value, size_t len, size_t *at,
		     struct wg_error *err)
{
	u32 mtu = 0;

	*at = 0;
	if (!len || (wg_ip_number(&mtu, value, len) && mtu >= MTU_LEAST && mtu <= MTU_MOST)) {
		c->mtu = mtu;
		return 0;
	}
	while (*at < len && isdigit((u8)value[*at]))
		++*at;
	if (*at == len || wg_ip_number(&mtu, value, len))
		*at = 0;
	return wg_conf_wrong(err, WG_CODE_MTU, "expected an MTU from %d to %d", MTU_LEAST, MTU_MOST);
}

static bool is_word(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !memcmp(word, s, len);
}

static bool is_word_of_case(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !strncasecmp(word, s, len);
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

#define INTERFACE(name, parse)      {WG_SECTION_INTERFACE, name, false, false, parse}
#define INTERFACE_LIST(name, parse) {WG_SECTION_INTERFACE, name, false, true, parse}
#define INTERFACE_RAW(name, parse)  {WG_SECTION_INTERFACE, name, true, false, parse}

const struct config_key config_keys[] = {
	INTERFACE_LIST("Address", parse_address),
	INTERFACE_LIST("DNS", parse_dns),
	INTERFACE("MTU", parse_mtu),
	INTERFACE("Table", parse_table),
	INTERFACE("SaveConfig", parse_save_config),
	INTERFACE_RAW("PreUp", parse_pre_up),
	INTERFACE_RAW("PostUp", parse_post_up),
	INTERFACE_RAW("PreDown", parse_pre_down),
	INTERFACE_RAW("PostDown", parse_post_down),
	INTERFACE("EndpointResolution", parse_endpoint_resolution),
	INTERFACE("Failover", parse_failover),
	INTERFACE("HookTimeout", parse_hook_timeout),
	INTERFACE("Namespace", parse_namespace),
	INTERFACE("UnderlayNamespace", parse_underlay),
	{WG_SECTION_INTERFACE, NULL, false, false, NULL},
};

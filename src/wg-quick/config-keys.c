/* SPDX-License-Identifier: GPL-2.0 */
/* The keys of [Interface] that are wg-quick's, one row each. A parser fails with a sentence that
 * says what was expected, and the offset of the byte that was not. */
#include "config.h"

#include <ctype.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../lib/alloc.h"
#include "../lib/value.h"
#include "tables.h"

/* IPv4 needs an MTU of 68, and no IP packet is longer than 65535. */
#define MTU_LEAST 68
#define MTU_MOST  65535

/* Takes the next word of a list parted by commas and white space; *at is its offset. */
static bool next_word(const char *s, size_t len, size_t *at, size_t *word_len)
{
	while (*at < len && (s[*at] == ',' || isspace((u8)s[*at])))
		++*at;
	*word_len = 0;
	while (*at + *word_len < len && s[*at + *word_len] != ',' &&
	       !isspace((u8)s[*at + *word_len]))
		++*word_len;
	return *word_len;
}

static int add_address(struct config *c, const char *s, size_t len, size_t *at,
		       struct wg_error *err)
{
	struct wg_prefix p = { 0 };
	char sign;

	*at = 0;
	if (wg_value_prefix(&sign, &p.family, p.addr, &p.cidr, s, len, at, err))
		return -1;
	if (sign) {
		*at = 0;
		return wg_error_set(err, "expected an address, without `%c'", sign);
	}
	for (size_t i = 0; i < c->n_addresses; i++)
		if (wg_prefix_equal(&c->addresses[i], &p)) {
			*at = 0;
			return wg_error_set(err, "this address is listed already");
		}
	c->addresses = wg_realloc(c->addresses, c->n_addresses + 1, sizeof(p));
	c->addresses[c->n_addresses++] = p;
	return 0;
}

static int parse_address(struct config *c, const char *value, size_t len, size_t *at,
			 struct wg_error *err)
{
	size_t word, word_len;

	for (word = 0; next_word(value, len, &word, &word_len); word += word_len)
		if (add_address(c, value + word, word_len, at, err)) {
			*at += word;
			return -1;
		}
	return 0;
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

static int parse_dns(struct config *c, const char *value, size_t len, size_t *at,
		     struct wg_error *err)
{
	size_t word_len;

	for (*at = 0; next_word(value, len, at, &word_len); *at += word_len) {
		const char *s = value + *at;
		const char *zone = memchr(s, '%', word_len);
		u8 family, addr[16];

		if (!is_server(s, word_len)) {
			strings_add(&c->dns_search, s, word_len);
			continue;
		}
		if (wg_value_address(&family, addr, s, zone ? (size_t)(zone - s) : word_len, err))
			return -1;
		strings_add(&c->dns_servers, s, word_len);
	}
	return 0;
}

static int parse_mtu(struct config *c, const char *value, size_t len, size_t *at,
		     struct wg_error *err)
{
	u32 mtu = 0;

	for (*at = 0; *at < len && isdigit((u8)value[*at]) && mtu <= MTU_MOST; ++*at)
		mtu = mtu * 10 + (u32)(value[*at] - '0');
	if (!len || (*at == len && mtu >= MTU_LEAST && mtu <= MTU_MOST)) {
		c->mtu = mtu;
		return 0;
	}
	if (*at == len || mtu > MTU_MOST)
		*at = 0;
	return wg_error_set(err, "expected an MTU from %d to %d", MTU_LEAST, MTU_MOST);
}

static bool is_word(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !memcmp(word, s, len);
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
		return wg_error_set(err, "expected off, auto, a table's number or its name in "
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
	if (len == 4 && !strncasecmp(value, "true", len))
		c->save_config = true;
	else if (len == 5 && !strncasecmp(value, "false", len))
		c->save_config = false;
	else
		return wg_error_set(err, "expected true or false");
	return 0;
}

static int add_hook(struct config *c, enum hook_phase phase, const char *value, size_t len,
		    size_t *at)
{
	*at = 0;
	if (len)
		strings_add(&c->hooks[phase], value, len);
	return 0;
}

#define HOOK_PARSER(name, phase)                                                            \
	static int name(struct config *c, const char *value, size_t len, size_t *at,        \
			struct wg_error *err)                                               \
	{                                                                                   \
		(void)err;                                                                  \
		return add_hook(c, phase, value, len, at);                                  \
	}

HOOK_PARSER(parse_pre_up, HOOK_PRE_UP)
HOOK_PARSER(parse_post_up, HOOK_POST_UP)
HOOK_PARSER(parse_pre_down, HOOK_PRE_DOWN)
HOOK_PARSER(parse_post_down, HOOK_POST_DOWN)

const struct config_key config_keys[] = {
	{ "Address", false, parse_address },
	{ "DNS", false, parse_dns },
	{ "MTU", false, parse_mtu },
	{ "Table", false, parse_table },
	{ "SaveConfig", false, parse_save_config },
	{ "PreUp", true, parse_pre_up },
	{ "PostUp", true, parse_post_up },
	{ "PreDown", true, parse_pre_down },
	{ "PostDown", true, parse_post_down },
	{ NULL, false, NULL },
};

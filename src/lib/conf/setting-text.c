// SPDX-License-Identifier: GPL-2.0
#include "setting-text.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include "../base/encoding.h"
#include "../base/prefix.h"
#include "../base/secret.h"
#include "value.h"

/* The text that is parsed. */
struct text {
	const char *s;
	size_t len;
	size_t *at; /* receives the offset of a mistake */
};

struct text_ops {
	int (*parse)(const struct wg_setting *s, const struct wg_setting_target *to, void *field,
		     const struct text *t, struct wg_error *err);
	void (*print)(FILE *f, const void *field);
};

static int parse_key(const struct wg_setting *s, const struct wg_setting_target *to, void *field,
		     const struct text *t, struct wg_error *err)
{
	(void)s;
	(void)to;
	return wg_value_key(field, t->s, t->len, t->at, err);
}

static void print_key(FILE *f, const void *field)
{
	char text[WG_KEY_BASE64_LEN + 1];

	wg_key_to_base64(text, field);
	fputs_unlocked(text, f);
	wg_secret_wipe(text, sizeof(text));
}

static int parse_port(const struct wg_setting *s, const struct wg_setting_target *to, void *field,
		      const struct text *t, struct wg_error *err)
{
	(void)s;
	(void)to;
	return wg_value_port(field, t->s, t->len, t->at, err);
}

static int parse_interval(const struct wg_setting *s, const struct wg_setting_target *to, void *field,
			  const struct text *t, struct wg_error *err)
{
	(void)to;
	return wg_value_interval(field, s->noun, t->s, t->len, t->at, err);
}

static void print_u16(FILE *f, const void *field)
{
	fprintf(f, "%u", *(const u16 *)field);
}

static int parse_mark(const struct wg_setting *s, const struct wg_setting_target *to, void *field,
		      const struct text *t, struct wg_error *err)
{
	(void)to;
	return wg_value_mark(field, s->noun, t->s, t->len, t->at, err);
}

static void print_mark(FILE *f, const void *field)
{
	fprintf(f, "%#x", *(const u32 *)field);
}

static int parse_endpoint(const struct wg_setting *s, const struct wg_setting_target *to, void *field,
			  const struct text *t, struct wg_error *err)
{
	(void)s;
	(void)field;
	return wg_value_endpoint(to->peer, t->s, t->len, to->resolve, to->file, to->line, t->at, err);
}

/* An address, "%" and a zone. */
#define HOST_STRLEN (INET6_ADDRSTRLEN + 1 + IFNAMSIZ)

/* Formats the address of an endpoint where getnameinfo fails, with the zone as a number: without an
 * address the line of a file could not be read again. */
static void format_host(char host[static HOST_STRLEN], const union wg_endpoint *e)
{
	size_t len;

	if (e->addr.sa_family == AF_INET) {
		inet_ntop(AF_INET, &e->addr4.sin_addr, host, HOST_STRLEN);
		return;
	}
	inet_ntop(AF_INET6, &e->addr6.sin6_addr, host, HOST_STRLEN);
	len = strlen(host);
	if (e->addr6.sin6_scope_id)
		snprintf(host + len, HOST_STRLEN - len, "%%%u", e->addr6.sin6_scope_id);
}

static void print_endpoint(FILE *f, const void *field)
{
	const union wg_endpoint *e = field;
	char host[HOST_STRLEN];
	bool six = e->addr.sa_family == AF_INET6;

	if (getnameinfo(&e->addr, six ? sizeof(e->addr6) : sizeof(e->addr4), host, sizeof(host), NULL, 0,
			NI_NUMERICHOST))
		format_host(host, e);
	fprintf(f, six ? "[%s]:%u" : "%s:%u", host, ntohs(six ? e->addr6.sin6_port : e->addr4.sin_port));
}

static int parse_allowedips(const struct wg_setting *s, const struct wg_setting_target *to, void *field,
			    const struct text *t, struct wg_error *err)
{
	(void)s;
	(void)field;
	return wg_value_allowedips(to->dev, to->peer, t->s, t->len, to->log, t->at, err);
}

static void print_allowedips(FILE *f, const void *field)
{
	const struct wg_allowedip *first = *(struct wg_allowedip *const *)field;

	for (const struct wg_allowedip *a = first; a; a = a->next) {
		struct wg_prefix p = {.family = a->family, .cidr = a->cidr};
		char text[WG_PREFIX_STRLEN];

		memcpy(p.addr, a->addr, wg_family_len(a->family));
		if (a != first)
			fputs_unlocked(", ", f);
		fputs_unlocked(wg_prefix_format(text, &p), f);
	}
}

static const struct text_ops types[WG_TYPES] = {
	[WG_TYPE_PUBLIC_KEY] = {parse_key, print_key},
	[WG_TYPE_PRIVATE_KEY] = {parse_key, print_key},
	[WG_TYPE_PRESHARED_KEY] = {parse_key, print_key},
	[WG_TYPE_PORT] = {parse_port, print_u16},
	[WG_TYPE_MARK] = {parse_mark, print_mark},
	[WG_TYPE_INTERVAL] = {parse_interval, print_u16},
	[WG_TYPE_ENDPOINT] = {parse_endpoint, print_endpoint},
	[WG_TYPE_ALLOWEDIPS] = {parse_allowedips, print_allowedips},
};

int wg_setting_parse(const struct wg_setting *s, const struct wg_setting_target *to, const char *value,
		     size_t len, size_t *at, struct wg_error *err)
{
	void *object = s->section == WG_SECTION_PEER ? (void *)to->peer : to->dev;
	const struct text t = {value, len, at};

	wg_setting_set_flag(s, object, true);
	return types[s->type].parse(s, to, wg_setting_field(s, object), &t, err);
}

void wg_setting_print(FILE *f, const struct wg_setting *s, const void *object)
{
	types[s->type].print(f, wg_setting_value(s, object));
}

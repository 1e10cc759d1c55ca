/* SPDX-License-Identifier: GPL-2.0 */
/* Steps as lines of the journal: a word for the kind, its fields separated by single spaces, and
 * at the end, where there is one, a free text. Backslash and control bytes are written as \xHH (a
 * space too where a field follows), so that a line stays a line whatever a hook is made of.
 * Reading accepts exactly what writing makes: anything else is "not a step of ours". */
#include "step.h"

#include <stdlib.h>
#include <string.h>
#include "../../lib/alloc.h"

static const char *const kinds[] = {
	[STEP_LINK] = "link",	    [STEP_HOOK] = "hook",	[STEP_DEVICE] = "device",
	[STEP_ADDRESS] = "address", [STEP_LINK_UP] = "link-up", [STEP_DNS] = "dns",
	[STEP_ROUTE] = "route",	    [STEP_FWMARK] = "fwmark",	[STEP_RULE] = "rule",
	[STEP_SYSCTL] = "sysctl",   [STEP_FIREWALL] = "firewall",
};

static const char *const phases[HOOK_PHASES] = {
	[HOOK_PRE_UP] = "PreUp",
	[HOOK_POST_UP] = "PostUp",
	[HOOK_PRE_DOWN] = "PreDown",
	[HOOK_POST_DOWN] = "PostDown",
};

static void write_text(FILE *f, const char *s, bool field)
{
	for (; *s; s++) {
		u8 c = (u8)*s;

		if (c < ' ' || c == '\\' || c == 0x7f || (c == ' ' && field))
			fprintf(f, "\\x%02x", c);
		else
			putc(c, f);
	}
}

static void write_prefix(FILE *f, const struct wg_prefix *p)
{
	char text[WG_PREFIX_STRLEN];

	fprintf(f, " %s", wg_prefix_format(text, p));
}

static void write_rule(FILE *f, const struct wg_rule *r)
{
	fprintf(f, " %d protocol %u %s priority %u table %u fwmark %u %u suppress %d",
		r->family == AF_INET6 ? 6 : 4, r->protocol, r->invert ? "not" : "from", r->priority,
		r->table, r->fwmark, r->fwmask, r->suppress_prefixlength);
}

static void write_firewall(FILE *f, const struct step *s)
{
	fprintf(f, " %d %u", s->family == AF_INET6 ? 6 : 4, s->fwmark);
	for (size_t i = 0; i < s->n_addresses; i++)
		write_prefix(f, &s->addresses[i]);
}

static void write_fields(FILE *f, const struct step *s)
{
	switch (s->kind) {
	case STEP_LINK:
		break;
	case STEP_HOOK:
		fprintf(f, " %s ", phases[s->phase]);
		write_text(f, s->command, false);
		break;
	case STEP_DEVICE:
		putc(' ', f);
		write_text(f, s->command, false);
		break;
	case STEP_ADDRESS:
		write_prefix(f, &s->prefix);
		break;
	case STEP_LINK_UP:
		fprintf(f, " %u", s->mtu);
		break;
	case STEP_DNS:
		putc(' ', f);
		write_text(f, s->dns_name, true);
		putc(' ', f);
		write_text(f, s->dns, false);
		break;
	case STEP_ROUTE:
		write_prefix(f, &s->route.dst);
		fprintf(f, " table %u protocol %u", s->route.table, s->route.protocol);
		break;
	case STEP_FWMARK:
		fprintf(f, " %u", s->fwmark);
		break;
	case STEP_RULE:
		write_rule(f, &s->rule);
		break;
	case STEP_SYSCTL:
		fputs(s->was_off ? " was-off" : " was-on", f);
		break;
	case STEP_FIREWALL:
		write_firewall(f, s);
		break;
	}
}

void step_write(FILE *f, const struct step *s)
{
	fputs(kinds[s->kind], f);
	write_fields(f, s);
	putc('\n', f);
}

/* What is left of the line; `s` is NULL after its last field. */
struct cursor {
	const char *s;
	size_t len;
};

/* Takes the next field. False where there is none. */
static bool take(struct cursor *c, const char **field, size_t *len)
{
	const char *space;

	if (!c->s)
		return false;
	space = memchr(c->s, ' ', c->len);
	*field = c->s;
	*len = space ? (size_t)(space - c->s) : c->len;
	c->s = space ? space + 1 : NULL;
	c->len = space ? c->len - *len - 1 : 0;
	return true;
}

static bool equal(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !memcmp(word, s, len);
}

static bool take_word(struct cursor *c, const char *word)
{
	const char *s;
	size_t len;

	return take(c, &s, &len) && equal(word, s, len);
}

/* Index of the next field in `words`, or -1. */
static int take_index(struct cursor *c, const char *const *words, size_t n)
{
	const char *s;
	size_t len;

	if (!take(c, &s, &len))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (equal(words[i], s, len))
			return (int)i;
	return -1;
}

static bool take_number(struct cursor *c, u32 *value, u32 max)
{
	const char *s;
	size_t len;
	u64 v = 0;

	if (!take(c, &s, &len) || !len || len > 10 || (len > 1 && *s == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		v = v * 10 + (u64)(s[i] - '0');
	}
	*value = (u32)v;
	return v <= max;
}

static bool take_u8(struct cursor *c, u8 *value)
{
	u32 v;

	if (!take_number(c, &v, UINT8_MAX))
		return false;
	*value = (u8)v;
	return true;
}

static bool take_family(struct cursor *c, u8 *family)
{
	static const char *const digits[] = { "4", "6" };
	int i = take_index(c, digits, 2);

	*family = i == 1 ? AF_INET6 : AF_INET;
	return i >= 0;
}

static bool take_prefix(struct cursor *c, struct wg_prefix *p)
{
	char text[WG_PREFIX_STRLEN], back[WG_PREFIX_STRLEN];
	struct cursor cidr;
	const char *s;
	char *slash;
	size_t len;
	u32 max;

	if (!take(c, &s, &len) || len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	slash = strchr(text, '/');
	if (!slash)
		return false;
	*slash = '\0';
	*p = (struct wg_prefix){ .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	cidr = (struct cursor){ slash + 1, strlen(slash + 1) };
	if (inet_pton(p->family, text, p->addr) != 1 ||
	    !take_number(&cidr, &max, p->family == AF_INET6 ? 128 : 32))
		return false;
	p->cidr = (u8)max;
	*slash = '/';
	return equal(wg_prefix_format(back, p), text, len);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* Undoes write_text. NULL where that cannot have written it. */
static char *unescape(const char *s, size_t len, bool field)
{
	char *out = wg_alloc(len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int c = (u8)s[i];
		bool escaped = c == '\\' && len - i >= 4 && s[i + 1] == 'x' &&
			       hex_digit(s[i + 2]) >= 0 && hex_digit(s[i + 3]) >= 0;

		if (escaped) {
			c = hex_digit(s[i + 2]) * 16 + hex_digit(s[i + 3]);
			i += 3;
		}
		if (!c || escaped != (c < ' ' || c == '\\' || c == 0x7f || (c == ' ' && field))) {
			string_wipe(&out);
			return NULL;
		}
		out[n++] = (char)c;
	}
	return out;
}

static bool take_field_text(struct cursor *c, char **text)
{
	const char *s;
	size_t len;

	if (!take(c, &s, &len))
		return false;
	*text = unescape(s, len, true);
	return *text;
}

/* All that is left. */
static bool take_text(struct cursor *c, char **text)
{
	if (!c->s)
		return false;
	*text = unescape(c->s, c->len, false);
	c->s = NULL;
	return *text;
}

static bool take_rule(struct cursor *c, struct wg_rule *r)
{
	static const char *const senses[] = { "from", "not" };
	struct cursor minus;
	u32 suppress;
	int sense;

	if (!take_family(c, &r->family) || !take_word(c, "protocol") || !take_u8(c, &r->protocol))
		return false;
	sense = take_index(c, senses, 2);
	r->invert = sense == 1;
	if (sense < 0 || !take_word(c, "priority") || !take_number(c, &r->priority, UINT32_MAX) ||
	    !take_word(c, "table") || !take_number(c, &r->table, UINT32_MAX) ||
	    !take_word(c, "fwmark") || !take_number(c, &r->fwmark, UINT32_MAX) ||
	    !take_number(c, &r->fwmask, UINT32_MAX) || !take_word(c, "suppress"))
		return false;
	minus = *c;
	r->suppress_prefixlength = -1;
	if (take_word(&minus, "-1")) {
		*c = minus;
		return true;
	}
	if (!take_number(c, &suppress, INT32_MAX))
		return false;
	r->suppress_prefixlength = (s32)suppress;
	return true;
}

static bool take_firewall(struct cursor *c, struct step *s)
{
	if (!take_family(c, &s->family) || !take_number(c, &s->fwmark, UINT32_MAX))
		return false;
	while (c->s) {
		s->addresses =
			wg_realloc(s->addresses, s->n_addresses + 1, sizeof(*s->addresses));
		if (!take_prefix(c, &s->addresses[s->n_addresses++]))
			return false;
	}
	return true;
}

static bool take_hook(struct cursor *c, struct step *s)
{
	int phase = take_index(c, phases, HOOK_PHASES);

	if (phase < 0)
		return false;
	s->phase = (enum hook_phase)phase;
	return take_text(c, &s->command);
}

static bool take_sysctl(struct cursor *c, struct step *s)
{
	static const char *const states[] = { "was-on", "was-off" };
	int state = take_index(c, states, 2);

	s->was_off = state == 1;
	return state >= 0;
}

static bool take_route(struct cursor *c, struct wg_route *r)
{
	return take_prefix(c, &r->dst) && take_word(c, "table") &&
	       take_number(c, &r->table, UINT32_MAX) && take_word(c, "protocol") &&
	       take_u8(c, &r->protocol);
}

static bool take_fields(struct cursor *c, struct step *s)
{
	switch (s->kind) {
	case STEP_LINK:
		return true;
	case STEP_HOOK:
		return take_hook(c, s);
	case STEP_DEVICE:
		return take_text(c, &s->command);
	case STEP_ADDRESS:
		return take_prefix(c, &s->prefix);
	case STEP_LINK_UP:
		return take_number(c, &s->mtu, UINT32_MAX);
	case STEP_DNS:
		return take_field_text(c, &s->dns_name) && take_text(c, &s->dns);
	case STEP_ROUTE:
		return take_route(c, &s->route);
	case STEP_FWMARK:
		return take_number(c, &s->fwmark, UINT32_MAX);
	case STEP_RULE:
		return take_rule(c, &s->rule);
	case STEP_SYSCTL:
		return take_sysctl(c, s);
	case STEP_FIREWALL:
		return take_firewall(c, s);
	}
	return false;
}

bool step_read(struct step *s, const char *line, size_t len)
{
	struct cursor c = { line, len };
	int kind = take_index(&c, kinds, sizeof(kinds) / sizeof(*kinds));

	*s = (struct step){ 0 };
	if (kind < 0)
		return false;
	s->kind = (enum step_kind)kind;
	if (take_fields(&c, s) && !c.s)
		return true;
	step_wipe(s);
	return false;
}

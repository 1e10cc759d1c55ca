// SPDX-License-Identifier: GPL-2.0
/* What a state file says. Lines of one word, or a word and its argument:
 *
 *	wg-quick 1			the format's version; always the first line
 *	world BOOT NETNS		where the tunnel lives
 *	name IFNAME
 *	place NETNS PATH		the network namespace in which its interface is, if the file has one
 *	underlay PATH			that in which the interface was made, if the file has one
 *	config PATH			%XX for control characters and %
 *	key PUBLICKEY			the device's, of the file's private key
 *	save				SaveConfig was on
 *	later STEP			a PreDown or PostDown hook
 *	hook-timeout SECONDS		how long each of them may take, where the file says it
 *	no-hooks			`up` was told to run none
 *	claim STEP			a rule whose priority and table are taken, and not yet begun
 *	step STEP			begun, in this order
 *	link IFINDEX kernel|userspace	the link exists
 *	adopted				the list is of what was recognised: it may lack steps
 *	no-firewall | dns-refused | done | complete | down | hook-run
 *
 * Releases before 2026-12 know no "place", "underlay", "hook-timeout" and "no-hooks", which only stand where the
 * file or the user asked for them, and have no "claim": they begin with the steps of the rules that they claim. Such
 * a release takes a journal with "claim" lines, with "adopted", "key", "dns-refused" or a step "hold-address" for
 * damaged, and goes by what else it reads and by what is there: claims stay after `up`, until state_write replaces
 * the text.
 *
 * An unknown word is an error rather than skipped: acting on a state that is half understood would
 * leave the rest behind. */
#include "journal.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "../../crypto/curve25519.h"
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/encoding.h"
#include "../host/hooks.h"
#include "../host/netns.h"
#include "../steps/ops.h"

#define STATE_VERSION "wg-quick 1"

void state_wipe(struct state *st)
{
	strings_wipe(&st->down_hooks[0]);
	strings_wipe(&st->down_hooks[1]);
	free(st->place_path);
	free(st->underlay);
	plan_wipe(&st->claims);
	plan_wipe(&st->steps);
	*st = (struct state){0};
}

static void write_escaped(FILE *f, const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == '%' || *s == 0x7f)
			fprintf(f, "%%%02x", (unsigned char)*s);
		else
			fputc(*s, f);
	}
}

static bool unescape(char *out, size_t size, const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '%') {
			char hex[3] = {0}, *end;

			if (len - i < 3)
				return false;
			memcpy(hex, s + i + 1, 2);
			c = (char)strtoul(hex, &end, 16);
			if (end != hex + 2 || !c)
				return false;
			i += 2;
		}
		if (n + 1 >= size)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

static void write_place(FILE *f, u64 place, const char *path, const char *underlay)
{
	if (place && path) {
		fprintf(f, "place %" PRIu64 " ", place);
		write_escaped(f, path);
		putc('\n', f);
	}
	if (underlay) {
		fputs("underlay ", f);
		write_escaped(f, underlay);
		putc('\n', f);
	}
}

/* `public_key`: zeros are not written. */
static void write_head(FILE *f, const char *name, const char *config, const u8 public_key[static WG_KEY_LEN],
		       bool save_config, const struct world *w)
{
	char key[WG_KEY_BASE64_LEN + 1];

	fprintf(f, "%s\nworld %s %" PRIu64 "\nname %s\nconfig ", STATE_VERSION,
		w->boot[0] ? w->boot : "-", w->netns, name);
	write_escaped(f, config);
	fputc('\n', f);
	if (!wg_key_is_zero(public_key)) {
		wg_key_to_base64(key, public_key);
		fprintf(f, "key %s\n", key);
	}
	if (save_config)
		fputs("save\n", f);
}

static void write_down_hooks(FILE *f, const struct strings hooks[static 2], bool none,
			     const struct hook_limit *limit)
{
	if (none)
		fputs("no-hooks\n", f);
	if (limit->given)
		fprintf(f, "hook-timeout %u\n", limit->seconds);
	for (int k = 0; k < 2; k++) {
		for (size_t i = 0; i < hooks[k].n; i++) {
			const struct step s = {.kind = STEP_HOOK,
					       .phase = (enum hook_phase)(HOOK_PRE_DOWN + k),
					       .command = hooks[k].s[i]};

			fputs("later ", f);
			step_write(f, &s);
		}
	}
}

void state_write_head(FILE *f, const struct config *c, const struct world *w)
{
	struct strings hooks[2] = {0};
	u8 public_key[WG_KEY_LEN] = {0};
	cleanup(free_ptr) char *place = c->netns ? netns_path(c->netns) : NULL;
	cleanup(free_ptr) char *underlay = c->underlay ? netns_path(c->underlay) : NULL;

	if (c->dev && c->dev->flags & WG_DEVICE_HAS_PRIVATE_KEY)
		wg_curve25519_public(public_key, c->dev->private_key);
	write_head(f, c->name, c->path, public_key, c->save_config, w);
	write_place(f, place ? netns_cookie() : 0, place, underlay);
	hooks_for_down(hooks, c);
	write_down_hooks(f, hooks, c->no_hooks, &c->hook_limit);
	strings_wipe(&hooks[0]);
	strings_wipe(&hooks[1]);
}

void state_write(FILE *f, const struct state *st, const struct world *w)
{
	bool skipped = false;

	write_head(f, st->name, st->config, st->public_key, st->save_config, w);
	write_place(f, st->place, st->place_path, st->underlay);
	write_down_hooks(f, st->down_hooks, st->no_hooks, &st->hook_limit);
	if (st->adopted)
		fputs("adopted\n", f);
	if (st->ifindex)
		fprintf(f, "link %u %s\n", st->ifindex, st->userspace ? "userspace" : "kernel");
	for (size_t i = 0; i < st->steps.n; i++) {
		fputs("step ", f);
		step_write(f, &st->steps.steps[i]);
		/* All steps of that kind behind this line are skipped, too. */
		if (st->steps.steps[i].skipped && !skipped)
			fputs("no-firewall\n", f);
		skipped |= st->steps.steps[i].skipped;
		if (st->steps.steps[i].dns_refused)
			fputs("dns-refused\n", f);
	}
	fputs("done\n", f);
	if (st->complete)
		fputs("complete\n", f);
}

struct line {
	const char *s;
	size_t len;
};

/* Cuts "WORD " off the line. */
static bool take_word(struct line *l, const char *word)
{
	size_t n = strlen(word);

	if (l->len <= n || memcmp(l->s, word, n) || l->s[n] != ' ')
		return false;
	l->s += n + 1;
	l->len -= n + 1;
	return true;
}

static bool is_word(const struct line *l, const char *word)
{
	return l->len == strlen(word) && !memcmp(l->s, word, l->len);
}

/* A copy on the stack, for the C library's parsers; false where it does not fit. */
static bool copy_line(char *out, size_t size, const struct line *l)
{
	if (l->len >= size || memchr(l->s, '\0', l->len))
		return false;
	memcpy(out, l->s, l->len);
	out[l->len] = '\0';
	return true;
}

static bool parse_number(const char *s, u64 max, u64 *out)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*out = strtoull(s, &end, 10);
	return !errno && !*end && *out <= max;
}

static bool parse_world(struct state *st, const struct line *l)
{
	char text[80], *space;
	u64 netns;

	if (!copy_line(text, sizeof(text), l))
		return false;
	space = strchr(text, ' ');
	if (!space || space - text >= (int)sizeof(st->world.boot) ||
	    !parse_number(space + 1, UINT64_MAX, &netns))
		return false;
	*space = '\0';
	if (strcmp(text, "-"))
		memcpy(st->world.boot, text, (size_t)(space - text) + 1);
	st->world.netns = netns;
	return true;
}

/* A path, malloc'd. */
static bool parse_path(char **out, const char *s, size_t len)
{
	char *path = wg_alloc(PATH_MAX);

	if (!unescape(path, PATH_MAX, s, len) || *path != '/') {
		free(path);
		return false;
	}
	free(*out);
	*out = path;
	return true;
}

static bool parse_place(struct state *st, const struct line *l)
{
	const char *space = memchr(l->s, ' ', l->len);
	struct line number = {l->s, space ? (size_t)(space - l->s) : 0};
	char text[24];

	return space && copy_line(text, sizeof(text), &number) && parse_number(text, UINT64_MAX, &st->place) &&
	       parse_path(&st->place_path, space + 1, l->len - number.len - 1);
}

static bool parse_link(struct state *st, const struct line *l)
{
	char text[40], *space;
	u64 ifindex;

	if (!copy_line(text, sizeof(text), l))
		return false;
	space = strchr(text, ' ');
	if (!space)
		return false;
	*space = '\0';
	if (!parse_number(text, INT32_MAX, &ifindex))
		return false;
	if (strcmp(space + 1, "kernel") && strcmp(space + 1, "userspace"))
		return false;
	st->ifindex = (u32)ifindex;
	st->userspace = space[1] == 'u';
	return true;
}

static bool parse_hook_timeout(struct state *st, const struct line *l)
{
	char text[16];
	u64 seconds;

	if (!copy_line(text, sizeof(text), l) || !parse_number(text, HOOK_LIMIT_MOST, &seconds))
		return false;
	st->hook_limit = (struct hook_limit){.given = true, .seconds = (u32)seconds};
	return true;
}

static bool parse_claim(struct state *st, const struct line *l)
{
	struct step s = {0};

	if (!step_read(&s, l->s, l->len))
		return false;
	if (s.kind != STEP_RULE) {
		step_wipe(&s);
		return false;
	}
	*plan_add(&st->claims, s.kind) = s;
	return true;
}

/* The step of a rule that was claimed has begun. */
static void end_claim(struct plan *claims, const struct step *s)
{
	for (size_t i = 0; i < claims->n; i++) {
		if (!step_ops(s)->equal(&claims->steps[i], s))
			continue;
		step_wipe(&claims->steps[i]);
		claims->steps[i] = claims->steps[--claims->n];
		return;
	}
}

static bool parse_step(struct state *st, const struct line *l)
{
	struct step s = {0};

	if (!step_read(&s, l->s, l->len))
		return false;
	if (s.kind == STEP_RULE)
		end_claim(&st->claims, &s);
	s.skipped = st->no_firewall && s.kind == STEP_FIREWALL;
	*plan_add(&st->steps, s.kind) = s;
	return true;
}

static bool parse_later(struct state *st, const struct line *l)
{
	struct step s = {0};
	bool ok;

	if (!step_read(&s, l->s, l->len))
		return false;
	ok = s.kind == STEP_HOOK && s.command &&
	     (s.phase == HOOK_PRE_DOWN || s.phase == HOOK_POST_DOWN);
	if (ok)
		strings_add(&st->down_hooks[s.phase - HOOK_PRE_DOWN], s.command,
			    strlen(s.command));
	step_wipe(&s);
	return ok;
}

static bool parse_flag(struct state *st, const struct line *l)
{
	if (is_word(l, "save")) {
		st->save_config = true;
	} else if (is_word(l, "no-hooks")) {
		st->no_hooks = true;
	} else if (is_word(l, "adopted")) {
		st->adopted = true;
	} else if (is_word(l, "no-firewall")) {
		st->no_firewall = true;
		/* In a damaged file it need not be. */
		if (st->steps.n && st->steps.steps[st->steps.n - 1].kind == STEP_FIREWALL)
			st->steps.steps[st->steps.n - 1].skipped = true;
	} else if (is_word(l, "dns-refused")) {
		if (st->steps.n && st->steps.steps[st->steps.n - 1].kind == STEP_DNS)
			st->steps.steps[st->steps.n - 1].dns_refused = true;
	} else if (is_word(l, "done")) {
		st->done = st->steps.n;
	} else if (is_word(l, "complete")) {
		st->complete = true;
		st->going_down = false;
		st->hooks_run = 0;
	} else if (is_word(l, "down")) {
		st->going_down = true;
	} else if (is_word(l, "hook-run")) {
		st->hooks_run++;
	} else {
		return false;
	}
	return true;
}

static bool parse_line(struct state *st, struct line *l)
{
	if (take_word(l, "claim"))
		return parse_claim(st, l);
	if (take_word(l, "step"))
		return parse_step(st, l);
	if (take_word(l, "later"))
		return parse_later(st, l);
	if (take_word(l, "hook-timeout"))
		return parse_hook_timeout(st, l);
	if (take_word(l, "place"))
		return parse_place(st, l);
	if (take_word(l, "underlay"))
		return parse_path(&st->underlay, l->s, l->len);
	if (take_word(l, "link"))
		return parse_link(st, l);
	if (take_word(l, "world"))
		return parse_world(st, l);
	if (take_word(l, "key"))
		return wg_key_from_base64(st->public_key, l->s, l->len);
	if (take_word(l, "name"))
		return copy_line(st->name, sizeof(st->name), l);
	if (take_word(l, "config"))
		return unescape(st->config, sizeof(st->config), l->s, l->len);
	return parse_flag(st, l);
}

void state_salvage(struct state *st, const char *text, size_t len)
{
	const char *end = text + len, *nl;

	*st = (struct state){0};
	for (; len && (nl = memchr(text, '\n', (size_t)(end - text))); text = nl + 1)
		parse_line(st, &(struct line){text, (size_t)(nl - text)});
}

int state_parse(struct state *st, const char *text, size_t len, struct wg_error *err)
{
	const char *end = text + len, *nl;
	unsigned int number = 0;

	*st = (struct state){0};
	for (; len && (nl = memchr(text, '\n', (size_t)(end - text))); text = nl + 1) {
		struct line l = {text, (size_t)(nl - text)};

		number++;
		if (number == 1 ? is_word(&l, STATE_VERSION) : parse_line(st, &l))
			continue;
		state_wipe(st);
		if (number == 1)
			return wg_error_set(err, "line 1: expected `%s': it is not a state file, or "
					    "one of another version", STATE_VERSION);
		return wg_error_set(err, "line %u: not a line of a state file", number);
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
#include "resolv-conf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"

#define TEXT_MOST 65536
#define MARK	  "#wg-quick "

static const char head[] =
	"# The DNS servers below are those of a tunnel that is up. `wg-quick down` puts back what was\n"
	"# here before, unless somebody else changes this file meanwhile.\n";

static const char *const modes[RESOLV_CONF_MODES] = {"swapped", "overwritten", "mounted"};
static const char *const kinds[RESOLV_CONF_WAS_KINDS] = {"file", "link", "nothing"};

/* Each line of the former text, and at its end whether the last one has a line feed. */
static void write_before(FILE *f, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		fprintf(f, MARK "%s %.*s\n", text[len] ? "line" : "end", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void write_list(FILE *f, const char *first, const char *between, const struct strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		fprintf(f, "%s%s", i ? between : first, list->s[i]);
	if (list->n)
		putc('\n', f);
}

char *resolv_conf_write(const struct resolv_conf *r)
{
	const struct resolv_conf_entry *last = &r->entries[r->n - 1];
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	fputs(head, f);
	fprintf(f, MARK "boot %s\n" MARK "mode %s\n" MARK "was %s\n", r->boot[0] ? r->boot : "-",
		modes[r->mode], kinds[r->was]);
	write_before(f, r->before);
	for (size_t i = 0; i < r->n; i++) {
		const struct resolv_conf_entry *e = &r->entries[i];

		fprintf(f, MARK "tunnel %s\n", e->tunnel);
		write_list(f, MARK "servers ", " ", &e->servers);
		write_list(f, MARK "search ", " ", &e->search);
	}
	write_list(f, "nameserver ", "\nnameserver ", &last->servers);
	write_list(f, "search ", " ", &last->search);
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

/* If the line at *text begins with "#wg-quick WORD", returns what follows, up to *len, and moves on. */
static const char *take(const char **text, const char *word, size_t *len)
{
	size_t mark = strlen(MARK), n = strlen(word);
	const char *value = *text + mark + n + 1;

	if (strncmp(*text, MARK, mark) != 0 || strncmp(*text + mark, word, n) != 0 ||
	    (*text)[mark + n] != ' ')
		return NULL;
	*len = strcspn(value, "\n");
	*text = value + *len + (value[*len] == '\n');
	return value;
}

static bool take_word(const char **text, const char *word, const char *const *words, size_t n,
		      size_t *chosen)
{
	size_t len;
	const char *value = take(text, word, &len);

	for (*chosen = 0; value && *chosen < n; ++*chosen)
		if (strlen(words[*chosen]) == len && !memcmp(words[*chosen], value, len))
			return true;
	return false;
}

static void add_words(struct strings *list, const char *value, size_t len)
{
	while (len) {
		size_t n = 0;

		while (n < len && value[n] != ' ')
			n++;
		strings_add(list, value, n);
		value += n;
		len -= n;
		if (len) {
			value++;
			len--;
		}
	}
}

static char *read_before(const char **text)
{
	const char *value;
	size_t size, len;
	char *before;
	FILE *f = open_memstream(&before, &size);

	if (!f)
		wg_alloc_failed();
	while ((value = take(text, "line", &len)))
		fprintf(f, "%.*s\n", (int)len, value);
	value = take(text, "end", &len);
	if (value)
		fwrite(value, 1, len, f);
	if (fclose(f))
		wg_alloc_failed();
	return before;
}

static struct resolv_conf_entry *new_entry(struct resolv_conf *r, const char *name, size_t len)
{
	r->entries = wg_realloc(r->entries, r->n + 1, sizeof(*r->entries));
	r->entries[r->n] = (struct resolv_conf_entry){.tunnel = wg_strndup(name, len)};
	return &r->entries[r->n++];
}

static bool read_parts(struct resolv_conf *r, const char *text)
{
	size_t mode, was, len;
	const char *value;

	if (strncmp(text, head, strlen(head)) != 0)
		return false;
	text += strlen(head);
	value = take(&text, "boot", &len);
	if (!value || len >= sizeof(r->boot))
		return false;
	if (len != 1 || *value != '-')
		memcpy(r->boot, value, len);
	if (!take_word(&text, "mode", modes, RESOLV_CONF_MODES, &mode) ||
	    !take_word(&text, "was", kinds, RESOLV_CONF_WAS_KINDS, &was))
		return false;
	r->mode = (enum resolv_conf_mode)mode;
	r->was = (enum resolv_conf_was)was;
	r->before = read_before(&text);
	while ((value = take(&text, "tunnel", &len))) {
		struct resolv_conf_entry *e = new_entry(r, value, len);

		value = take(&text, "servers", &len);
		if (!value)
			return false;
		add_words(&e->servers, value, len);
		value = take(&text, "search", &len);
		if (value)
			add_words(&e->search, value, len);
	}
	return r->n;
}

bool resolv_conf_read(struct resolv_conf *r, const char *text)
{
	cleanup(free_ptr) char *again = NULL;

	*r = (struct resolv_conf){0};
	if (read_parts(r, text)) {
		again = resolv_conf_write(r);
		if (!strcmp(again, text))
			return true;
	}
	resolv_conf_wipe(r);
	return false;
}

bool resolv_conf_fits(const char *before)
{
	return strlen(before) <= TEXT_MOST;
}

const struct resolv_conf_entry *resolv_conf_find(const struct resolv_conf *r, const char *tunnel)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->entries[i].tunnel, tunnel))
			return &r->entries[i];
	return NULL;
}

static void wipe_entry(struct resolv_conf_entry *e)
{
	free(e->tunnel);
	strings_free(&e->servers);
	strings_free(&e->search);
}

void resolv_conf_remove(struct resolv_conf *r, const char *tunnel)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (!strcmp(r->entries[i].tunnel, tunnel))
			wipe_entry(&r->entries[i]);
		else
			r->entries[n++] = r->entries[i];
	}
	r->n = n;
}

void resolv_conf_add(struct resolv_conf *r, const char *tunnel, const struct strings *servers,
		     const struct strings *search)
{
	struct resolv_conf_entry *e;

	resolv_conf_remove(r, tunnel);
	e = new_entry(r, tunnel, strlen(tunnel));
	for (size_t i = 0; i < servers->n; i++)
		strings_add(&e->servers, servers->s[i], strlen(servers->s[i]));
	for (size_t i = 0; i < search->n; i++)
		strings_add(&e->search, search->s[i], strlen(search->s[i]));
}

void resolv_conf_drop_stale(struct resolv_conf *r, const char *boot)
{
	if (!strcmp(r->boot, boot))
		return;
	for (size_t i = 0; i < r->n; i++)
		wipe_entry(&r->entries[i]);
	r->n = 0;
	snprintf(r->boot, sizeof(r->boot), "%s", boot);
}

void resolv_conf_wipe(struct resolv_conf *r)
{
	for (size_t i = 0; i < r->n; i++)
		wipe_entry(&r->entries[i]);
	free(r->entries);
	free(r->before);
	*r = (struct resolv_conf){0};
}

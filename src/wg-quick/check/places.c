// SPDX-License-Identifier: GPL-2.0
/* Two lists that grow. Texts may be commands with secrets in them, and are wiped. */
#include "places.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../config/strlist.h"

static void *grow(void *list, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return list;
	*room = *room ? 2 * *room : 64;
	return wg_realloc(list, *room, size);
}

static void add_place(void *ctx, const struct wg_conf_value *v)
{
	struct places *p = ctx;

	p->list = grow(p->list, p->n, &p->room, sizeof(*p->list));
	p->list[p->n++] = (struct place){
		.file = v->file,
		.key = v->key,
		.text = wg_strndup(v->text, v->len),
		.line = v->line,
		.column = v->column,
		.peer = v->peer,
		.comment = v->comment,
	};
}

/* The name of a drop-in; NULL for the file that is checked. */
static char *name_drop_in(const struct places *p, const char *file)
{
	return file && p->main_file && strcmp(file, p->main_file) ? wg_strndup(file, strlen(file)) : NULL;
}

static void add_finding(struct places *p, struct finding f)
{
	p->findings = grow(p->findings, p->n_findings, &p->findings_room, sizeof(*p->findings));
	f.order = p->n_findings;
	p->findings[p->n_findings++] = f;
}

static void add_mistake(void *ctx, const struct wg_conf_finding *f)
{
	const struct finding copy = {
		.code = f->code,
		.file = name_drop_in(ctx, f->file),
		.line = f->line,
		.column = f->column,
		.sentence = wg_strndup(f->sentence, strlen(f->sentence)),
		.quote = wg_strndup(f->quote, strlen(f->quote)),
	};

	add_finding(ctx, copy);
}

static void note_cut(void *ctx)
{
	struct places *p = ctx;

	p->cut_short = true;
}

struct wg_conf_sink places_sink(struct places *p)
{
	return (struct wg_conf_sink){.found = add_mistake, .took = add_place, .cut_short = note_cut, .ctx = p};
}

void places_add(struct places *p, enum wg_conf_code code, const struct place *at, const char *fmt, ...)
{
	struct finding f = {
		.code = code,
		.file = at ? name_drop_in(p, at->file) : NULL,
		.line = at ? at->line : 1,
		.column = at ? at->column : 1,
		.quote = wg_strndup("", 0),
	};
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&f.sentence, fmt, args) < 0)
		wg_alloc_failed();
	va_end(args);
	add_finding(p, f);
}

const struct place *places_next(const struct places *p, const char *key, const struct place *from)
{
	for (size_t i = from ? (size_t)(from - p->list) : 0; i < p->n; i++)
		if (!strcmp(p->list[i].key, key))
			return &p->list[i];
	return NULL;
}

bool places_have_error(const struct places *p)
{
	for (size_t i = 0; i < p->n_findings; i++)
		if (!wg_conf_code(p->findings[i].code)->warning)
			return true;
	return false;
}

static int by_place(const void *x, const void *y)
{
	const struct finding *a = x, *b = y;

	int files = a->file && b->file ? strcmp(a->file, b->file) : !!a->file - !!b->file;

	if (files)
		return files;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

void places_sort(struct places *p)
{
	if (p->n_findings)
		qsort(p->findings, p->n_findings, sizeof(*p->findings), by_place);
}

const char *place_name(char out[static PLACE_STRLEN], const struct place *at, const struct place *from)
{
	if (at->file && from->file && strcmp(at->file, from->file))
		snprintf(out, PLACE_STRLEN, "line %u of %s", at->line, at->file);
	else
		snprintf(out, PLACE_STRLEN, "line %u", at->line);
	return out;
}

void places_wipe(struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		string_wipe(&p->list[i].text);
	for (size_t i = 0; i < p->n_findings; i++) {
		free(p->findings[i].file);
		free(p->findings[i].sentence);
		free(p->findings[i].quote);
	}
	free(p->list);
	free(p->findings);
	*p = (struct places){0};
}

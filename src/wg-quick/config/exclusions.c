// SPDX-License-Identifier: GPL-2.0
/* An exclusion takes its addresses from all of the section, and what is left is the shortest list of prefixes. To
 * exclude one prefix of that list leaves the others as they are; to give back a part of an exclusion adds that part. */
#include "exclusions.h"

#include <stdlib.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/prefix-set.h"

static int by_prefix(const void *x, const void *y)
{
	return wg_prefix_order(x, y);
}

void prefixes_sort(struct prefixes *p)
{
	size_t n = 0;

	if (p->n)
		qsort(p->list, p->n, sizeof(*p->list), by_prefix);
	for (size_t i = 0; i < p->n; i++)
		if (!n || !wg_prefix_equal(&p->list[n - 1], &p->list[i]))
			p->list[n++] = p->list[i];
	p->n = n;
}

bool prefixes_have(const struct prefixes *p, const struct wg_prefix *which)
{
	return p->n && bsearch(which, p->list, p->n, sizeof(*p->list), by_prefix);
}

static void add(struct prefixes *p, const struct wg_prefix *prefix)
{
	p->list = wg_realloc(p->list, p->n + 1, sizeof(*p->list));
	p->list[p->n++] = *prefix;
}

static void prefixes_wipe(struct prefixes *p)
{
	free(p->list);
}

static struct prefixes subtract(const struct prefixes *in, const struct prefixes *out)
{
	struct prefixes left = {0};

	wg_prefix_subtract(in->list, in->n, out->list, out->n, &left.list, &left.n);
	return left;
}

static bool overlaps(const struct prefixes *list, const struct wg_prefix *p)
{
	for (size_t i = 0; i < list->n; i++)
		if (wg_prefix_covers(&list->list[i], p) || wg_prefix_covers(p, &list->list[i]))
			return true;
	return false;
}

static bool is_covered(const struct prefixes *list, const struct wg_prefix *p)
{
	for (size_t i = 0; i < list->n; i++)
		if (wg_prefix_covers(&list->list[i], p))
			return true;
	return false;
}

/* Whether an element stays. *has_rest: it does not, and some of its addresses are wanted all the same. */
static bool is_kept(struct wg_prefix *p, const struct prefixes *out, const struct prefixes *want, bool *has_rest)
{
	const struct prefixes one = {p, 1};
	cleanup(prefixes_wipe) struct prefixes had = {0}, lost = {0}, kept = {0};

	*has_rest = false;
	if (prefixes_have(want, p))
		return true;
	had = subtract(&one, out);
	lost = subtract(&had, want);
	kept = subtract(&had, &lost);
	*has_rest = kept.n;
	/* One that is not excluded from is an element as any other: it stays if all of it does. */
	return lost.n ? overlaps(out, p) && kept.n && lost.n <= kept.n : had.n || overlaps(want, p);
}

static void choose_elements(struct exclusions *x, const struct prefixes *in, const struct prefixes *out,
			    const struct prefixes *want)
{
	for (size_t i = 0; i < in->n; i++) {
		struct wg_prefix *p = &in->list[i];
		bool has_rest;

		if (is_kept(p, out, want, &has_rest))
			add(&x->in, p);
		else if (has_rest && !p->cidr && overlaps(out, p))
			x->loses_default = true;
	}
}

/* Keeps exclusions that still take addresses from an element, and from no prefix that is wanted. */
static void choose_exclusions(struct exclusions *x, const struct prefixes *out, const struct prefixes *want)
{
	struct prefixes narrowed = {0};

	for (size_t i = 0; i < out->n; i++) {
		const struct wg_prefix *p = &out->list[i];

		if (!overlaps(&x->in, p))
			continue;
		add(overlaps(want, p) ? &narrowed : &x->out, p);
	}
	x->new_out = subtract(&narrowed, want);
	prefixes_wipe(&narrowed);
}

void exclusions_change(struct exclusions *x, const struct prefixes *in, const struct prefixes *out,
		       const struct prefixes *want)
{
	cleanup(prefixes_wipe) struct prefixes excluded = {0}, had = {0}, lost = {0};

	*x = (struct exclusions){0};
	choose_elements(x, in, out, want);
	for (size_t i = 0; i < want->n; i++)
		if (!is_covered(&x->in, &want->list[i]))
			add(&x->new_in, &want->list[i]);
	choose_exclusions(x, out, want);
	for (size_t i = 0; i < x->out.n; i++)
		add(&excluded, &x->out.list[i]);
	for (size_t i = 0; i < x->new_out.n; i++)
		add(&excluded, &x->new_out.list[i]);
	had = subtract(&x->in, &excluded);
	lost = subtract(&had, want);
	for (size_t i = 0; i < lost.n; i++)
		add(&x->new_out, &lost.list[i]);
	prefixes_sort(&x->in);
	prefixes_sort(&x->out);
}

void exclusions_wipe(struct exclusions *x)
{
	prefixes_wipe(&x->in);
	prefixes_wipe(&x->out);
	prefixes_wipe(&x->new_in);
	prefixes_wipe(&x->new_out);
}

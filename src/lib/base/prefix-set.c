// SPDX-License-Identifier: GPL-2.0
/* Both lists are sorted and made disjoint, and then the tree of prefixes is walked down from /0, with
 * the part of each list that lies below the node. A node that is wholly wanted is told to its parent,
 * which joins two of them: so the result is minimal. */
#include "prefix-set.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "alloc.h"

static int by_order(const void *x, const void *y)
{
	return wg_prefix_order(x, y);
}

size_t wg_prefix_normalise(struct wg_prefix *list, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		wg_prefix_mask(&list[i]);
	if (n)
		qsort(list, n, sizeof(*list), by_order);
	/* A wider prefix stands before those that it covers. */
	for (size_t i = 0; i < n; i++)
		if (!kept || !wg_prefix_covers(&list[kept - 1], &list[i]))
			list[kept++] = list[i];
	return kept;
}

/* A part of a list that is sorted and disjoint. */
struct part {
	const struct wg_prefix *list;
	size_t n;
};

struct result {
	struct wg_prefix *list;
	size_t n, room;
};

static void add_result(struct result *r, const struct wg_prefix *p)
{
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 32;
		r->list = wg_realloc(r->list, r->room, sizeof(*r->list));
	}
	r->list[r->n++] = *p;
}

static bool bit_of(const struct wg_prefix *p, unsigned int i)
{
	return p->addr[i / 8] >> (7 - i % 8) & 1;
}

/* Whether one prefix has all of the node. It is alone then, for the list is disjoint. */
static bool fills(const struct part *p, const struct wg_prefix *node)
{
	return p->n == 1 && p->list[0].cidr <= node->cidr;
}

/* The half of a part whose addresses have this value in the bit behind the node's. A prefix that fills
 * the node is in both halves. */
static struct part half_of(const struct part *p, const struct wg_prefix *node, bool second)
{
	size_t low = 0, high = p->n;

	if (fills(p, node))
		return *p;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (bit_of(&p->list[middle], node->cidr))
			high = middle;
		else
			low = middle + 1;
	}
	return second ? (struct part){p->list + low, p->n - low} : (struct part){p->list, low};
}

/* Adds the prefixes of the wanted addresses below the node, unless all of the node is wanted: then it
 * adds none and returns true. Recurses once a bit. */
static bool walk(struct result *r, const struct wg_prefix *node, struct part in, struct part out)
{
	struct wg_prefix half[2];
	bool whole[2];

	if (!in.n || fills(&out, node))
		return false;
	if (!out.n && fills(&in, node))
		return true;
	for (unsigned int i = 0; i < 2; i++) {
		half[i] = *node;
		half[i].cidr++;
		half[i].addr[node->cidr / 8] |= (u8)(i << (7 - node->cidr % 8));
		whole[i] = walk(r, &half[i], half_of(&in, node, i), half_of(&out, node, i));
	}
	if (whole[0] && whole[1])
		return true;
	for (unsigned int i = 0; i < 2; i++)
		if (whole[i])
			add_result(r, &half[i]);
	return false;
}

static struct wg_prefix *copy_list(const struct wg_prefix *list, size_t n)
{
	struct wg_prefix *copy = wg_realloc(NULL, n + 1, sizeof(*copy));

	if (n)
		memcpy(copy, list, n * sizeof(*copy));
	return copy;
}

static struct part family_of(const struct wg_prefix *list, size_t n, u8 family)
{
	size_t first = 0, end;

	while (first < n && list[first].family != family)
		first++;
	for (end = first; end < n && list[end].family == family;)
		end++;
	return (struct part){list + first, end - first};
}

void wg_prefix_subtract(const struct wg_prefix *in, size_t n_in, const struct wg_prefix *out, size_t n_out,
			struct wg_prefix **result, size_t *n)
{
	static const u8 families[] = {AF_INET, AF_INET6};
	struct wg_prefix *wanted = copy_list(in, n_in), *excluded = copy_list(out, n_out);
	struct result r = {0};

	n_in = wg_prefix_normalise(wanted, n_in);
	n_out = wg_prefix_normalise(excluded, n_out);
	for (size_t i = 0; i < 2; i++) {
		const struct wg_prefix all = {.family = families[i]};

		if (walk(&r, &all, family_of(wanted, n_in, families[i]),
			 family_of(excluded, n_out, families[i])))
			add_result(&r, &all);
	}
	if (r.n)
		qsort(r.list, r.n, sizeof(*r.list), by_order);
	free(wanted);
	free(excluded);
	*result = r.list;
	*n = r.n;
}

// SPDX-License-Identifier: GPL-2.0
#include "events.h"
#include <stdlib.h>

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct event *a, struct event *b)
{
	struct event t = *a;

	*a = *b;
	*b = t;
}

void events_add(struct events *q, u64 at, event_fn *run, void *what, u64 a, u64 b)
{
	size_t i = q->count++;

	if (q->count > q->room) {
		q->room = q->room ? 2 * q->room : 64;
		q->heap = realloc(q->heap, q->room * sizeof(*q->heap));
		if (!q->heap)
			abort();
	}
	q->heap[i] = (struct event){at, q->added++, run, what, a, b};
	for (; i && earlier(&q->heap[i], &q->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&q->heap[i], &q->heap[(i - 1) / 2]);
}

static void sink(struct events *q)
{
	for (size_t i = 0, child = 1; child < q->count; i = child, child = 2 * i + 1) {
		if (child + 1 < q->count && earlier(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (!earlier(&q->heap[child], &q->heap[i]))
			return;
		swap(&q->heap[i], &q->heap[child]);
	}
}

bool events_take(struct events *q, u64 until, struct event *e)
{
	if (!q->count || q->heap[0].at > until)
		return false;
	*e = q->heap[0];
	q->heap[0] = q->heap[--q->count];
	sink(q);
	return true;
}

void events_wipe(struct events *q)
{
	while (q->count)
		free(q->heap[--q->count].what);
	free(q->heap);
	*q = (struct events){0};
}

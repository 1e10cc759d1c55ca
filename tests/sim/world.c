// SPDX-License-Identifier: GPL-2.0
#include "world.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "host.h"

/* Some 31 years: clocks may be set back by years. */
#define BEGINNING (1000000000 * WG_SECOND)

static void sweep(struct world *w, void *what, u64 a, u64 b)
{
	(void)what;
	(void)a;
	(void)b;
	for (u32 i = 0; i < w->host_count; i++)
		host_check(w->hosts[i]);
	events_add(&w->events, w->now + WG_SECOND, sweep, NULL, 0, 0);
}

struct world *world_new(u64 seed)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->now = w->begin = BEGINNING;
	w->index_mask = UINT32_MAX;
	random_seed(&w->fate, seed);
	random_seed(&w->secrets, ~seed);
	sweep(w, NULL, 0, 0);
	return w;
}

void world_free(struct world *w)
{
	for (u32 i = 0; i < w->host_count; i++)
		host_free(w->hosts[i]);
	events_wipe(&w->events);
	network_wipe(&w->network);
	checks_wipe(&w->checks);
	free(w);
}

void world_run_until(struct world *w, u64 until)
{
	struct event e;

	while (!*w->failure && events_take(&w->events, until, &e)) {
		w->now = e.at;
		e.run(w, e.what, e.a, e.b);
		free(e.what);
	}
	if (!*w->failure)
		w->now = until;
}

double world_seconds(const struct world *w, u64 at)
{
	return (double)(s64)(at - w->begin) / (double)WG_SECOND;
}

void world_fail(struct world *w, const char *format, ...)
{
	va_list args;
	int n;

	if (*w->failure)
		return;
	n = snprintf(w->failure, sizeof(w->failure), "at %.3f s: ", world_seconds(w, w->now));
	va_start(args, format);
	vsnprintf(w->failure + n, sizeof(w->failure) - (size_t)n, format, args);
	va_end(args);
	world_log(w, "FAILED: %s", w->failure);
}

void world_log(const struct world *w, const char *format, ...)
{
	va_list args;

	if (!w->verbose)
		return;
	printf("%12.6f  ", world_seconds(w, w->now));
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

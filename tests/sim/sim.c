// SPDX-License-Identifier: GPL-2.0
/* sim [--seed N] [--runs N] [--minutes M] [--first] [--verbose]: the directed scenarios, then as
 * many that are drawn from seeds. With a seed and no number, that one run alone. --first: ends with
 * the first that fails. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "curve.h"
#include "directed.h"
#include "scenario.h"

/* One of so many runs computes the real curve. */
enum { REAL_CURVE = 16 };

struct options {
	u64 seed, runs;
	double minutes;
	bool verbose, one, first;
};

struct totals {
	struct counts count;
	u64 runs, failed;
	double hours;
};

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void add_counts(struct counts *to, const struct counts *from)
{
	u64 *a = (u64 *)to;
	const u64 *b = (const u64 *)from;

	for (size_t i = 0; i < sizeof(*to) / sizeof(u64); i++)
		a[i] += b[i];
}

static bool run_one(const struct directed *d, const struct options *o)
{
	struct world *w = world_new(1);
	bool good;

	w->verbose = o->verbose;
	curve_toy = false;
	d->run(w);
	good = !*w->failure;
	if (good)
		printf("ok sim: %s\n", d->name);
	else
		printf("not ok sim: %s\n    %s\n", d->name, w->failure);
	world_free(w);
	return good;
}

static bool run_directed(const struct options *o)
{
	bool good = true;

	for (const struct directed *const *group = directed; *group; group++)
		for (const struct directed *d = *group; d->name && (good || !o->first); d++)
			good = run_one(d, o) && good;
	return good;
}

static void run_seed(u64 seed, const struct options *o, struct totals *t)
{
	struct world *w = world_new(seed);

	w->verbose = o->verbose;
	curve_toy = seed % REAL_CURVE;
	scenario_run(w, WORLD_HOSTS);
	t->runs++;
	t->hours += world_seconds(w, w->now) / 3600;
	add_counts(&t->count, &w->checks.count);
	if (*w->failure) {
		t->failed++;
		printf("not ok sim: seed %llu\n    %s\n    again: build/tests/sim/sim --seed %llu --verbose\n",
		       (unsigned long long)seed, w->failure, (unsigned long long)seed);
	}
	world_free(w);
}

/* What was counted over all runs; nothing may be 0 after many. */
static bool report(const struct totals *t)
{
	static const char *const names[] = {
		"sent",
		"delivered",
		"lost",
		"undelivered",
		"damaged",
		"replayed",
		"handshakes",
		"crossed handshakes",
		"initiations",
		"cookies",
		"give-ups",
		"zeroings",
		"keepalives",
		"replays refused",
		"forgeries refused",
		"rate limited",
		"restarts",
		"suspends",
		"moves",
		"key changes",
		"removals",
		"preshared key changes",
		"no memory",
		"forged initiations",
		"sent after the bound",
	};
	const u64 *counts = (const u64 *)&t->count;
	bool good = true;

	_Static_assert(sizeof(names) / sizeof(*names) == sizeof(t->count) / sizeof(u64), "named");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		printf("# %s: %llu\n", names[i], (unsigned long long)counts[i]);
		if (!counts[i] && t->runs >= 500) {
			printf("not ok sim: of %s there were none in %llu runs\n", names[i],
			       (unsigned long long)t->runs);
			good = false;
		}
	}
	return good;
}

static bool run_seeds(const struct options *o)
{
	struct totals t = {0};
	double begin = seconds(), took;
	bool good;

	for (u64 i = 0; i < o->runs || seconds() - begin < o->minutes * 60; i++) {
		run_seed(o->seed + i, o, &t);
		if (t.failed >= (o->first ? 1 : 5))
			break;
	}
	took = seconds() - begin;
	good = (o->one || report(&t)) && !t.failed;
	printf("%s sim: %llu runs from seed %llu, %.0f hours of protocol time in %.1f s (%.1f h/s)\n",
	       good ? "ok" : "not ok", (unsigned long long)t.runs, (unsigned long long)o->seed,
	       t.hours, took, t.hours / took);
	return good;
}

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{"seed", required_argument, NULL, 's'},	   {"runs", required_argument, NULL, 'r'},
		{"minutes", required_argument, NULL, 'm'}, {"verbose", no_argument, NULL, 'v'},
		{"first", no_argument, NULL, 'f'},
		{NULL, 0, NULL, 0},
	};
	bool runs = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (c) {
		case 's':
			o->seed = strtoull(optarg, NULL, 0);
			o->one = true;
			break;
		case 'r':
			o->runs = strtoull(optarg, NULL, 0);
			runs = true;
			break;
		case 'm':
			o->minutes = strtod(optarg, NULL);
			runs = true;
			break;
		case 'f':
			o->first = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		default: /* getopt has said it */
			return false;
		}
	if (o->one && !runs)
		o->runs = 1;
	o->one = o->one && !runs;
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct options o = {.seed = 1, .runs = 1000};
	bool good = true;

	if (!parse(argc, argv, &o)) {
		fprintf(stderr,
			"usage: sim [--seed N] [--runs N] [--minutes M] [--first] [--verbose]\n");
		return 2;
	}
	if (!o.one)
		good = run_directed(&o);
	if (good || !o.first)
		good = run_seeds(&o) && good;
	return !good;
}

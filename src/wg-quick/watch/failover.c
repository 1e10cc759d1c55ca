// SPDX-License-Identifier: GPL-2.0
#include "failover.h"

/* A peer that fails within this many times its settling time after it got its prefixes back flaps. */
#define FLAP_FACTOR 10

static u64 twice(u64 now, u64 first, u64 most)
{
	u64 next = now ? now * 2 : first * 2;

	return next < most ? next : most;
}

static u64 settle_time(const struct failover_member *m, const struct watch_times *t)
{
	return m->settle_ms ?: t->settle_ms;
}

static void note_failure(struct failover_member *m, const struct watch_times *t, u64 now)
{
	bool flaps = m->has_failed && m->returned_at && now - m->returned_at < FLAP_FACTOR * settle_time(m, t);

	m->settle_ms = flaps ? twice(m->settle_ms, t->settle_ms, t->settle_most_ms) : 0;
	m->trial_ms = flaps || (m->has_failed && m->trial_ms)
			      ? twice(m->trial_ms, t->trial_ms, t->trial_most_ms) : t->trial_ms;
	m->has_failed = true;
	m->failed_at = now;
}

/* Whether a peer that has failed is to get the prefixes back. */
static bool is_back(const struct failover_member *m, const struct watch_times *t, const struct health *h,
		    u64 now)
{
	if (m->well_since && now + 1 - m->well_since >= settle_time(m, t))
		return true;
	return !h->keepalive_ms && m->has_failed && now - m->failed_at >= (m->trial_ms ?: t->trial_ms);
}

/* Whom a lost holder gives its prefixes to; the holder itself where there is nobody better. */
static size_t find_successor(const struct failover *f, const struct watch_times *t,
			     const struct health *const *health, u64 now)
{
	size_t unknown = f->holder;

	for (size_t i = 0; i < f->n; i++) {
		enum health_state state = health_state(health[i], t);
		const struct failover_member *m = &f->members[i];

		if (i == f->holder || state == HEALTH_LOST)
			continue;
		if (state == HEALTH_GOOD)
			return i;
		if (unknown == f->holder && (!m->has_failed || now - m->failed_at >= t->trial_ms))
			unknown = i;
	}
	return unknown;
}

size_t failover_work(struct failover *f, const struct watch_times *t, const struct health *const *health,
		     u64 now)
{
	f->holder_is_lost = false;
	for (size_t i = 0; i < f->n; i++) {
		bool well = health_state(health[i], t) == HEALTH_GOOD;

		if (!well)
			f->members[i].well_since = 0;
		else if (!f->members[i].well_since)
			f->members[i].well_since = now + 1;
	}
	if (f->holder == f->n)
		return 0;
	if (health_state(health[f->holder], t) == HEALTH_LOST) {
		f->holder_is_lost = true;
		return find_successor(f, t, health, now);
	}
	for (size_t i = 0; i < f->holder; i++)
		if (is_back(&f->members[i], t, health[i], now))
			return i;
	return f->holder;
}

void failover_moved(struct failover *f, const struct watch_times *t, size_t holder, u64 now)
{
	if (f->holder_is_lost)
		note_failure(&f->members[f->holder], t, now);
	f->members[holder].returned_at = now;
	f->holder = holder;
}

// SPDX-License-Identifier: GPL-2.0
#include "endpoints.h"
#include <stdlib.h>
#include <string.h>

static bool same_endpoint(const union wg_endpoint *a, const union wg_endpoint *b)
{
	if (a->addr.sa_family != b->addr.sa_family)
		return false;
	if (a->addr.sa_family == AF_INET)
		return a->addr4.sin_port == b->addr4.sin_port &&
		       a->addr4.sin_addr.s_addr == b->addr4.sin_addr.s_addr;
	return a->addr6.sin6_port == b->addr6.sin6_port &&
	       a->addr6.sin6_scope_id == b->addr6.sin6_scope_id &&
	       !memcmp(&a->addr6.sin6_addr, &b->addr6.sin6_addr, sizeof(a->addr6.sin6_addr));
}

/* The line that an endpoint is from; the first where it is from none, as with a peer that has roamed. */
static size_t line_of(const struct endpoints *e, const union wg_endpoint *current)
{
	for (size_t i = 0; i < e->n_lines; i++)
		for (size_t k = 0; k < e->lines[i].n; k++)
			if (same_endpoint(&e->lines[i].addresses[k], current))
				return i;
	return 0;
}

/* A quarter more or less, so that tunnels that lost the same server do not ask in step. */
static u64 with_jitter(struct endpoints *e, u64 ms)
{
	e->random = e->random * 1664525 + 1013904223;
	return ms - ms / 4 + ms / 2 * (e->random >> 16) / 65536;
}

static enum endpoints_action begin_line(struct endpoints *e, const struct watch_times *t, size_t line,
					u64 now)
{
	e->line = line;
	e->next = 0;
	e->state = ENDPOINTS_OFFER;
	if (!e->lines[line].host)
		return ENDPOINTS_NONE;
	e->state = ENDPOINTS_ASKING;
	e->until = now + t->lookup_ms;
	return ENDPOINTS_LOOK_UP;
}

static enum endpoints_action begin_round(struct endpoints *e, const struct watch_times *t, size_t line,
					 u64 now)
{
	e->visited = 0;
	return begin_line(e, t, line, now);
}

static void begin_pause(struct endpoints *e, const struct watch_times *t, u64 now)
{
	if (!e->pause_ms)
		e->pause_ms = t->pause_ms;
	e->state = ENDPOINTS_PAUSE;
	e->until = now + with_jitter(e, e->pause_ms);
	e->pause_ms = e->pause_ms * 2 < t->pause_most_ms ? e->pause_ms * 2 : t->pause_most_ms;
}

/* The next address of the line; behind the last one the next line, or the pause. */
static enum endpoints_action offer(struct endpoints *e, const struct watch_times *t,
				   const union wg_endpoint *current, u64 now, union wg_endpoint *address)
{
	while (e->state == ENDPOINTS_OFFER) {
		const struct endpoint_line *l = &e->lines[e->line];

		while (e->next < l->n) {
			*address = l->addresses[e->next++];
			if (same_endpoint(address, current))
				continue;
			e->state = ENDPOINTS_TRYING;
			e->until = now + t->try_ms;
			return ENDPOINTS_SET;
		}
		if (++e->visited >= e->n_lines) {
			begin_pause(e, t, now);
			return ENDPOINTS_NONE;
		}
		if (begin_line(e, t, (e->line + 1) % e->n_lines, now) == ENDPOINTS_LOOK_UP)
			return ENDPOINTS_LOOK_UP;
	}
	return ENDPOINTS_NONE;
}

enum endpoints_action endpoints_work(struct endpoints *e, const struct watch_times *t,
				     const struct health *h, const union wg_endpoint *current, u64 now,
				     union wg_endpoint *address)
{
	bool absent = !current->addr.sa_family;
	enum endpoints_action action = ENDPOINTS_NONE;

	if (!absent && !h->lost) {
		e->state = ENDPOINTS_REST;
		/* A peer that nothing was heard of yet may still turn out to be lost. */
		if (h->handshake)
			e->pause_ms = 0;
		return ENDPOINTS_NONE;
	}
	switch (e->state) {
	case ENDPOINTS_REST:
		action = begin_round(e, t, absent ? 0 : line_of(e, current), now);
		break;
	case ENDPOINTS_ASKING:
		if (now < e->until)
			return ENDPOINTS_NONE;
		e->state = ENDPOINTS_OFFER;
		break;
	case ENDPOINTS_OFFER:
		break;
	case ENDPOINTS_TRYING:
		/* Where nothing has been sent there, it has not been tried. */
		if (now < e->until || (!absent && !h->owes_since))
			return ENDPOINTS_NONE;
		e->state = ENDPOINTS_OFFER;
		break;
	case ENDPOINTS_PAUSE:
		if (now < e->until)
			return ENDPOINTS_NONE;
		action = begin_round(e, t, 0, now);
		break;
	}
	return action != ENDPOINTS_NONE ? action : offer(e, t, current, now, address);
}

void endpoints_skip(struct endpoints *e)
{
	if (e->state == ENDPOINTS_TRYING)
		e->state = ENDPOINTS_OFFER;
}

/* Takes the next address of a family, or of the other where there is none any more. */
static const union wg_endpoint *take_next(const union wg_endpoint *found, size_t n, bool *taken,
					  sa_family_t family)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < n; i++)
			if (!taken[i] && (pass || found[i].addr.sa_family == family)) {
				taken[i] = true;
				return &found[i];
			}
	return NULL;
}

void endpoints_answer(struct endpoints *e, size_t line, const union wg_endpoint *found, size_t n)
{
	struct endpoint_line *l = &e->lines[line];
	bool taken[ENDPOINTS_ADDRESSES] = {false};
	const union wg_endpoint *next;
	sa_family_t family;

	if (n > ENDPOINTS_ADDRESSES)
		n = ENDPOINTS_ADDRESSES;
	if (n) {
		family = found[0].addr.sa_family;
		for (l->n = 0; (next = take_next(found, n, taken, family)); l->n++) {
			l->addresses[l->n] = *next;
			if (next->addr.sa_family == AF_INET6)
				l->addresses[l->n].addr6.sin6_port = htons(l->port);
			else
				l->addresses[l->n].addr4.sin_port = htons(l->port);
			family = next->addr.sa_family == AF_INET ? AF_INET6 : AF_INET;
		}
	}
	if (e->state == ENDPOINTS_ASKING && e->line == line)
		e->state = ENDPOINTS_OFFER;
	else if (e->line == line)
		e->next = 0;
}

void endpoints_hurry(struct endpoints *e, const struct watch_times *t, u64 now)
{
	if (e->state == ENDPOINTS_PAUSE && e->until > now + t->pause_ms / 2) {
		e->until = now + t->pause_ms / 2;
		e->pause_ms = t->pause_ms;
	}
}

void endpoints_wipe(struct endpoints *e)
{
	for (size_t i = 0; i < e->n_lines; i++)
		free(e->lines[i].host);
	free(e->lines);
	*e = (struct endpoints){0};
}

// SPDX-License-Identifier: GPL-2.0
#include "watched.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/encoding.h"
#include "../../lib/device/backend.h"
#include "../config/shares.h"
#include "../host/progress.h"
#include "../reconcile/change-text.h"

#define RETRY_MS    300 /* somebody else has the tunnel's lock */
#define COST_FACTOR 50  /* reading and judging a device may take one part in so many of the time */

static u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000 + (u64)ts.tv_nsec / 1000000;
}

/* Says something once, however often it happens again. */
static void complain(struct watched *w, const char *text)
{
	if (!strncmp(w->complaint, text, sizeof(w->complaint) - 1))
		return;
	snprintf(w->complaint, sizeof(w->complaint), "%.*s", (int)sizeof(w->complaint) - 1, text);
	wg_log_say(&progress_log, WG_LOG_WARNING, "%s: %s", w->name, text);
}

/* Where the lookups of a file are read, which are in the order of its lines. */
struct job_cursor {
	const struct wg_resolve_job *at;
};

/* The next job if it is this peer's, else NULL. Ask for the peers in their order. */
static const struct wg_resolve_job *take_job(struct job_cursor *c, const struct wg_peer *peer)
{
	const struct wg_resolve_job *job;

	while (c->at && !c->at->peer)
		c->at = c->at->next;
	job = c->at;
	if (!job || job->peer != peer)
		return NULL;
	c->at = job->next;
	return job;
}

/* Where the Endpoint lines of a file are read. */
struct line_cursor {
	struct job_cursor first, further;
	size_t n_furthers;
};

static void add_line(struct endpoints *e, const struct wg_peer *peer, struct job_cursor *jobs)
{
	const struct wg_resolve_job *job = take_job(jobs, peer);
	struct endpoint_line *l;

	if (!job && !peer->endpoint.addr.sa_family)
		return;
	e->lines = wg_realloc(e->lines, e->n_lines + 1, sizeof(*e->lines));
	l = &e->lines[e->n_lines++];
	*l = (struct endpoint_line){0};
	if (job) {
		l->host = wg_strndup(job->host, strlen(job->host));
		l->port = job->port;
	} else {
		l->addresses[l->n++] = peer->endpoint;
	}
}

static void add_lines(struct endpoints *e, const struct config *c, const struct wg_peer *peer,
		      struct line_cursor *at)
{
	add_line(e, peer, &at->first);
	for (; at->n_furthers < c->furthers.n && c->furthers.list[at->n_furthers].peer == peer; at->n_furthers++)
		add_line(e, c->furthers.list[at->n_furthers].as, &at->further);
}

/* One address, and no name, leaves nothing to decide. */
static bool has_choice(const struct endpoints *e)
{
	return e->n_lines > 1 || (e->n_lines && e->lines[0].host);
}

/* A list of the peers of all shares; sorted by their place in memory, for bsearch. */
struct shared_peers {
	const struct wg_peer **list;
	size_t n;
};

static int by_place(const void *x, const void *y)
{
	const struct wg_peer *a = *(const struct wg_peer *const *)x, *b = *(const struct wg_peer *const *)y;

	return (a > b) - (a < b);
}

static void list_shared(struct shared_peers *s, const struct config *c)
{
	*s = (struct shared_peers){0};
	for (size_t i = 0; i < c->n_shares; i++) {
		s->list = wg_realloc(s->list, s->n + c->shares[i].n, sizeof(*s->list));
		for (size_t k = 0; k < c->shares[i].n; k++)
			s->list[s->n++] = c->shares[i].members[k];
	}
	if (s->n)
		qsort(s->list, s->n, sizeof(*s->list), by_place);
}

static int by_public_key(const void *x, const void *y)
{
	const struct watched_peer *a = x, *b = y;

	return memcmp(a->public_key, b->public_key, WG_KEY_LEN);
}

static int by_key_and_place(const void *x, const void *y)
{
	const struct watched_peer *a = x, *b = y;

	return by_public_key(a, b) ?: (a->asked > b->asked) - (a->asked < b->asked);
}

static struct watched_peer *find_peer(const struct watched *w, const u8 *key)
{
	struct watched_peer wanted = {.asked = 0};

	memcpy(wanted.public_key, key, WG_KEY_LEN);
	return w->n_peers ? bsearch(&wanted, w->peers, w->n_peers, sizeof(*w->peers), by_public_key) : NULL;
}

/* Makes one of all sections of a peer: the last one with an endpoint counts. `asked` is the place in the file. */
static void sort_peers(struct watched *w)
{
	size_t n = 0;

	if (!w->n_peers)
		return;
	qsort(w->peers, w->n_peers, sizeof(*w->peers), by_key_and_place);
	for (size_t i = 1; i < w->n_peers; i++) {
		if (by_public_key(&w->peers[n], &w->peers[i])) {
			w->peers[++n] = w->peers[i];
		} else if (w->peers[i].endpoints.n_lines) {
			endpoints_wipe(&w->peers[n].endpoints);
			w->peers[n] = w->peers[i];
		}
	}
	w->n_peers = n + 1;
}

static void add_peers(struct watched *w, const struct config *c)
{
	struct line_cursor at = {{c->resolve.jobs}, {c->furthers.resolve.jobs}, 0};
	struct shared_peers shared;
	size_t room = 0;

	list_shared(&shared, c);
	for (const struct wg_peer *peer = c->dev->peers; peer; peer = peer->next) {
		struct endpoints e = {.random = (u32)now_ms() + (u32)w->n_peers};
		bool is_shared = shared.n && bsearch(&peer, shared.list, shared.n, sizeof(*shared.list), by_place);

		add_lines(&e, c, peer, &at);
		if (!has_choice(&e) && !is_shared) {
			endpoints_wipe(&e);
			continue;
		}
		if (w->n_peers == room) {
			room = room ? 2 * room : 8;
			w->peers = wg_realloc(w->peers, room, sizeof(*w->peers));
		}
		w->peers[w->n_peers] = (struct watched_peer){.endpoints = e, .asked = w->n_peers};
		memcpy(w->peers[w->n_peers++].public_key, peer->public_key, WG_KEY_LEN);
	}
	free(shared.list);
	sort_peers(w);
}

static void add_share(struct watched *w, const struct config_share *from)
{
	struct watched_share *s;

	w->shares = wg_realloc(w->shares, w->n_shares + 1, sizeof(*w->shares));
	s = &w->shares[w->n_shares++];
	*s = (struct watched_share){.prefix = from->prefix};
	s->failover.n = s->failover.holder = from->n;
	s->failover.members = wg_alloc(from->n * sizeof(*s->failover.members));
	s->members = wg_realloc(NULL, from->n, sizeof(*s->members));
	for (size_t i = 0; i < from->n; i++)
		s->members[i] = (size_t)(find_peer(w, from->members[i]->public_key) - w->peers);
}

void watched_init(struct watched *w, const struct state *st)
{
	/* A key that comes through a pipe is for `up`. */
	cleanup(config_wipe) struct config c = {.no_key_files = true};
	struct wg_error err;

	memcpy(w->name, st->name, sizeof(w->name));
	memcpy(w->path, st->config, sizeof(w->path));
	w->ifindex = st->ifindex;
	w->work_at = UINT64_MAX;
	if (config_find(&c, st->config, &err) < 0 || config_read(&c, NULL, &err) < 0) {
		complain(w, err.text);
		return;
	}
	add_peers(w, &c);
	for (size_t i = 0; i < c.n_shares; i++)
		add_share(w, &c.shares[i]);
	if (w->n_peers)
		w->work_at = 0;
}

static bool same_members(const struct watched *a, const struct watched_share *x, const struct watched *b,
			 const struct watched_share *y)
{
	if (x->failover.n != y->failover.n || !wg_prefix_equal(&x->prefix, &y->prefix))
		return false;
	for (size_t i = 0; i < x->failover.n; i++)
		if (memcmp(a->peers[x->members[i]].public_key, b->peers[y->members[i]].public_key, WG_KEY_LEN) != 0)
			return false;
	return true;
}

void watched_inherit(struct watched *w, const struct watched *old)
{
	if (!w->complaint[0])
		memcpy(w->complaint, old->complaint, sizeof(w->complaint));
	/* Another device has other counters. */
	for (size_t i = 0; w->ifindex == old->ifindex && i < w->n_peers; i++) {
		const struct watched_peer *p = find_peer(old, w->peers[i].public_key);

		if (p) {
			w->peers[i].health = p->health;
			w->peers[i].was_lost = p->was_lost;
		}
	}
	for (size_t i = 0; i < w->n_shares; i++)
		for (size_t k = 0; k < old->n_shares; k++)
			if (same_members(w, &w->shares[i], old, &old->shares[k]))
				memcpy(w->shares[i].failover.members, old->shares[k].failover.members,
				       w->shares[i].failover.n * sizeof(struct failover_member));
}

/* Times of handshakes are of the clock on the wall, which may be set back. */
static u64 handshake_age(const struct wg_peer *p)
{
	struct timespec wall;
	s64 age;

	clock_gettime(CLOCK_REALTIME, &wall);
	age = (wall.tv_sec - p->handshake_sec) * 1000 + (wall.tv_nsec - (s64)p->handshake_nsec) / 1000000;
	return age > 0 ? (u64)age : 0;
}

static void name_peer(char out[static 16], const struct watched_peer *p)
{
	char key[WG_KEY_BASE64_LEN + 1];

	wg_key_to_base64(key, p->public_key);
	snprintf(out, 16, "%.8s...", key);
}

static void say_health(struct watched *w, struct watched_peer *p)
{
	char shown[16];

	if (p->was_lost == p->health.lost)
		return;
	p->was_lost = p->health.lost;
	name_peer(shown, p);
	wg_log_say(&progress_log, WG_LOG_PROGRESS, p->was_lost ? "%s: peer %s does not answer" : "%s: peer %s answers again",
		   w->name, shown);
}

/* Whether a route leads to the endpoint, for packets with the tunnel's mark. It counts as one where the kernel
 * does not say. */
static bool has_way(const struct watching *watching, const union wg_endpoint *e, u32 mark)
{
	struct wg_route route;
	struct wg_error ignored;
	u8 address[16] = {0};

	if (e->addr.sa_family == AF_INET6)
		memcpy(address, &e->addr6.sin6_addr, 16);
	else
		memcpy(address, &e->addr4.sin_addr, 4);
	return wg_rtnl_route_get(watching->rtnl, (u8)e->addr.sa_family, address,
				 e->addr.sa_family == AF_INET6 ? e->addr6.sin6_scope_id : 0, mark, &route,
				 &ignored) != 0;
}

static void take_samples(struct watched *w, const struct wg_device *dev, const struct watching *watching, u64 now)
{
	const struct watch_times *t = &watching->times;

	for (size_t i = 0; i < w->n_peers; i++)
		w->peers[i].on_device = false;
	for (const struct wg_peer *have = dev->peers; have; have = have->next) {
		struct watched_peer *p = find_peer(w, have->public_key);
		struct health_sample s = {
			.rx = have->rx_bytes,
			.tx = have->tx_bytes,
			.handshake = (u64)have->handshake_sec * 1000000000 + have->handshake_nsec,
			.keepalive_ms = (u32)have->keepalive * 1000,
		};

		if (!p)
			continue;
		s.age_ms = s.handshake ? handshake_age(have) : 0;
		s.no_way = have->endpoint.addr.sa_family && has_choice(&p->endpoints) &&
			   (!s.handshake || s.age_ms >= t->session_ms) &&
			   !has_way(watching, &have->endpoint, dev->fwmark);
		p->on_device = true;
		p->current = have->endpoint;
		health_sample(&p->health, t, &s, now);
		say_health(w, p);
	}
}

/* The order of config.shares. */
static int by_share(const void *key, const void *element)
{
	const struct wg_prefix *a = key, *b = &((const struct watched_share *)element)->prefix;

	if (a->family != b->family)
		return a->family - b->family;
	return memcmp(a->addr, b->addr, sizeof(a->addr)) ?: a->cidr - b->cidr;
}

static void note_holder(const struct watched *w, struct watched_share *s, const struct wg_peer *peer)
{
	for (size_t i = 0; i < s->failover.n; i++)
		if (!memcmp(w->peers[s->members[i]].public_key, peer->public_key, WG_KEY_LEN))
			s->failover.holder = i;
}

/* Finds out which of the members has each prefix on the device. */
static void find_holders(struct watched *w, const struct wg_device *dev)
{
	for (size_t i = 0; i < w->n_shares; i++)
		w->shares[i].failover.holder = w->shares[i].failover.n;
	for (const struct wg_peer *peer = dev->peers; peer && w->n_shares; peer = peer->next)
		for (const struct wg_allowedip *a = peer->allowedips; a; a = a->next) {
			struct wg_prefix p = {.family = a->family, .cidr = a->cidr};
			struct watched_share *s;

			memcpy(p.addr, a->addr, wg_family_len(a->family));
			wg_prefix_mask(&p);
			s = bsearch(&p, w->shares, w->n_shares, sizeof(*w->shares), by_share);
			if (s)
				note_holder(w, s, peer);
		}
}

/* The entry of the peer in a change of the device. */
static struct wg_peer *changed_peer(struct wg_device *change, const struct watched_peer *p)
{
	struct wg_peer *peer;

	for (peer = change->peers; peer; peer = peer->next)
		if (!memcmp(peer->public_key, p->public_key, WG_KEY_LEN))
			return peer;
	peer = wg_device_add_peer(change);
	memcpy(peer->public_key, p->public_key, WG_KEY_LEN);
	peer->flags = WG_PEER_HAS_PUBLIC_KEY | WG_PEER_UPDATE_ONLY;
	return peer;
}

static void look_up(struct watched *w, struct watched_peer *p, struct watching *watching)
{
	const struct endpoint_line *l = &p->endpoints.lines[p->endpoints.line];

	/* One question of a peer at a time; what is found serves the line it was asked for. */
	if (p->token)
		return;
	if (!lookups_ask(watching->lookups, l->host, w->ifindex, watching->last_token + 1))
		return;
	p->token = ++watching->last_token;
	p->asked = p->endpoints.line;
}

static void decide_endpoint(struct watched *w, struct watched_peer *p, struct watching *watching, u32 mark,
			    struct wg_device *change, u64 now)
{
	union wg_endpoint address;
	enum endpoints_action action;

	if (!p->on_device || !p->endpoints.n_lines)
		return;
	while ((action = endpoints_work(&p->endpoints, &watching->times, &p->health, &p->current, now,
					&address)) != ENDPOINTS_NONE) {
		if (action == ENDPOINTS_LOOK_UP) {
			look_up(w, p, watching);
			continue;
		}
		if (!has_way(watching, &address, mark)) {
			endpoints_skip(&p->endpoints);
			continue;
		}
		changed_peer(change, p)->endpoint = address;
		p->current = address;
		health_restart(&p->health, now);
	}
}

static void decide_holder(struct watched *w, struct watched_share *s, const struct watch_times *t,
			  struct wg_device *change, u64 now)
{
	cleanup(free_ptr) const struct health **health =
		wg_realloc(NULL, s->failover.n, sizeof(struct health *));
	struct watched_peer *p;
	size_t wanted;

	for (size_t i = 0; i < s->failover.n; i++) {
		health[i] = &w->peers[s->members[i]].health;
		/* A peer that the device lacks cannot have the prefix. */
		if (!w->peers[s->members[i]].on_device)
			return;
	}
	wanted = failover_work(&s->failover, t, health, now);
	if (wanted == s->failover.holder)
		return;
	p = &w->peers[s->members[wanted]];
	wg_peer_add_allowedip(change, changed_peer(change, p), s->prefix.family, s->prefix.addr, s->prefix.cidr, 0);
	health_forgive(&p->health, now);
	failover_moved(&s->failover, t, wanted, now);
}

/* Whether the tunnel is still the one that is watched: a `down' or a `reload' may have come before. */
static bool is_still(const struct watched *w, struct journal *j)
{
	cleanup(state_wipe) struct state st = {0};
	struct wg_error ignored;

	return journal_load(j, &st, &ignored) > 0 && st.complete && !st.going_down && st.ifindex == w->ifindex;
}

/* Returns false if it has to be tried again. */
static bool apply(struct watched *w, struct wg_device *change)
{
	cleanup(journal_unlock) struct journal *j = NULL;
	struct wg_error err;

	if (journal_lock(&j, w->name, NULL, &err) < 0)
		return false;
	if (!is_still(w, j))
		return true;
	memcpy(change->name, w->name, sizeof(change->name));
	change_write(stderr, "[#] ", w->name, change, NULL);
	fflush(stderr);
	if (wg_backend_set(change, &err) < 0)
		complain(w, err.text);
	return true;
}

static bool has_work(const struct watched *w)
{
	if (w->n_shares)
		return true;
	for (size_t i = 0; i < w->n_peers; i++) {
		const struct watched_peer *p = &w->peers[i];

		if (p->on_device && (p->health.owes_since || p->health.lost || !p->current.addr.sa_family))
			return true;
	}
	return false;
}

/* Copies of the machines, to go back to where a change could not be made. */
struct before {
	struct watched_peer *peers;
	struct failover_member **members;
};

static void before_take(struct before *b, const struct watched *w)
{
	b->peers = wg_realloc(NULL, w->n_peers + 1, sizeof(*b->peers));
	memcpy(b->peers, w->peers, w->n_peers * sizeof(*b->peers));
	b->members = wg_realloc(NULL, w->n_shares + 1, sizeof(*b->members));
	for (size_t i = 0; i < w->n_shares; i++) {
		size_t size = w->shares[i].failover.n * sizeof(**b->members);

		b->members[i] = wg_alloc(size);
		memcpy(b->members[i], w->shares[i].failover.members, size);
	}
}

static void before_return(struct before *b, struct watched *w)
{
	for (size_t i = 0; i < w->n_peers; i++) {
		/* A lookup that has been begun goes on. */
		u64 token = w->peers[i].token;
		size_t asked = w->peers[i].asked;

		w->peers[i] = b->peers[i];
		w->peers[i].token = token;
		w->peers[i].asked = asked;
	}
	for (size_t i = 0; i < w->n_shares; i++)
		memcpy(w->shares[i].failover.members, b->members[i],
		       w->shares[i].failover.n * sizeof(**b->members));
}

static void before_wipe(struct before *b, const struct watched *w)
{
	for (size_t i = 0; i < w->n_shares; i++)
		free(b->members[i]);
	free(b->members);
	free(b->peers);
}

void watched_work(struct watched *w, struct watching *watching, u64 now)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL, *change = wg_device_new();
	const struct watch_times *t = &watching->times;
	struct wg_error err;
	struct before before;
	bool done = true;
	u64 cost, pause;

	w->work_at = now + t->calm_poll_ms;
	if (wg_backend_get(&dev, w->name, &err) < 0)
		return; /* who took the link away, and whether it comes back, is another matter */
	take_samples(w, dev, watching, now);
	find_holders(w, dev);
	before_take(&before, w);
	for (size_t i = 0; i < w->n_peers; i++)
		decide_endpoint(w, &w->peers[i], watching, dev->fwmark, change, now);
	for (size_t i = 0; i < w->n_shares; i++)
		decide_holder(w, &w->shares[i], t, change, now);
	if (change->peers) {
		done = apply(w, change);
		if (!done)
			before_return(&before, w);
	}
	before_wipe(&before, w);
	cost = now_ms() - now;
	pause = has_work(w) ? t->poll_ms : t->calm_poll_ms;
	if (pause < COST_FACTOR * cost)
		pause = COST_FACTOR * cost;
	w->work_at = now + (done ? pause : RETRY_MS);
}

bool watched_answer(struct watched *w, const struct lookup_answer *a, u64 now)
{
	for (size_t i = 0; i < w->n_peers; i++) {
		struct watched_peer *p = &w->peers[i];

		if (p->token != a->token)
			continue;
		p->token = 0;
		endpoints_answer(&p->endpoints, p->asked, a->found, a->n);
		w->work_at = now;
		return true;
	}
	return false;
}

void watched_hurry(struct watched *w, const struct watch_times *t, u64 now)
{
	for (size_t i = 0; i < w->n_peers; i++)
		if (w->peers[i].endpoints.n_lines)
			endpoints_hurry(&w->peers[i].endpoints, t, now);
}

size_t watched_lost(const struct watched *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_peers; i++)
		n += w->peers[i].on_device && w->peers[i].health.lost;
	return n;
}

void watched_wipe(struct watched *w)
{
	for (size_t i = 0; i < w->n_peers; i++)
		endpoints_wipe(&w->peers[i].endpoints);
	for (size_t i = 0; i < w->n_shares; i++) {
		free(w->shares[i].failover.members);
		free(w->shares[i].members);
	}
	free(w->peers);
	free(w->shares);
	*w = (struct watched){0};
}

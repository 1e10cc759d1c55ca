// SPDX-License-Identifier: GPL-2.0
#include "watch.h"
#include "host.h"
#include "upcalls.h"

/* Between two initiations at most. */
#define RETRY (WG_REKEY_TIMEOUT + WG_REKEY_TIMEOUT_JITTER)
#define ALL_ACTIONS (2 * WG_ACT_HANDSHAKE_DONE - 1)

static u64 now_of(const struct peer *p)
{
	return host_now(p->host);
}

/* Whether what was due then should have happened: a timer may be late, and the host may have
 * slept. */
static bool is_over(const struct peer *p, u64 due)
{
	const struct host *h = p->host;
	u64 allowance = h->lateness + MILLISECOND;
	u64 woken = h->resumed > h->booted ? h->resumed - h->booted + 1 : 0;

	return now_of(p) > due + allowance && now_of(p) > woken + allowance;
}

static void fail(const struct peer *p, const char *what)
{
	world_fail(p->host->world, "h%u with h%u: %s", p->host->id, p->who, what);
}

void checks_traffic_sent(struct peer *p, bool data)
{
	struct watch *t = &p->watch;

	t->owed = 0;
	t->traffic = now_of(p);
	if (data && !t->unanswered)
		t->unanswered = now_of(p);
}

void checks_traffic_received(struct peer *p, bool data)
{
	struct watch *t = &p->watch;

	t->unanswered = 0;
	t->traffic = now_of(p);
	if (data && !t->owed)
		t->owed = now_of(p);
}

void checks_retired(struct peer *p)
{
	p->watch.retired = now_of(p);
}

void checks_initiation_sent(struct peer *p, bool good)
{
	struct watch *t = &p->watch;
	u64 now = now_of(p);

	t->waits_since = now;
	t->unanswered = 0;
	t->traffic = now;
	if (!good) {
		t->failed = now;
		return;
	}
	p->host->world->checks.count.initiations++;
	if (t->initiation > t->retired && now < t->initiation + WG_REKEY_TIMEOUT)
		fail(p, "two initiations within REKEY_TIMEOUT");
	t->initiation = now;
	t->initiations++;
	checks_traffic_sent(p, false);
}

void checks_applied(struct peer *p, bool initiator)
{
	struct watch *t = &p->watch;

	t->derived = now_of(p);
	checks_traffic_received(p, false);
	if (!initiator) {
		checks_traffic_sent(p, false);
		if (t->waits_since && now_of(p) < t->initiation + WG_REKEY_TIMEOUT)
			p->host->world->checks.count.crossed++;
	}
}

static void gave_up(struct peer *p)
{
	struct watch *t = &p->watch;

	p->host->world->checks.count.give_ups++;
	if (t->initiations < WG_MAX_ATTEMPTS && !t->failed)
		fail(p, "gives up too soon");
	t->waits_since = t->owed = t->failed = 0;
	t->initiations = 0;
}

void checks_actions(struct peer *p, u32 actions)
{
	struct watch *t = &p->watch;

	if (actions & ~(u32)ALL_ACTIONS)
		fail(p, "an action without a name");
	if (actions & WG_ACT_ZERO_KEYS) {
		p->host->world->checks.count.zeroings++;
		if (t->derived && now_of(p) < t->derived + 3 * WG_REJECT_AFTER_TIME)
			fail(p, "zeroes young keys");
		t->unanswered = t->owed = 0;
	}
	if (actions & WG_ACT_DROP_STAGED)
		gave_up(p);
	if (actions & WG_ACT_HANDSHAKE_DONE) {
		p->host->world->checks.count.handshakes++;
		if (now_of(p) >= t->derived + WG_REJECT_AFTER_TIME)
			fail(p, "a handshake is done long after it was");
		t->waits_since = t->failed = 0;
		t->initiations = 0;
	}
}

/* Whoever initiated the session asks for the next. */
void checks_rekey(struct peer *p)
{
	const struct session *s = (struct session *)p->remote.keys.active;
	u64 now = now_of(p);

	if (!s || !s->pair.initiator || now < s->derived + WG_REKEY_AFTER_TIME)
		return;
	if (now > p->watch.initiation + RETRY && now > p->watch.failed + RETRY && is_over(p, 0))
		fail(p, "no initiation although the session ages");
}

void checks_last_minute(struct peer *p)
{
	const struct session *s = (struct session *)p->remote.keys.active;
	u64 late = WG_REJECT_AFTER_TIME - WG_KEEPALIVE_TIMEOUT - WG_REKEY_TIMEOUT;

	if (!s || !s->pair.initiator || now_of(p) < s->derived + late || p->watch.failed)
		return;
	if (p->watch.initiation + RETRY < s->derived + late)
		fail(p, "no initiation although the session that receives is about to end");
}

static bool may_send(const struct peer *p)
{
	const struct session *s = (struct session *)p->remote.keys.active;

	return s && now_of(p) < s->derived + WG_REJECT_AFTER_TIME &&
	       s->pair.send_counter < WG_REJECT_AFTER_MESSAGES;
}

static void check_timers(struct peer *p)
{
	struct watch *t = &p->watch;
	u64 interval = p->remote.timers.persistent_interval * WG_SECOND;

	if (t->waits_since && is_over(p, t->waits_since + RETRY))
		fail(p, "an initiation is not sent again");
	if (t->unanswered && is_over(p, t->unanswered + WG_KEEPALIVE_TIMEOUT + RETRY))
		fail(p, "data goes unanswered, and no handshake begins");
	/* Its session ended before it was due; one that is confirmed later owes nothing. */
	if (!may_send(p))
		t->owed = 0;
	if (t->owed && is_over(p, t->owed + WG_KEEPALIVE_TIMEOUT))
		fail(p, "data came, and no keepalive goes back");
	if (interval && is_over(p, t->traffic + interval + RETRY))
		fail(p, "no persistent keepalive");
	if (p->remote.keys.active && is_over(p, t->derived + 3 * WG_REJECT_AFTER_TIME))
		fail(p, "keys are kept for too long");
	if (p->remote.handshake.pending.active &&
	    is_over(p, t->initiation + 3 * WG_REJECT_AFTER_TIME) &&
	    is_over(p, t->derived + 3 * WG_REJECT_AFTER_TIME))
		fail(p, "secrets of a handshake are kept for too long");
}

static const struct session *find(const struct peer *p, const struct wg_keypair *k)
{
	const struct session *s = p->sessions;

	while (s && &s->pair != k)
		s = s->next;
	return s;
}

/* The core's memory is what its pointers reach. */
static void check_memory(struct peer *p)
{
	const struct wg_keypairs *k = &p->remote.keys;
	const struct wg_keypair *held[] = {k->previous, k->active, k->next};
	u32 count = 0, live = 0, indices = upcalls_count(p->host, p);

	for (u32 i = 0; i < 3; i++) {
		const struct session *s = held[i] ? find(p, held[i]) : NULL;

		count += held[i] != NULL;
		if (held[i] && (!s || !s->ready || !s->applied))
			fail(p, "holds a session that is freed or not ready");
		if (held[i] && (held[i] == held[(i + 1) % 3]))
			fail(p, "holds a session twice");
	}
	for (const struct session *s = p->sessions; s; s = s->next)
		live += s->applied;
	if (live != count)
		fail(p, "lost a session without freeing it");
	if (indices != p->remote.handshake.pending.active)
		fail(p, "lost an index without dropping it");
	if (p->pending > 8)
		fail(p, "more sessions than handshakes");
}

void checks_peer(struct peer *p)
{
	if (p->depth || *p->host->world->failure)
		return;
	check_memory(p);
	check_timers(p);
}

void checks_quiet(struct peer *p)
{
	if (p->sessions)
		fail(p, "has a session after long silence");
	if (p->remote.handshake.pending.active || upcalls_count(p->host, p))
		fail(p, "has a handshake after long silence");
	if (p->staged_count)
		fail(p, "has packets waiting after long silence");
	if (wg_timers_deadline(&p->remote.timers) != WG_NEVER)
		fail(p, "has a timer running after long silence");
}

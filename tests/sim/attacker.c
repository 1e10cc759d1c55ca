// SPDX-License-Identifier: GPL-2.0
#include "attacker.h"
#include "host.h"

static u64 now_of(const struct attacker *a)
{
	return a->world->now;
}

static void sign(struct attacker *a, struct datagram *d)
{
	wg_cookie_add_macs(&a->jar, a->world->hosts[a->target]->public_key, d->bytes, d->len,
			   now_of(a));
}

static void be_anywhere(struct attacker *a, struct datagram *d)
{
	random_bytes(&a->world->secrets, d->from.ip + 1, 3);
}

static void send_one(struct attacker *a)
{
	struct world *w = a->world;
	const struct host *target = w->hosts[a->target];
	struct datagram d = {.from = a->address, .to = target->address, .origin = NOBODY,
			     .meant_for = a->target, .len = WG_INITIATION_LEN};

	static const u8 nonce[WG_COOKIE_NONCE_LEN];
	struct wg_message_cookie reply;

	random_bytes(&w->secrets, d.bytes, d.len);
	wg_store_le32(d.bytes, WG_MESSAGE_INITIATION);
	a->sent++;
	switch (a->kind) {
	case ATTACKER_BLIND:
		d.from.ip[3] = (u8)random_u64(&w->secrets);
		break;
	case ATTACKER_KNOWING:
		be_anywhere(a, &d);
		sign(a, &d);
		break;
	case ATTACKER_PRESENT:
		sign(a, &d);
		break;
	case ATTACKER_SPOOFING:
		/* Half of them have the victim's port, or its whole address. */
		if (a->sent % 2 && d.from.family == 6)
			random_bytes(&w->secrets, d.from.ip + 8, 8);
		else if (a->sent % 2)
			random_bytes(&w->secrets, d.from.port, 2);
		sign(a, &d);
		if (a->sent % 5 < 2)
			random_bytes(&w->secrets, d.bytes + d.len - WG_MAC_LEN, WG_MAC_LEN);
		break;
	case ATTACKER_MANY:
		be_anywhere(a, &d);
		sign(a, &d);
		wg_cookie_create(&target->local.checker, &reply, d.bytes, d.len, &d.from, nonce,
				 host_now(target));
		wg_cookie_consume(&a->jar, target->public_key, &reply, now_of(a));
		checks_cookie(w->hosts[a->target], &d);
		sign(a, &d);
		break;
	case ATTACKER_RESPONSES:
		be_anywhere(a, &d);
		d.len = WG_RESPONSE_LEN;
		wg_store_le32(d.bytes, WG_MESSAGE_RESPONSE);
		wg_store_le32(d.bytes + 8, a->index(w));
		sign(a, &d);
		break;
	case ATTACKER_COOKIES:
		be_anywhere(a, &d);
		d.len = WG_COOKIE_MESSAGE_LEN;
		wg_store_le32(d.bytes, WG_MESSAGE_COOKIE);
		wg_store_le32(d.bytes + 4, a->index(w));
		break;
	case ATTACKER_REPLAYING:
		d = a->replayed;
		d.origin = NOBODY;
		d.replayed = true;
		break;
	}
	w->checks.count.forged++;
	if (a->kind == ATTACKER_REPLAYING)
		network_replay(w, &d, w->now);
	else
		network_send(w, &d);
}

/* A cookie answers the latest message only: whoever wants one makes load, then waits for it. */
static u64 pause_of(const struct attacker *a)
{
	bool waits = a->kind == ATTACKER_PRESENT && !a->jar.created_at &&
		     now_of(a) / (WG_SECOND / 2) % 2;

	return waits ? WG_SECOND / 20 : a->interval;
}

static void flood(struct world *w, void *what, u64 serial, u64 unused)
{
	struct attacker *a = w->attacker;

	(void)what;
	(void)unused;
	if (!a || a->serial != serial || w->now >= a->until)
		return;
	send_one(a);
	events_add(&w->events, w->now + pause_of(a), flood, NULL, serial, 0);
}

void attacker_start(struct attacker *a, struct world *w, enum attacker_kind kind, u32 target,
		    u64 interval, u64 until)
{
	*a = (struct attacker){
		.world = w,
		.kind = kind,
		.address = addr_of(220, 0, false),
		.target = target,
		.interval = interval,
		.until = until,
		.serial = w->events.added,
	};
	w->attacker = a;
	world_log(w, "a flood begins against h%u, kind %d", target, (int)kind);
	events_add(&w->events, w->now, flood, NULL, a->serial, 0);
}

void attacker_receive(struct attacker *a, const struct datagram *d)
{
	struct world *w = a->world;

	if (d->len == WG_COOKIE_MESSAGE_LEN && addr_equal(&d->to, &a->address))
		wg_cookie_consume(&a->jar, w->hosts[a->target]->public_key,
				  (const struct wg_message_cookie *)d->bytes, now_of(a));
}

// SPDX-License-Identifier: GPL-2.0
#include "attacker.h"
#include "host.h"

static u64 now_of(const struct attacker *a)
{
	return a->world->now;
}

static void send_one(struct attacker *a)
{
	struct world *w = a->world;
	const struct host *target = w->hosts[a->target];
	struct datagram d = {.from = a->address, .to = target->address, .origin = NOBODY,
			     .meant_for = a->target, .len = WG_INITIATION_LEN};

	random_bytes(&w->secrets, d.bytes, d.len);
	wg_store_le32(d.bytes, WG_MESSAGE_INITIATION);
	/* Those who receive nothing change their address at will. */
	if (a->kind != ATTACKER_PRESENT)
		d.from.ip[3] = (u8)random_u64(&w->secrets);
	if (a->kind != ATTACKER_BLIND)
		wg_cookie_add_macs(&a->jar, target->public_key, d.bytes, d.len, now_of(a));
	w->checks.count.forged++;
	network_send(w, &d);
}

static void flood(struct world *w, void *what, u64 serial, u64 unused)
{
	struct attacker *a = w->attacker;

	(void)what;
	(void)unused;
	if (!a || a->serial != serial || w->now >= a->until)
		return;
	send_one(a);
	/* A cookie is for the latest message only: it has to wait for its first. */
	events_add(&w->events,
		   w->now + (a->kind == ATTACKER_PRESENT && !a->jar.created_at ? WG_SECOND / 20
									  : a->interval),
		   flood, NULL, serial, 0);
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
	flood(w, NULL, a->serial, 0);
}

void attacker_receive(struct attacker *a, const struct datagram *d)
{
	struct world *w = a->world;

	if (d->len == WG_COOKIE_MESSAGE_LEN && addr_equal(&d->to, &a->address))
		wg_cookie_consume(&a->jar, w->hosts[a->target]->public_key,
				  (const struct wg_message_cookie *)d->bytes, now_of(a));
}

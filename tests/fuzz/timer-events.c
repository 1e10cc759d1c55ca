// SPDX-License-Identifier: GPL-2.0
/* Any sequence of events on a remote, with what must always hold: no key is used past its
 * limits, no counter twice, no initiation too soon, no deadline in the past, no interest lost. Two
 * bytes each: what, and how much. */
#include <stdlib.h>
#include "../../src/core/remote.h"

enum { KEYS = 4 };

static struct wg_keypair keys[KEYS];
static bool held[KEYS];
static u64 counters[KEYS]; /* the next, as we count */
static struct wg_remote r;
static u64 now, latest; /* latest: initiation that was granted or sent */
static unsigned int retries;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void keypair_free(void *ctx, struct wg_keypair *k)
{
	check(ctx == keys && held[k - keys]);
	held[k - keys] = false;
}

static const struct wg_host host = {.ctx = keys, .keypair_free = keypair_free};

static void initiate(u32 actions, u8 arg)
{
	if (!(actions & WG_ACT_INITIATE))
		return;
	check(latest == WG_NEVER || now - latest >= WG_REKEY_TIMEOUT);
	latest = now;
	check(r.timers.retransmit != WG_NEVER);
	/* Now and then the host cannot. */
	if (arg % 4)
		wg_timers_initiated(&r.timers, arg * 0x01010101U, now);
	check(!(arg % 4) || r.timers.zero_keys <= now + 3 * WG_REJECT_AFTER_TIME);
}

static void send_some(u8 arg)
{
	struct wg_send_reservation g;
	size_t k;

	retries = 0;
	wg_remote_send(&r, arg + 1U, arg & 1, &g, now);
	if (g.keypair) {
		k = (size_t)(g.keypair - keys);
		check(held[k] && g.keypair == r.keys.active);
		check(now - g.keypair->created_at < WG_REJECT_AFTER_TIME);
		check(g.counter == counters[k]);
		counters[k] += arg + 1U;
		check(counters[k] == g.keypair->send_counter);
		check(counters[k] <= WG_REJECT_AFTER_MESSAGES);
	} else {
		check(r.timers.retransmit != WG_NEVER);
	}
	initiate(g.actions, arg >> 1);
}

static void receive(u8 arg)
{
	struct wg_keypair *all[] = {r.keys.previous, r.keys.active, r.keys.next,
				    &keys[arg % KEYS]};
	struct wg_keypair *used = all[arg >> 2 & 3];
	bool next = used && used == r.keys.next;
	struct wg_received batch = {.accepted = 1, .data = arg & 2};
	u32 actions;

	if (!used || !wg_keypair_may_receive(used, now))
		return;
	actions = wg_remote_received(&r, used, &batch, &host, now);
	check(next == !!(actions & WG_ACT_HANDSHAKE_DONE));
	check(!next || r.keys.active == used);
	retries = 0;
	initiate(actions, arg >> 4);
}

static void derive(u8 arg)
{
	size_t k = 0;

	while (k < KEYS && held[k])
		k++;
	check(k < KEYS);
	held[k] = true;
	keys[k] = (struct wg_keypair){.created_at = now, .initiator = arg & 1};
	keys[k].loses_tie = keys[k].initiator && arg & 2;
	if (arg >> 4 == 15)
		keys[k].send_counter = WG_REJECT_AFTER_MESSAGES - (arg & 12) * 16;
	if (arg >> 4 == 14)
		keys[k].send_counter = WG_REKEY_AFTER_MESSAGES - (arg & 12) * 16;
	counters[k] = keys[k].send_counter;
	wg_keypairs_add(&r.keys, &keys[k], &host);
	wg_timers_derived(&r.timers, now);
	if (keys[k].initiator) {
		wg_timers_handshake_complete(&r.timers);
		retries = 0;
	} else {
		wg_timers_sent(&r.timers, false, now);
	}
}

static void tick(u8 arg)
{
	bool due = wg_timers_deadline(&r.timers) <= now;
	bool interest = r.timers.new_handshake <= now && r.timers.zero_keys > now;
	u32 actions = wg_remote_tick(&r, &host, now);

	check(due || !actions);
	check(wg_timers_deadline(&r.timers) > now);
	if (actions & WG_ACT_ZERO_KEYS)
		check(!r.keys.previous && !r.keys.active && !r.keys.next);
	/* A interest counts even where it comes too soon. */
	if (interest)
		retries = 0;
	else if (actions & WG_ACT_INITIATE)
		retries++;
	check(retries <= WG_MAX_ATTEMPTS);
	/* What is not persistent is for a session. */
	if (actions & WG_ACT_KEEPALIVE && !r.timers.persistent_interval)
		check(r.keys.active && wg_keypair_may_send(r.keys.active, 1, now));
	initiate(actions, arg);
}

/* To the deadline, or by any power of two and a little. */
static void pass_time(u8 arg)
{
	u64 deadline = wg_timers_deadline(&r.timers);

	if (arg & 1 && deadline != WG_NEVER)
		now = deadline > now ? deadline : now;
	else
		now += (1ULL << (arg >> 1) % 46) + (arg >> 6);
	tick(arg);
}

static void expire(void)
{
	wg_remote_expire(&r, &host);
	latest = WG_NEVER;
}

static void stop(void)
{
	expire();
	wg_timers_stop(&r.timers);
	check(wg_timers_deadline(&r.timers) == WG_NEVER);
	retries = 0;
}

static void event(u8 what, u8 arg)
{
	switch (what & 7) {
	case 0:
	case 1:
		send_some(arg);
		break;
	case 2:
		receive(arg);
		break;
	case 3:
		derive(arg);
		break;
	case 4:
		if (wg_timers_set_persistent(&r.timers, arg, true, now))
			check(arg);
		check(!arg == (r.timers.persistent == WG_NEVER));
		break;
	case 5:
		if (arg < 8)
			stop();
		else if (arg < 32)
			expire();
		else
			tick(arg);
		break;
	case 6:
	case 7:
		pass_time(arg);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 public_key[WG_PUBLIC_LEN];

	memset(held, 0, sizeof(held));
	wg_remote_init(&r, public_key);
	now = 0;
	latest = WG_NEVER;
	retries = 0;
	for (; size >= 2; size -= 2, data += 2)
		event(data[0], data[1]);
	wg_remote_expire(&r, &host);
	for (size_t i = 0; i < KEYS; i++)
		check(!held[i]);
	return 0;
}

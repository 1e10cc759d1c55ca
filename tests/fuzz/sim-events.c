// SPDX-License-Identifier: GPL-2.0
/* Any sequence of events between two hosts of the simulator: the bytes say what happens next and
 * how much of it, then decide what weather and accidents draw. After them all is well: the two have
 * to find each other, to lose nothing, and to fall silent. Every check of the simulator holds. */
#include <stdio.h>
#include <stdlib.h>
#include "../sim/accident.h"
#include "../sim/curve.h"
#include "../sim/host.h"
#include "../sim/upcalls.h"

/* Longest, and how much data, in one input: it has to be fast. */
#define LENGTH   (1800 * WG_SECOND)
#define STEADY   (10 * WG_SECOND)
#define MESSAGES 2000

enum { RECORDS = 8, FATES = 16 };

/* What happens to one datagram in place of the weather. */
enum fate { AS_USUAL, LOST, TWICE, DAMAGED, LATE, FATE_KINDS };

static struct {
	struct datagram records[RECORDS]; /* a ring */
	u32 recorded;
	u8 fates[FATES]; /* of those that come next */
	u32 fate_count, fate_next;
	struct weather usual;
} wire;

static struct weather weather_of(enum fate fate)
{
	struct weather t = wire.usual;

	switch (fate) {
	case AS_USUAL:
	case LOST:
	case FATE_KINDS:
		break;
	case TWICE:
		t.duplicate = 1000;
		break;
	case DAMAGED:
		t.damage = 1000;
		break;
	case LATE:
		t.delay += 3 * WG_SECOND;
		break;
	}
	return t;
}

static bool on_the_wire(struct world *w, const struct datagram *d)
{
	enum fate fate = AS_USUAL;

	wire.records[wire.recorded++ % RECORDS] = *d;
	if (wire.fate_next < wire.fate_count)
		fate = (enum fate)wire.fates[wire.fate_next++];
	w->network.weather = weather_of(fate);
	return fate == LOST;
}

static u32 either(struct world *w)
{
	return (u32)random_below(&w->fate, 2);
}

static void send_some(struct world *w)
{
	u32 from = either(w);
	u64 n = random_below(&w->fate, 8) + 1;

	while (n-- && !*w->failure && w->checks.message_count < MESSAGES)
		if (host_is_awake(w->hosts[from]) && w->hosts[from]->peers[1 - from])
			scenario_send(w, from, 1 - from, false);
}

static void pass_milliseconds(struct world *w)
{
	world_run_until(w, w->now + random_below(&w->fate, 256) * 4 * MILLISECOND);
}

static void pass_seconds(struct world *w)
{
	world_run_until(w, w->now + random_below(&w->fate, 256) * WG_SECOND);
}

/* Around the moments at which keys and timers end. */
static void pass_timeout(struct world *w)
{
	static const u64 timeouts[] = {
		WG_REKEY_TIMEOUT,    WG_KEEPALIVE_TIMEOUT, WG_KEEPALIVE_TIMEOUT + WG_REKEY_TIMEOUT,
		WG_REKEY_AFTER_TIME, WG_REJECT_AFTER_TIME, 3 * WG_REJECT_AFTER_TIME,
	};
	u64 n = random_below(&w->fate, sizeof(timeouts) / sizeof(*timeouts));
	u64 early = random_below(&w->fate, 32) * MILLISECOND;

	world_run_until(w, w->now + timeouts[n] - early);
}

static void choose_fates(struct world *w)
{
	u64 n = random_below(&w->fate, FATES) + 1;

	wire.fate_count = wire.fate_next = 0;
	while (wire.fate_count < n)
		wire.fates[wire.fate_count++] = (u8)random_below(&w->fate, FATE_KINDS);
}

static void replay(struct world *w)
{
	u64 back = random_below(&w->fate, RECORDS);
	u64 wait = random_below(&w->fate, 256) * 8 * MILLISECOND;

	if (back < wire.recorded)
		network_replay(w, &wire.records[(wire.recorded - 1 - back) % RECORDS],
			       w->now + wait);
}

static void take_bytes(struct world *w, u8 *to, u32 n)
{
	for (u32 i = 0; i < n; i++)
		to[i] = (u8)random_below(&w->fate, 256);
}

static void inject(struct world *w)
{
	u32 at = either(w), kind = (u32)random_below(&w->fate, 8);
	struct host *h = w->hosts[at];
	struct datagram d = {.from = w->hosts[1 - at]->address,
			     .to = h->address,
			     .origin = NOBODY,
			     .meant_for = at,
			     .damaged = true};

	d.len = (u32)random_below(&w->fate, NETWORK_MTU);
	take_bytes(w, d.bytes, d.len < 24 ? d.len : 24);
	/* Half of them reach further: what they are, and for an index that somebody has. */
	if (kind >= 4) {
		static const u32 lengths[] = {WG_INITIATION_LEN, WG_RESPONSE_LEN,
					      WG_COOKIE_MESSAGE_LEN, WG_DATA_OVERHEAD};
		u32 place = kind == 5 ? 8 : 4;

		d.len = kind == 7 && d.len > WG_DATA_OVERHEAD ? d.len : lengths[kind - 4];
		wg_store_le32(d.bytes, kind - 3);
		wg_store_le32(d.bytes + place, h->indices[d.bytes[place] % HOST_INDICES].index);
	}
	network_send(w, &d);
}

/* All weather at once, or what accidents have. */
static void change_weather(struct world *w)
{
	wire.usual = accident_weather(&w->fate);
}

static void accident(struct world *w)
{
	/* One of the kinds is weather: it stays. */
	w->network.weather = wire.usual;
	accident_happen(w);
	wire.usual = w->network.weather;
}

static void settle(struct world *w)
{
	u64 awake = w->now;

	for (u32 i = 0; i < w->host_count; i++)
		if (w->hosts[i]->up && w->hosts[i]->asleep_until > awake)
			awake = w->hosts[i]->asleep_until;
	world_run_until(w, awake);
	w->network.loses = NULL;
	scenario_finish(w, STEADY);
}

static void run(struct world *w)
{
	static void (*const kinds[])(struct world * w) = {
		send_some,    send_some,    pass_milliseconds, pass_milliseconds,
		pass_seconds, pass_timeout, choose_fates,      replay,
		inject,       accident,     accident,          change_weather,
	};
	struct scenario s = {0};
	u64 begin = w->now;

	memset(&wire, 0, sizeof(wire));
	scenario_pair(w, &s, LENGTH);
	wire.usual = w->network.weather;
	w->network.loses = on_the_wire;
	while (w->fate.left && !*w->failure && w->now < begin + LENGTH)
		kinds[random_below(&w->fate, sizeof(kinds) / sizeof(*kinds))](w);
	settle(w);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct world *w = world_new(1);

	w->verbose = getenv("VERBOSE");
	curve_toy = true;
	random_from_bytes(&w->fate, data, size);
	run(w);
	if (*w->failure) {
		fprintf(stderr, "sim-events: %s\n", w->failure);
		abort();
	}
	world_free(w);
	return 0;
}

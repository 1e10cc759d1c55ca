// SPDX-License-Identifier: GPL-2.0
#include "wire.h"
#include "host.h"

struct wire wire;

void wire_expect(struct world *w, bool good, const char *what, const char *file, int line)
{
	const char *slash = strrchr(file, '/');

	if (!good)
		world_fail(w, "%s:%d: expected %s", slash ? slash + 1 : file, line, what);
}

static bool on_the_wire(struct world *w, const struct datagram *d)
{
	u32 type = d->bytes[0];

	if (type > WG_MESSAGE_DATA || d->origin == NOBODY)
		return false;
	if (wire.count < WIRE_MAX)
		wire.sent[wire.count++] =
			(struct wire_entry){w->now - w->begin, d->origin, type, d->len};
	wire.latest[type] = *d;
	if (!wire.lose[type])
		return false;
	if (wire.lose[type] != ALWAYS)
		wire.lose[type]--;
	return true;
}

u32 wire_count(u32 origin, u32 type, u64 from, u64 to)
{
	u32 n = 0;

	for (u32 i = 0; i < wire.count; i++) {
		const struct wire_entry *e = &wire.sent[i];

		n += e->origin == origin && e->type == type && e->at >= from && e->at <= to;
	}
	return n;
}

u32 wire_keepalives(u32 origin, u64 from, u64 to)
{
	u32 n = 0;

	for (u32 i = 0; i < wire.count; i++) {
		const struct wire_entry *e = &wire.sent[i];

		n += e->origin == origin && e->len == WG_DATA_OVERHEAD && e->at >= from &&
		     e->at <= to;
	}
	return n;
}

static void introduce(struct world *w, u32 at, u32 who)
{
	struct host_config c = {.knows_endpoint = true, .endpoint = w->hosts[who]->address};

	memset(c.psk, 7, sizeof(c.psk));
	memcpy(c.public_key, w->hosts[who]->public_key, WG_PUBLIC_LEN);
	host_add_peer(w->hosts[at], who, &c);
}

void wire_begin(struct world *w)
{
	memset(&wire, 0, sizeof(wire));
	w->network.loses = on_the_wire;
	w->network.weather = (struct weather){.delay = WAY};
	host_new(w, 0);
	host_new(w, 1);
	if (memcmp(w->hosts[0]->public_key, w->hosts[1]->public_key, WG_PUBLIC_LEN) > 0) {
		u8 key[WG_PUBLIC_LEN];

		memcpy(key, w->hosts[0]->private_key, sizeof(key));
		host_set_key(w->hosts[0], w->hosts[1]->private_key);
		host_set_key(w->hosts[1], key);
	}
	introduce(w, 0, 1);
	introduce(w, 1, 0);
	host_start(w->hosts[0]);
	host_start(w->hosts[1]);
}

void wire_until(struct world *w, u64 time)
{
	world_run_until(w, w->begin + time);
}

u64 wire_say(struct world *w, u32 from)
{
	u32 to = 1 - from;
	struct message m = {
		.from = from, .to = to, .family = 4, .source = (u8)from, .destination = (u8)to};
	u64 id = checks_message(w, &m);

	if (!*w->failure)
		host_send(w->hosts[from], id);
	return id;
}

bool wire_heard(const struct world *w, u64 id)
{
	return w->checks.messages[id].delivered;
}

struct peer *wire_peer(const struct world *w, u32 at)
{
	return w->hosts[at]->peers[1 - at];
}

void wire_meet(struct world *w)
{
	u64 there, back;

	wire_begin(w);
	there = wire_say(w, 0);
	wire_until(w, 100 * MILLISECOND);
	back = wire_say(w, 1);
	wire_until(w, WG_SECOND);
	EXPECT(w, wire_heard(w, there) && wire_heard(w, back));
}

// SPDX-License-Identifier: GPL-2.0
/* Handshake messages of any kind, to two devices that are each other's peer and have handshakes
 * going. The input is a list of events: bytes as a message, with macs made right or not; a real
 * message, once or again, whole or changed and with its macs made right; time; load; failing
 * memory. No index or keypair may be lost, nothing changed or repeated may be accepted, and in the
 * end a handshake must be possible. */
#include "../unit/core/sides.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

enum { EVENTS = 48, SLOTS = 4 };

struct datagram {
	u8 bytes[WG_HANDSHAKE_MAX];
	size_t len;
	u8 to;
	bool taken; /* accepted: never again */
};

struct input {
	const u8 *data;
	size_t left;
};

static struct side side[2];
static struct wg_remote *remote[2];
static struct datagram wire[SLOTS];
static unsigned int sent;
static u64 now, unix_now;
static u32 salt;
static bool loaded;

static u8 take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

static void take_bytes(struct input *in, u8 *out, size_t len)
{
	while (len--)
		*out++ = take(in);
}

static struct wg_entropy entropy(void)
{
	struct wg_entropy e;

	memset(&e, 0x5a, sizeof(e));
	salt++;
	wg_store_le32(e.ephemeral + 4, salt);
	return e;
}

/* The same each time: kept. */
static void prepare_sides(void)
{
	static struct side fresh[2];

	if (!fresh[0].n_remotes) {
		for (u8 i = 0; i < 2; i++) {
			u8 secret[32] = {0, (u8)(i + 1)};

			side_init(&side[i], secret, (i + 1U) << 16);
			side[i].address.ip[3] = i;
		}
		for (u8 i = 0; i < 2; i++)
			remote[i] = side_add(&side[i], side[!i].local.identity.public_key);
		memcpy(fresh, side, sizeof(fresh));
	}
	memcpy(side, fresh, sizeof(side));
}

static void prepare(void)
{
	prepare_sides();
	memset(wire, 0, sizeof(wire));
	sent = salt = 0;
	now = unix_now = 1000 * WG_SECOND;
	loaded = false;
}

static void send(u8 to, const void *bytes, size_t len)
{
	struct datagram *d = &wire[sent++ % SLOTS];

	memcpy(d->bytes, bytes, len);
	d->len = len;
	d->to = to;
	d->taken = false;
}

static bool initiate(u8 from)
{
	struct wg_message_initiation m;
	struct wg_entropy e = entropy();

	if (!wg_handshake_initiate(&side[from].local, remote[from], &m, &e, unix_now, now))
		return false;
	send(!from, &m, sizeof(m));
	return true;
}

static enum wg_handshake_result deliver(u8 to, const u8 *bytes, size_t len)
{
	struct wg_entropy e = entropy();
	struct wg_incoming in;
	/* A copy whose end the sanitizer sees. */
	u8 *message = malloc(len + !len);
	enum wg_handshake_result result;

	side_require(message != NULL);
	memcpy(message, bytes, len);
	result = side_receive(&side[to], &in, message, len, &side[!to].address, loaded, &e, now);
	side_require(in.reply_len <= len);
	if (in.reply_len)
		send(!to, in.reply, in.reply_len);
	if (result == WG_HANDSHAKE_RESPONDED || result == WG_HANDSHAKE_COMPLETED)
		wg_handshake_apply(&side[to].local, &in, now);
	else
		side_require(!in.keypair);
	free(message);
	return result;
}

static bool accepted(enum wg_handshake_result result)
{
	return result == WG_HANDSHAKE_RESPONDED || result == WG_HANDSHAKE_COMPLETED ||
	       result == WG_HANDSHAKE_COOKIE_TAKEN;
}

/* A message that is on the wire, changed or not. Its place may be another's afterwards. */
static bool deliver_from(unsigned int slot, const u8 *bytes)
{
	struct datagram *d = &wire[slot];
	bool own = sent % SLOTS != slot, good;

	good = accepted(deliver(d->to, bytes, d->len));
	side_require(!good || !own || !d->taken);
	d->taken |= good && own;
	return good;
}

static void fix_macs(u8 to, u8 *bytes, size_t len)
{
	struct wg_cookie_jar jar = {0};

	if (len >= WG_RESPONSE_LEN)
		wg_cookie_add_macs(&jar, side[to].local.identity.public_key, bytes, len, now);
}

static void deliver_any(struct input *in, u8 to)
{
	static const u8 lens[] = {WG_INITIATION_LEN, WG_RESPONSE_LEN, WG_COOKIE_MESSAGE_LEN};
	u8 bytes[WG_HANDSHAKE_MAX], how = take(in);
	size_t len = how & 4 ? take(in) % sizeof(bytes) : lens[how % 3];

	take_bytes(in, bytes, len);
	if (how & 8 && len >= 4)
		wg_store_le32(bytes, how % 3 + 1);
	if (how & 16 && len >= 12) /* an index that is likely in use */
		wg_store_le32(bytes + (how % 3 == 1 ? 8 : 4), ((to + 1U) << 16) + (how >> 6));
	if (how & 32)
		fix_macs(to, bytes, len);
	deliver(to, bytes, len);
}

static void deliver_changed(struct input *in, unsigned int slot)
{
	struct datagram d = wire[slot];
	size_t at = take(in) % d.len;
	size_t authentic = d.len == WG_RESPONSE_LEN ? 12 : 8;
	size_t end = d.len == WG_COOKIE_MESSAGE_LEN ? d.len : d.len - 32;
	u8 change = take(in);
	bool good;

	d.bytes[at] ^= change;
	fix_macs(d.to, d.bytes, d.len);
	good = deliver_from(slot, d.bytes);
	side_require(!good || !change || at < authentic || at >= end);
}

static void claim(struct input *in, struct datagram d)
{
	struct wg_message_initiation m;
	u8 sender[32];

	if (d.len != sizeof(m))
		return;
	take_bytes(in, sender, sizeof(sender));
	memcpy(&m, d.bytes, sizeof(m));
	side_claim(&m, &side[d.to].local.identity, sender);
	fix_macs(d.to, (u8 *)&m, sizeof(m));
	deliver(d.to, (u8 *)&m, sizeof(m));
}

/* A message under what the sender sends with. */
static void say(u8 from)
{
	struct wg_received batch = {.accepted = 1, .data = true};
	struct wg_keypair *out = remote[from]->keys.active;
	struct side_index *i = out ? side_index(&side[!from], out->remote_index) : NULL;

	if (i && i->keypair && !memcmp(i->keypair->receive_key, out->send_key, 32))
		wg_remote_received(remote[!from], i->keypair, &batch, &side[!from].host, now);
}

static void check(void)
{
	for (int i = 0; i < 2; i++) {
		const struct wg_keypairs *k = &remote[i]->keys;
		unsigned int held = !!k->previous + !!k->active + !!k->next;

		side_require(side[i].keypairs == held);
		side_require(side_indices(&side[i]) == held + remote[i]->handshake.pending.active);
	}
}

static void event(struct input *in)
{
	u8 what = take(in), to = what >> 7;
	unsigned int slot = what >> 4 & 3;
	u64 wait;

	switch (what & 15) {
	case 0:
		initiate(to);
		break;
	case 1:
		deliver_any(in, to);
		break;
	case 2:
	case 3:
	case 4:
		deliver_from(slot, wire[slot].bytes);
		break;
	case 5:
	case 6:
		if (wire[slot].len)
			deliver_changed(in, slot);
		break;
	case 7:
		claim(in, wire[slot]);
		break;
	case 8:
	case 9:
		wait = (u64)take(in) << (what >> 4 & 7) << 23;
		now += wait;
		unix_now += what & 1 ? wait : 0;
		break;
	case 10:
		loaded = !loaded;
		break;
	case 11:
		side[to].no_index = what & 16;
		side[to].no_keypair = what & 32;
		break;
	case 12:
		wg_handshake_forget(&side[to].local, remote[to], what & 16);
		break;
	case 13:
		wg_remote_expire(remote[to], &side[to].host);
		break;
	default:
		say(to);
		break;
	}
}

/* From any state a handshake takes two messages. */
static void heal(void)
{
	for (int i = 0; i < 2; i++)
		side[i].no_index = side[i].no_keypair = false;
	loaded = false;
	now += WG_SECOND;
	side_require(initiate(0));
	for (int i = 0; i < 2; i++) {
		const struct datagram *d = &wire[(sent - 1) % SLOTS];

		side_require(deliver(d->to, d->bytes, d->len) ==
			     (i ? WG_HANDSHAKE_COMPLETED : WG_HANDSHAKE_RESPONDED));
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = {data, size};

	prepare();
	for (int i = 0; i < EVENTS && in.left; i++) {
		event(&in);
		check();
	}
	if (size % 4 == 0) /* it takes its time */
		heal();
	check();
	side_require(side_end(&side[0]) && side_end(&side[1]));
	return 0;
}

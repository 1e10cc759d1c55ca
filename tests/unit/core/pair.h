/* SPDX-License-Identifier: GPL-2.0 */
/* Two devices that are each other's peer, and the messages between them. For tests with cmocka. */
#ifndef WG_TESTS_PAIR_H
#define WG_TESTS_PAIR_H

#include "../../vectors/handshake.h"
#include "sides.h"

#define UNIX0 HANDSHAKE_UNIX

/* With the keys of the vectors. */
enum { I, R };

struct datagram {
	u8 bytes[WG_HANDSHAKE_MAX];
	size_t len;
};

static struct side side[2];
static struct wg_remote *remote[2];
static struct wg_incoming in;
static u64 now;
static u8 salt;

static inline int setup(void **state)
{
	static const char *const secrets[] = {HANDSHAKE_STATIC_I, HANDSHAKE_STATIC_R};
	static const u32 indices[] = {HANDSHAKE_INDEX_I, HANDSHAKE_INDEX_R};
	static const u8 stranger[32] = {9};
	u8 secret[32];

	(void)state;
	for (int i = I; i <= R; i++) {
		handshake_hex(secret, secrets[i]);
		side_init(&side[i], secret, indices[i]);
		side_add(&side[i], stranger);
	}
	for (int i = I; i <= R; i++)
		remote[i] = side_add(&side[i], side[!i].local.identity.public_key);
	now = 1000 * WG_SECOND;
	salt = 1;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	return side_end(&side[I]) && side_end(&side[R]) ? 0 : -1;
}

static inline struct wg_entropy entropy(void)
{
	struct wg_entropy e;

	memset(&e, salt++, sizeof(e));
	return e;
}

static inline bool initiate(int from, struct datagram *d)
{
	struct wg_message_initiation m = {0};
	struct wg_entropy e = entropy();
	bool made = wg_handshake_initiate(&side[from].local, remote[from], &m, &e, UNIX0, now);

	memcpy(d->bytes, &m, sizeof(m));
	d->len = sizeof(m);
	return made;
}

static inline enum wg_handshake_result receive_loaded(int at, const struct datagram *d,
						     bool under_load)
{
	struct wg_entropy e = entropy();

	return side_receive(&side[at], &in, d->bytes, d->len, &side[!at].address, under_load, &e,
			    now);
}

static inline enum wg_handshake_result receive(int at, const struct datagram *d)
{
	return receive_loaded(at, d, false);
}

static inline void take_reply(struct datagram *d)
{
	memcpy(d->bytes, in.reply, in.reply_len);
	d->len = in.reply_len;
}

static inline u32 apply(int at)
{
	return wg_handshake_apply(&side[at].local, &in, now);
}

/* Gives the reply, if there is one, after it was applied. */
static inline void accept_message(int at, const struct datagram *d, struct datagram *reply)
{
	enum wg_handshake_result result = receive(at, d);

	assert_true(result == WG_HANDSHAKE_RESPONDED || result == WG_HANDSHAKE_COMPLETED);
	assert_ptr_equal(in.remote, remote[at]);
	apply(at);
	take_reply(reply);
}

static inline void shake_hands(int from)
{
	struct datagram initiation, response, none;

	assert_true(initiate(from, &initiation));
	accept_message(!from, &initiation, &response);
	accept_message(from, &response, &none);
}

/* A message from one side reaches the other, under the session that the sender sends with. */
static inline u32 say(int from)
{
	struct wg_received batch = {.accepted = 1};
	struct wg_keypair *out = remote[from]->keys.active;
	struct side_index *i = side_index(&side[!from], out->remote_index);

	assert_non_null(i);
	assert_non_null(i->keypair);
	assert_memory_equal(out->send_key, i->keypair->receive_key, 32);
	assert_memory_equal(out->receive_key, i->keypair->send_key, 32);
	return wg_remote_received(remote[!from], i->keypair, &batch, &side[!from].host, now);
}

static inline void assert_nothing_came(enum wg_handshake_result got,
				       enum wg_handshake_result expected)
{
	assert_int_equal(got, expected);
	assert_null(in.remote);
	assert_null(in.keypair);
	assert_int_equal(in.reply_len, 0);
}

#endif

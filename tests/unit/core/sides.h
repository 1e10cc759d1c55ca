/* SPDX-License-Identifier: GPL-2.0 */
/* Devices without anything around them: a host whose indices are a small table and whose memory
 * fails on request. Whatever the core does against the contract of host.h aborts. */
#ifndef WG_TESTS_SIDES_H
#define WG_TESTS_SIDES_H

#include <stdlib.h>
#include "../../../src/core/admission.h"
#include "../../../src/core/handshake.h"
#include "../../../src/crypto/blake2s.h"
#include "../../../src/crypto/chacha20poly1305.h"

#define SIDE_REMOTES 4
#define SIDE_INDICES 32

struct side_index {
	struct wg_remote *remote; /* NULL: not in use */
	struct wg_keypair *keypair;
	u32 index;
};

struct side {
	struct wg_local local;
	struct wg_remote remotes[SIDE_REMOTES];
	struct wg_host host;
	const struct wg_remote *held; /* whose handshake lock the core has */
	struct side_index indices[SIDE_INDICES];
	struct wg_addr address;
	unsigned int n_remotes, keypairs;
	u32 next_index;
	bool no_index, no_keypair;
};

static inline void side_require(bool good)
{
	if (!good)
		abort();
}

static inline struct side_index *side_index(struct side *s, u32 index)
{
	for (struct side_index *i = s->indices; i < s->indices + SIDE_INDICES; i++)
		if (i->remote && i->index == index)
			return i;
	return NULL;
}

static inline unsigned int side_indices(const struct side *s)
{
	unsigned int n = 0;

	for (int i = 0; i < SIDE_INDICES; i++)
		n += s->indices[i].remote != NULL;
	return n;
}

static inline struct wg_remote *side_hold(struct side *s, struct wg_remote *r)
{
	side_require(!s->held);
	s->held = r;
	return r;
}

static inline void side_release(void *ctx, struct wg_remote *r)
{
	struct side *s = ctx;

	side_require(r && s->held == r);
	s->held = NULL;
}

static inline bool side_has_index(void *ctx, u32 index)
{
	return side_index(ctx, index);
}

static inline struct wg_remote *side_by_key(void *ctx, const u8 public_key[static 32])
{
	struct side *s = ctx;

	for (unsigned int i = 0; i < s->n_remotes; i++)
		if (!memcmp(s->remotes[i].handshake.remote_static, public_key, 32))
			return side_hold(s, &s->remotes[i]);
	return NULL;
}

static inline struct wg_remote *side_by_index(void *ctx, u32 index)
{
	struct side_index *i = side_index(ctx, index);

	return i ? side_hold(ctx, i->remote) : NULL;
}

static inline bool side_index_new(void *ctx, struct wg_remote *remote, u32 *index)
{
	struct side *s = ctx;

	if (s->no_index)
		return false;
	for (struct side_index *i = s->indices; i < s->indices + SIDE_INDICES; i++) {
		if (i->remote)
			continue;
		*index = s->next_index++;
		*i = (struct side_index){.remote = remote, .index = *index};
		return true;
	}
	abort();
}

static inline void side_index_drop(void *ctx, u32 index)
{
	struct side_index *i = side_index(ctx, index);

	side_require(i && !i->keypair);
	*i = (struct side_index){0};
}

static inline struct wg_keypair *side_keypair_new(void *ctx, struct wg_remote *remote)
{
	struct side *s = ctx;

	(void)remote;
	if (s->no_keypair)
		return NULL;
	s->keypairs++;
	return calloc(1, sizeof(struct wg_keypair));
}

static inline void side_keypair_ready(void *ctx, struct wg_remote *remote,
				      struct wg_keypair *keypair)
{
	struct side_index *i = side_index(ctx, keypair->local_index);

	side_require(i && i->remote == remote && !i->keypair);
	i->keypair = keypair;
}

static inline void side_keypair_free(void *ctx, struct wg_keypair *keypair)
{
	struct side *s = ctx;
	struct side_index *i = side_index(s, keypair->local_index);

	if (i && i->keypair == keypair)
		*i = (struct side_index){0};
	s->keypairs--;
	free(keypair);
}

static inline void side_init(struct side *s, const u8 private_key[static 32], u32 first_index)
{
	static const u8 random[32] = {1, 2, 3};

	memset(s, 0, sizeof(*s));
	s->host = (struct wg_host){
		.ctx = s,
		.remote_by_key = side_by_key,
		.remote_by_index = side_by_index,
		.remote_release = side_release,
		.has_index = side_has_index,
		.index_new = side_index_new,
		.index_drop = side_index_drop,
		.keypair_new = side_keypair_new,
		.keypair_ready = side_keypair_ready,
		.keypair_free = side_keypair_free,
	};
	s->next_index = first_index;
	s->address = (struct wg_addr){.ip = {192, 0, 2, 1}, .port = {0xca, 0x6c}, .family = 4};
	wg_local_init(&s->local, &s->host, random);
	wg_local_set_private(&s->local, private_key);
}

static inline struct wg_remote *side_add(struct side *s, const u8 public_key[static 32])
{
	side_require(s->n_remotes < SIDE_REMOTES);
	wg_remote_init(&s->remotes[s->n_remotes], public_key);
	return &s->remotes[s->n_remotes++];
}

/* A message arrives and, where it may, is taken in; `demand`: who shows no cookie gets one. After it,
 * nothing is held. */
static inline enum wg_handshake_result side_receive(struct side *s, struct wg_incoming *in,
						    const u8 *message, size_t len,
						    const struct wg_addr *from, bool demand,
						    const struct wg_entropy *e, u64 now)
{
	static u8 nonce[WG_COOKIE_NONCE_LEN];
	struct wg_arrival a;
	enum wg_handshake_result result;
	struct wg_remote *remote;

	memset(in, 0, sizeof(*in));
	result = wg_admission_check(&s->local, &a, message, len, from, now);
	if (result != WG_HANDSHAKE_ADMITTED)
		return result;
	if (demand && a.kind == WG_ADMISSION_UNPROVEN) {
		nonce[0]++;
		wg_admission_reply(&s->local, (struct wg_message_cookie *)in->reply, message, len,
				   from, nonce, now);
		in->reply_len = WG_COOKIE_MESSAGE_LEN;
		return WG_HANDSHAKE_COOKIE_REPLY;
	}
	result = wg_handshake_receive(&s->local, in, message, len, e, now);
	side_require(s->held == in->named && (!in->remote || in->remote == in->named));
	remote = in->remote;
	wg_handshake_release(&s->local, in);
	side_require(!s->held && !in->remote);
	in->remote = remote;
	return result;
}

static inline void side_hash(u8 hash[static 32], const void *data, size_t len)
{
	struct wg_blake2s s;

	wg_blake2s_init(&s, 32, NULL, 0);
	wg_blake2s_update(&s, hash, 32);
	wg_blake2s_update(&s, data, len);
	wg_blake2s_final(&s, hash);
}

/* Puts another sender into the first half of a good initiation to `to`: anybody could have made it.
 * The macs are not right any more. */
static inline void side_claim(struct wg_message_initiation *m, const struct wg_identity *to,
			      const u8 sender[static 32])
{
	static const char construction[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
	static const char identifier[] = "WireGuard v1 zx2c4 Jason@zx2c4.com";
	struct wg_noise_opened o;
	u8 hash[32];

	wg_noise_open_initiation(&o, to, m);
	wg_blake2s(hash, 32, construction, sizeof(construction) - 1, NULL, 0);
	side_hash(hash, identifier, sizeof(identifier) - 1);
	side_hash(hash, to->public_key, 32);
	side_hash(hash, m->ephemeral, 32);
	wg_chacha20poly1305_seal(m->encrypted_static, sender, 32, hash, 32, 0, o.symmetric.key);
}

/* Ends everything; false where an index or a keypair is left over. */
static inline bool side_end(struct side *s)
{
	for (unsigned int i = 0; i < s->n_remotes; i++) {
		wg_handshake_forget(&s->local, &s->remotes[i], false);
		wg_remote_expire(&s->remotes[i], &s->host);
	}
	return !side_indices(s) && !s->keypairs;
}

#endif

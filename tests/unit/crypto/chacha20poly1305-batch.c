// SPDX-License-Identifier: GPL-2.0
/* ChaCha20-Poly1305 in batches, with each instruction set that the processor has: against RFC 8439,
 * libcrypto and, for sums that no key and text meet by chance, wg_poly1305. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include "../../../src/crypto/chacha20poly1305-batch-private.h"
#include "../../../src/crypto/poly1305.h"
#if WG_BATCH_X86
#include "../../../src/crypto/chacha20poly1305-chain.h"
#endif

#define PACKETS 47
#define LONGEST 1500
#define TAG     WG_BATCH_TAG_LEN
#define STRIDE  (LONGEST + TAG + 64)

static u64 seed = 1;

/* Below `end`. */
static u32 pick(u32 end)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)((seed >> 33) % end);
}

static void fill(u8 *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (u8)pick(256);
}

static u64 pick_nonce(void)
{
	u64 near_32_bits = (1ULL << 32) - 8 + pick(16),
	    any = (u64)pick(1U << 31) << 33 | pick(1U << 31);

	return pick(2) ? near_32_bits : any;
}

/* One packet, by libcrypto. */
static void reference(u8 *out, const u8 *text, u32 len, u64 nonce, const u8 key[static 32])
{
	static EVP_CIPHER_CTX *context;
	u8 iv[12] = {0};
	int n;

	if (!context)
		context = EVP_CIPHER_CTX_new();
	wg_store_le64(iv + 4, nonce);
	assert_true(EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), NULL, key, iv));
	assert_true(EVP_EncryptUpdate(context, out, &n, text, (int)len));
	assert_true(EVP_EncryptFinal_ex(context, out + len, &n));
	assert_true(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, out + len));
}

/* A batch, what has to come of it, and the memory it lives in. */
struct batch {
	u8 key[32];
	size_t n;
	struct wg_batch_packet p[PACKETS];
	u8 text[PACKETS][LONGEST];
	u8 sealed[PACKETS][LONGEST + TAG];
	u8 dst[PACKETS * STRIDE], src[PACKETS * STRIDE];
	u8 expected[PACKETS * STRIDE];
};

static struct batch b;

static u32 pick_len(int kind, u32 same)
{
	switch (kind) {
	case 0:
		return same;
	case 1:
		return pick(8) ? same : pick(same + 1);
	case 2:
		return pick(130);
	case 3:
		return pick(LONGEST / 16) * 16;
	}
	return pick(LONGEST + 1);
}

/* Where the text of a packet to seal is: apart from dst, in place, or in place but a little
 * higher. */
static void place(struct wg_batch_packet *p, size_t i)
{
	u8 *slot = b.dst + i * STRIDE;

	p->dst = slot + pick(40);
	p->head = pick(3) ? 0 : pick(p->len + 1);
	switch (pick(3)) {
	case 0:
		p->src = b.src + i * STRIDE + pick(64);
		break;
	case 1:
		p->src = p->dst + p->head;
		break;
	case 2:
		p->src = p->dst + p->head + pick(24);
		break;
	}
}

static void random_batch(void)
{
	int kind = (int)pick(5);
	u32 same = pick(LONGEST + 1);

	fill(b.key, sizeof(b.key));
	b.n = pick(4) ? pick(PACKETS + 1) : pick(4);
	for (size_t i = 0; i < b.n; i++) {
		struct wg_batch_packet *p = &b.p[i];

		p->len = pick_len(kind, same);
		p->nonce = pick_nonce();
		fill(b.text[i], p->len);
		reference(b.sealed[i], b.text[i], p->len, p->nonce, b.key);
	}
}

static void seals_one_batch(void)
{
	random_batch();
	for (size_t i = 0; i < b.n; i++) {
		struct wg_batch_packet *p = &b.p[i];

		place(p, i);
		memcpy((u8 *)p->src, b.text[i] + p->head, p->len - p->head);
		memcpy(p->dst, b.text[i], p->head);
	}
	memcpy(b.expected, b.dst, sizeof(b.dst));
	for (size_t i = 0; i < b.n; i++)
		memcpy(b.expected + (b.p[i].dst - b.dst), b.sealed[i], b.p[i].len + TAG);
	wg_chacha20poly1305_batch_seal(b.key, b.p, b.n);
	assert_memory_equal(b.dst, b.expected, sizeof(b.dst));
}

static void opens_one_batch(void)
{
	bool ok[PACKETS], forged[PACKETS];

	random_batch();
	for (size_t i = 0; i < b.n; i++) {
		struct wg_batch_packet *p = &b.p[i];
		u8 *src;

		p->dst = b.dst + i * STRIDE + pick(40);
		p->head = 0;
		src = pick(2) ? p->dst : b.src + i * STRIDE + pick(64);
		p->src = src;
		memcpy(src, b.sealed[i], p->len + TAG);
		forged[i] = pick(6) == 0;
		if (forged[i])
			src[pick(p->len + TAG)] ^= (u8)(1 << pick(8));
	}
	memcpy(b.expected, b.dst, sizeof(b.dst));
	for (size_t i = 0; i < b.n; i++) {
		if (!forged[i])
			memcpy(b.expected + (b.p[i].dst - b.dst), b.text[i], b.p[i].len);
	}
	wg_chacha20poly1305_batch_open(b.key, b.p, b.n, ok);
	for (size_t i = 0; i < b.n; i++)
		assert_int_equal(ok[i], !forged[i]);
	assert_memory_equal(b.dst, b.expected, sizeof(b.dst));
}

/* Both ways, in batches of 22 on average. */
static void agrees_with_libcrypto(void **state)
{
	size_t packets = getenv("WG_SLOW_TESTS") ? 2000000 : 20000, done = 0;

	(void)state;
	while (done < packets) {
		seals_one_batch();
		done += b.n;
		opens_one_batch();
		done += b.n;
	}
}

static void refuses_each_flipped_bit(void **state)
{
	enum { N = 9, LEN = 80 };
	u8 key[32] = {7}, sealed[N][LEN + TAG], out[N][LEN];
	struct wg_batch_packet p[N];
	bool ok[N];

	(void)state;
	fill(&out[0][0], sizeof(out));
	for (int i = 0; i < N; i++) {
		reference(sealed[i], out[i], LEN, (u64)i, key);
		p[i] = (struct wg_batch_packet){out[i], sealed[i], LEN, 0, (u64)i};
	}
	for (int bit = 0; bit < (LEN + TAG) * 8; bit++) {
		int victim = bit % N;

		sealed[victim][bit / 8] ^= (u8)(1 << bit % 8);
		wg_chacha20poly1305_batch_open(key, p, N, ok);
		for (int i = 0; i < N; i++)
			assert_int_equal(ok[i], i != victim);
		sealed[victim][bit / 8] ^= (u8)(1 << bit % 8);
	}
}

/* Texts that lie one behind the other are sealed below where they lie, and each comes to lie upon
 * what the one before it was. */
static void seals_downwards(void **state)
{
	enum { N = 20, LEN = 700, GAP = 16, SIZE = N * (LEN + TAG + GAP) };
	static u8 buffer[SIZE];
	struct wg_batch_packet p[N];

	(void)state;
	fill(b.key, sizeof(b.key));
	for (size_t i = 0; i < N; i++) {
		u8 *src = buffer + SIZE - (N - i) * LEN;

		fill(src, LEN);
		p[i] = (struct wg_batch_packet){buffer + i * (LEN + TAG + GAP), src, LEN, 0, i};
		reference(b.sealed[i], src, LEN, i, b.key);
	}
	wg_chacha20poly1305_batch_seal(b.key, p, N);
	for (size_t i = 0; i < N; i++)
		assert_memory_equal(p[i].dst, b.sealed[i], LEN + TAG);
}

static void poly1305_matches(const u8 *data, const u32 *len, u8 (*key)[32],
			     const struct wg_batch_engine *engine, size_t n)
{
	struct wg_batch_mac m[WG_BATCH_WINDOW];
	u8 tags[WG_BATCH_WINDOW][TAG];
	struct wg_batch_job job = {.m = m, .n = n};

	for (size_t i = 0; i < n; i++) {
		m[i].data = data;
		m[i].tag = tags[i];
		m[i].len = len[i];
		memcpy(m[i].key, key[i], 32);
	}
#if WG_BATCH_X86
	chains_end(&job, engine->mac);
#endif
	for (size_t i = 0; i < n; i++) {
		struct wg_poly1305 s;
		u8 lengths[16] = {0}, tag[16];

		wg_store_le64(lengths + 8, len[i]);
		wg_poly1305_init(&s, key[i]);
		wg_poly1305_update(&s, data, len[i]);
		wg_poly1305_align(&s);
		wg_poly1305_update(&s, lengths, sizeof(lengths));
		wg_poly1305_final(&s, tag);
		assert_memory_equal(tags[i], tag, sizeof(tag));
	}
}

/* Bytes that make limbs as large or as small as they can be. */
static u8 extreme(void)
{
	static const u8 some[] = {0x00, 0xff, 0xff, 0xff, 0xfb, 0xfa, 0x01, 0x80};

	return some[pick(sizeof(some))];
}

static void sums_extremes(void **state)
{
	const struct wg_batch_engine *engine = *state;
	u8 data[512], key[WG_BATCH_WINDOW][32];
	u32 len[WG_BATCH_WINDOW];

	if (!engine)
		return;
	for (int round = 0; round < 20000; round++) {
		int kind = (int)pick(4);

		for (size_t i = 0; i < sizeof(data); i++)
			data[i] = kind == 0 ? 0xff : extreme();
		for (size_t i = 0; i < WG_BATCH_WINDOW; i++) {
			len[i] = pick(3) ? pick(sizeof(data) / 16) * 16 : pick(sizeof(data));
			for (size_t j = 0; j < 32; j++)
				key[i][j] = kind < 2 ? 0xff : extreme();
			/* r = 1, 2, ...: the sum is the text's own, just above or below 2^130 -
			 * 5. */
			if (pick(3) == 0) {
				memset(key[i], 0, 16);
				key[i][0] = (u8)pick(6);
			}
		}
		poly1305_matches(data, len, key, engine, 1 + pick(WG_BATCH_WINDOW));
	}
}

/* r = 1: the sum is that of the blocks, here 2^130, or that and a power of two that fills limbs
 * below it, less a few or and a few. Three blocks have the bit at 2^128, the fourth time it comes
 * from the text, together with the length in the last block. */
static void reduces_completely(void **state)
{
	const struct wg_batch_engine *engine = *state;
	u8 key[WG_BATCH_WINDOW][32] = {{0}}, data[32] = {0};
	u32 len[WG_BATCH_WINDOW];

	if (!engine)
		return;
	for (size_t i = 0; i < WG_BATCH_WINDOW; i++) {
		key[i][0] = 1;
		len[i] = sizeof(data);
	}
	for (u64 i = 0; i < 64 * 40; i++) {
		u64 few = i % 40 - 20, power = i / 40 ? 1ULL << (i / 40 - 1) : 0;

		wg_store_le64(data, few);
		wg_store_le64(data + 8, 0 - (u64)sizeof(data) - 1);
		wg_store_le64(data + 24, power + (few < 20));
		poly1305_matches(data, len, key, engine, 1);
		poly1305_matches(data, len, key, engine, WG_BATCH_WINDOW);
	}
}

/* The cipher's example, section 2.4.2, whose nonce could be WireGuard's; no example of the AEAD's
 * could. */
static void follows_the_rfc(void **state)
{
	static const char text[] = "Ladies and Gentlemen of the class of '99: If I could offer you "
				   "only one tip for the future, sunscreen would be it.";
	static const u8 sealed[] = {
		0x6e, 0x2e, 0x35, 0x9a, 0x25, 0x68, 0xf9, 0x80, 0x41, 0xba, 0x07, 0x28, 0xdd,
		0x0d, 0x69, 0x81, 0xe9, 0x7e, 0x7a, 0xec, 0x1d, 0x43, 0x60, 0xc2, 0x0a, 0x27,
		0xaf, 0xcc, 0xfd, 0x9f, 0xae, 0x0b, 0xf9, 0x1b, 0x65, 0xc5, 0x52, 0x47, 0x33,
		0xab, 0x8f, 0x59, 0x3d, 0xab, 0xcd, 0x62, 0xb3, 0x57, 0x16, 0x39, 0xd6, 0x24,
		0xe6, 0x51, 0x52, 0xab, 0x8f, 0x53, 0x0c, 0x35, 0x9f, 0x08, 0x61, 0xd8, 0x07,
		0xca, 0x0d, 0xbf, 0x50, 0x0d, 0x6a, 0x61, 0x56, 0xa3, 0x8e, 0x08, 0x8a, 0x22,
		0xb6, 0x5e, 0x52, 0xbc, 0x51, 0x4d, 0x16, 0xcc, 0xf8, 0x06, 0x81, 0x8c, 0xe9,
		0x1a, 0xb7, 0x79, 0x37, 0x36, 0x5a, 0xf9, 0x0b, 0xbf, 0x74, 0xa3, 0x5b, 0xe6,
		0xb4, 0x0b, 0x8e, 0xed, 0xf2, 0x78, 0x5e, 0x42, 0x87, 0x4d};
	u8 key[32], out[sizeof(sealed) + TAG], back[sizeof(sealed)];
	struct wg_batch_packet p = {out, (const u8 *)text, sizeof(sealed), 0, 0x4a000000};
	bool ok;

	(void)state;
	for (u8 i = 0; i < 32; i++)
		key[i] = i;
	wg_chacha20poly1305_batch_seal(key, &p, 1);
	assert_memory_equal(out, sealed, sizeof(sealed));
	p.src = out;
	p.dst = back;
	wg_chacha20poly1305_batch_open(key, &p, 1, &ok);
	assert_true(ok);
	assert_memory_equal(back, text, sizeof(back));
}

static void knows_what_it_may_use(void **state)
{
	(void)state;
	assert_true(wg_batch_use(WG_BATCH_NONE));
	assert_true(wg_batch_use(wg_batch_isa()));
	assert_int_equal(wg_batch_use(WG_BATCH_AVX512), wg_batch_isa() >= WG_BATCH_AVX512);
}

static void does_nothing_for_nothing(void **state)
{
	u8 key[32] = {0};

	(void)state;
	wg_chacha20poly1305_batch_seal(key, NULL, 0);
	wg_chacha20poly1305_batch_open(key, NULL, 0, NULL);
}

static const struct wg_batch_engine *engine_of(enum wg_batch_isa isa)
{
#if WG_BATCH_X86
	if (isa == WG_BATCH_AVX2)
		return &wg_chacha20poly1305_avx2;
	if (isa == WG_BATCH_AVX512)
		return &wg_chacha20poly1305_avx512;
#endif
	(void)isa;
	return NULL;
}

static int run_with(const char *name, enum wg_batch_isa isa)
{
	void *engine = (void *)engine_of(isa);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_rfc),
		cmocka_unit_test(agrees_with_libcrypto),
		cmocka_unit_test(refuses_each_flipped_bit),
		cmocka_unit_test(seals_downwards),
		cmocka_unit_test_prestate(sums_extremes, engine),
		cmocka_unit_test_prestate(reduces_completely, engine),
		cmocka_unit_test(does_nothing_for_nothing),
	};

	if (!wg_batch_use(isa)) {
		print_message("skip %s: not on this machine\n", name);
		return 0;
	}
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(knows_what_it_may_use)};

	return cmocka_run_group_tests(tests, NULL, NULL) + run_with("none", WG_BATCH_NONE) +
	       run_with("avx2", WG_BATCH_AVX2) + run_with("avx512", WG_BATCH_AVX512);
}

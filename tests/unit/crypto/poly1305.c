// SPDX-License-Identifier: GPL-2.0
/* Poly1305 with limbs of both sizes: RFC 8439; libcrypto.c compares at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/crypto/poly1305.h"
#include "../../vectors/hex.h"
#include "../random.h"

#define MOST 1100

/* src/crypto/poly1305.c once more, with 32-bit limbs. */
void wg_poly1305_init_32(struct wg_poly1305 *s, const u8 key[static 32]);
void wg_poly1305_update_32(struct wg_poly1305 *s, const u8 *data, size_t len);
void wg_poly1305_align_32(struct wg_poly1305 *s);
void wg_poly1305_final_32(struct wg_poly1305 *s, u8 tag[static 16]);

struct implementation {
	void (*init)(struct wg_poly1305 *s, const u8 key[static 32]);
	void (*update)(struct wg_poly1305 *s, const u8 *data, size_t len);
	void (*align)(struct wg_poly1305 *s);
	void (*final)(struct wg_poly1305 *s, u8 tag[static 16]);
};

static struct implementation native = {wg_poly1305_init, wg_poly1305_update, wg_poly1305_align,
				       wg_poly1305_final};
static struct implementation bits32 = {wg_poly1305_init_32, wg_poly1305_update_32,
				       wg_poly1305_align_32, wg_poly1305_final_32};

#define ZEROS "00000000000000000000000000000000"
#define ONES  "ffffffffffffffffffffffffffffffff"
#define TWO   "02000000000000000000000000000000"
#define ONE   "01000000000000000000000000000000"
#define S     "36e5f6b5c5e06070f0efca96227a863e"

/* Section 2.5.2 and appendix A.3: key, text, tag. */
static const char *const rfc[][3] = {
	{"85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
	 "43727970746f6772617068696320466f72756d2052657365617263682047726f7570",
	 "a8061dc1305136c6c22b8baf0c0127a9"},
	{ZEROS ZEROS, ZEROS ZEROS ZEROS ZEROS, ZEROS},
	{"1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
	 "2754776173206272696c6c69672c20616e642074686520736c6974687920746f7665730a446964206779726520"
	 "616e642067696d626c6520696e2074686520776162653a0a416c6c206d696d737920776572652074686520626f"
	 "726f676f7665732c0a416e6420746865206d6f6d65207261746873206f757467726162652e",
	 "4541669a7eaaee61e708dc7cbcc5eb62"},
	{TWO ZEROS, ONES, "03000000000000000000000000000000"},
	{TWO ONES, TWO, "03000000000000000000000000000000"},
	{ONE ZEROS,
	 ONES "f0ffffffffffffffffffffffffffffff"
	      "11000000000000000000000000000000",
	 "05000000000000000000000000000000"},
	{ONE ZEROS,
	 ONES "fbfefefefefefefefefefefefefefefe"
	      "01010101010101010101010101010101",
	 ZEROS},
	{TWO ZEROS, "fdffffffffffffffffffffffffffffff", "faffffffffffffffffffffffffffffff"},
	{"01000000000000000400000000000000" ZEROS,
	 "e33594d7505e43b900000000000000003394d7505e4379cd0100000000000000"
	 "0000000000000000000000000000000001000000000000000000000000000000",
	 "14000000000000005500000000000000"},
	{"01000000000000000400000000000000" ZEROS,
	 "e33594d7505e43b900000000000000003394d7505e4379cd0100000000000000" ZEROS,
	 "13000000000000000000000000000000"},
};

/* Appendix A.3, numbers 2 and 3. */
/* clang-format off */
#define NOTE_WELL \
	"Any submission to the IETF intended by the Contributor for publication as all or part of " \
	"an IETF Internet-Draft or RFC and any statement made within the context of an IETF " \
	"activity is considered an \"IETF Contribution\". Such statements include oral statements " \
	"in IETF sessions, as well as written and electronic communications made at any time or " \
	"place, which are addressed to"
/* clang-format on */

static void tag_of(const struct implementation *x, u8 tag[static 16], const u8 key[static 32],
		   const void *data, size_t len)
{
	struct wg_poly1305 s;

	x->init(&s, key);
	x->update(&s, data, len);
	x->final(&s, tag);
}

static void follows_the_rfc(void **state)
{
	const struct implementation *x = *state;
	u8 key[32], text[256], tag[16];

	for (size_t i = 0; i < sizeof(rfc) / sizeof(*rfc); i++) {
		hex_read(key, sizeof(key), rfc[i][0]);
		tag_of(x, tag, key, text, hex_read(text, sizeof(text), rfc[i][1]));
		if (!hex_is(tag, sizeof(tag), rfc[i][2]))
			fail_msg("vector %zu", i);
	}
	hex_read(key, sizeof(key), ZEROS S);
	tag_of(x, tag, key, NOTE_WELL, strlen(NOTE_WELL));
	assert_true(hex_is(tag, sizeof(tag), S));
	hex_read(key, sizeof(key), S ZEROS);
	tag_of(x, tag, key, NOTE_WELL, strlen(NOTE_WELL));
	assert_true(hex_is(tag, sizeof(tag), "f3477e7cd95417af89a6b8794c310cf0"));
}

/* (2^129 - 1) 4 is 6 modulo 2^130 - 5: what comes back at the bottom carries all the way up. */
static void carries_through_all_limbs(void **state)
{
	const struct implementation *x = *state;
	u8 key[32] = {4}, text[16], tag[16];

	memset(text, 0xff, sizeof(text));
	tag_of(x, tag, key, text, sizeof(text));
	assert_true(hex_is(tag, sizeof(tag), "06000000000000000000000000000000"));
}

static void takes_data_in_any_pieces(void **state)
{
	const struct implementation *x = *state;
	u8 key[32], text[100], whole[16], pieces[16];
	struct wg_poly1305 s;
	struct random r = {2005};

	random_fill(&r, key, sizeof(key));
	random_fill(&r, text, sizeof(text));
	for (size_t len = 0; len <= sizeof(text); len++) {
		tag_of(x, whole, key, text, len);
		for (size_t cut = 0; cut <= len; cut++) {
			size_t more = (len - cut) / 3;

			x->init(&s, key);
			x->update(&s, text, cut);
			x->update(&s, text + cut, more);
			x->update(&s, text + cut + more, len - cut - more);
			x->final(&s, pieces);
			assert_memory_equal(pieces, whole, 16);
		}
	}
}

static void fills_up_with_zeros(void **state)
{
	const struct implementation *x = *state;
	u8 key[32], text[64] = {0}, whole[16], aligned[16];
	struct wg_poly1305 s;
	struct random r = {8439};

	random_fill(&r, key, sizeof(key));
	for (size_t len = 0; len <= 48; len++) {
		memset(text, 0x5a, len);
		tag_of(x, whole, key, text, (len + 15) / 16 * 16);
		x->init(&s, key);
		x->update(&s, text, len);
		x->align(&s);
		x->align(&s);
		x->final(&s, aligned);
		assert_memory_equal(aligned, whole, 16);
	}
}

/* Both sizes of limbs against each other, on bytes that are likely to carry. */
static void limbs_of_both_sizes_agree(void **state)
{
	static const u8 likely[] = {0xff, 0x00, 0xfe, 0x01, 0xfb, 0x80, 0x7f, 0xfc};
	u8 key[32], text[160], one[16], other[16];
	struct random r = {130};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t len = random_below(&r, sizeof(text) + 1);

		for (size_t j = 0; j < 32; j++)
			key[j] = likely[random_below(&r, i % 8 + 1)];
		for (size_t j = 0; j < len; j++)
			text[j] = likely[random_below(&r, i / 8 % 8 + 1)];
		tag_of(&native, one, key, text, len);
		tag_of(&bits32, other, key, text, len);
		assert_memory_equal(one, other, 16);
	}
}

static void reads_at_any_alignment(void **state)
{
	const struct implementation *x = *state;
	u8 key[32], text[MOST], moved[MOST + 16], expected[16], tag[16];
	struct random r = {1305};

	random_fill(&r, key, sizeof(key));
	random_fill(&r, text, sizeof(text));
	for (size_t len = 0; len <= MOST; len++) {
		memcpy(moved + len % 16, text, len);
		tag_of(x, expected, key, text, len);
		tag_of(x, tag, key, moved + len % 16, len);
		assert_memory_equal(tag, expected, 16);
	}
}

static void wipes_its_state(void **state)
{
	static const struct wg_poly1305 zeros;
	const struct implementation *x = *state;
	struct wg_poly1305 s;
	u8 key[32], tag[16];

	memset(key, 0x77, sizeof(key));
	x->init(&s, key);
	x->update(&s, key, 31);
	x->final(&s, tag);
	assert_memory_equal(&s, &zeros, sizeof(s));
}

/* clang-format off */
#define BOTH(test) \
	{#test, test, NULL, NULL, &native}, {#test ", 32-bit limbs", test, NULL, NULL, &bits32}
/* clang-format on */

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(follows_the_rfc),
		BOTH(carries_through_all_limbs),
		BOTH(takes_data_in_any_pieces),
		BOTH(fills_up_with_zeros),
		BOTH(reads_at_any_alignment),
		BOTH(wipes_its_state),
		cmocka_unit_test(limbs_of_both_sizes_agree),
	};

	return cmocka_run_group_tests_name("crypto/poly1305", tests, NULL, NULL);
}

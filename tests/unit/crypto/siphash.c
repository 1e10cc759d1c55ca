// SPDX-License-Identifier: GPL-2.0
/* SipHash-2-4: its paper, its published vectors, Wycheproof; libcrypto.c compares at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "../../../src/crypto/siphash.h"
#include "../../vectors/hex.h"
#include "../random.h"

/* The published ones: the key is 00 01 ... 0f, text number i is 00 01 ... i - 1. */
static const u64 published[64] = {
	0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
	0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
	0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
	0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
	0x3f2acc7f57c29bdb, 0x699ae9f52cbe4794, 0x4bc1b3f0968dd39c, 0xbb6dc91da77961bd,
	0xbed65cf21aa2ee98, 0xd0f2cbb02e3b67c7, 0x93536795e3a33e88, 0xa80c038ccd5ccec8,
	0xb8ad50c6f649af94, 0xbce192de8a85b8ea, 0x17d835b85bbb15f3, 0x2f2e6163076bcfad,
	0xde4daaaca71dc9a5, 0xa6a2506687956571, 0xad87a3535c49ef28, 0x32d892fad841c342,
	0x7127512f72f27cce, 0xa7f32346f95978e3, 0x12e0b01abb051238, 0x15e034d40fa197ae,
	0x314dffbe0815a3b4, 0x027990f029623981, 0xcadcd4e59ef40c4d, 0x9abfd8766a33735c,
	0x0e3ea96b5304a7d0, 0xad0c42d6fc585992, 0x187306c89bc215a9, 0xd4a60abcf3792b95,
	0xf935451de4f21df2, 0xa9538f0419755787, 0xdb9acddff56ca510, 0xd06c98cd5c0975eb,
	0xe612a3cb9ecba951, 0xc766e62cfcadaf96, 0xee64435a9752fe72, 0xa192d576b245165a,
	0x0a8787bf8ecb74b2, 0x81b3e73d20b49b6f, 0x7fa8220ba3b2ecea, 0x245731c13ca42499,
	0xb78dbfaf3a8d83bd, 0xea1ad565322a1a0b, 0x60e61c23a3795013, 0x6606d7e446282b93,
	0x6ca4ecb15c5f91e1, 0x9f626da15c9625f3, 0xe51b38608ef25f57, 0x958a324ceb064572,
};

static void passes_the_published_vectors(void **state)
{
	u8 key[16], text[64];

	(void)state;
	for (u8 i = 0; i < 64; i++) {
		key[i % 16] = i % 16;
		text[i] = i;
	}
	/* Appendix A of the paper. */
	assert_true(wg_siphash(text, 15, key) == 0xa129ca6149be45e5);
	for (size_t i = 0; i < 64; i++)
		assert_true(wg_siphash(text, i, key) == published[i]);
}

static void passes_wycheproof(void **state)
{
	static char line[2048], key_hex[64], text_hex[1024], tag_hex[64];
	FILE *f = fopen("tests/vectors/siphash-wycheproof.txt", "r");
	unsigned int number, n = 0;
	u8 key[16], text[512], tag[8];

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		if (*line == '#')
			continue;
		assert_int_equal(sscanf(line, "%u valid %63s %1023s %63s", &number, key_hex,
					text_hex, tag_hex),
				 4);
		hex_read(key, sizeof(key), key_hex);
		wg_store_le64(tag, wg_siphash(text, hex_read(text, sizeof(text), text_hex), key));
		if (!hex_is(tag, sizeof(tag), tag_hex))
			fail_msg("test %u", number);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 40);
}

static void reads_at_any_alignment(void **state)
{
	u8 key[16], text[1100], moved[1116];
	struct random r = {24};

	(void)state;
	random_fill(&r, key, sizeof(key));
	random_fill(&r, text, sizeof(text));
	for (size_t len = 0; len <= sizeof(text); len++) {
		memcpy(moved + len % 16, text, len);
		assert_true(wg_siphash(moved + len % 16, len, key) == wg_siphash(text, len, key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_the_published_vectors),
		cmocka_unit_test(passes_wycheproof),
		cmocka_unit_test(reads_at_any_alignment),
	};

	return cmocka_run_group_tests_name("crypto/siphash", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* The KDFs, against the same made of Python's hmac. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/crypto/kdf.h"
#include "../../vectors/hex.h"

static const struct {
	size_t len;
	const char *out[3];
} vectors[] = {
	{0,
	 {"0fcb89824acaa8b67859510ba12e47c544250960883f10e272502e6e7ba56fb9",
	  "aa7718e1faa3f4ad7a9348db99df61e72dc44b762695555e8f2a31722507b3e5",
	  "2a73eeddf4cb71cfc2bc1a1afe447e970003a560f69fa84f2caceedfb21f7d4a"}},
	{32,
	 {"6794ec1e115de768f5cdbd9928db42b3557f647076f5050082f0f9ed63961d23",
	  "17e2836e5b033b0d7614f72f69c0446653f4bdfb605ddfb74982742f572d2521",
	  "347a2729dc63f190c14ed5d01c95905608771e88ecafe5bd76ef330728a3d4f9"}},
	{77,
	 {"dde96743fc55f89c5145bb8ab240817b368b7a38cffb2eabcacef1d8d78625b0",
	  "2a6eeebab5cd8e944f4e7c38a2c5cbdff75584bb2ffd4ed64060236103e6f712",
	  "c49ce522c1d7592b487fe9977deb0751f1a41ec8ebf56c521f70cfa79002c1ac"}},
};

#define COUNT (sizeof(vectors) / sizeof(*vectors))

static void fill(u8 key[static 32], u8 input[static 77])
{
	for (unsigned int i = 0; i < 32; i++)
		key[i] = (u8)(7 * i);
	for (unsigned int i = 0; i < 77; i++)
		input[i] = (u8)(13 * i);
}

/* With one output wanted, two and three. */
static void agrees_with_python(void **state)
{
	u8 key[32], input[77], out[3][32];

	(void)state;
	fill(key, input);
	for (size_t i = 0; i < COUNT; i++) {
		for (int wanted = 1; wanted <= 3; wanted++) {
			memset(out, 0, sizeof(out));
			wg_kdf(out[0], wanted > 1 ? out[1] : NULL, wanted > 2 ? out[2] : NULL, key,
			       vectors[i].len ? input : NULL, vectors[i].len);
			for (int n = 0; n < wanted; n++)
				assert_true(hex_is(out[n], 32, vectors[i].out[n]));
		}
	}
}

static void writes_where_it_reads(void **state)
{
	u8 key[32], input[77], second[32];

	(void)state;
	for (size_t i = 1; i < COUNT; i++) {
		fill(key, input);
		wg_kdf(key, second, input, key, input, vectors[i].len);
		assert_true(hex_is(key, 32, vectors[i].out[0]));
		assert_true(hex_is(second, 32, vectors[i].out[1]));
		assert_true(hex_is(input, 32, vectors[i].out[2]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_python),
		cmocka_unit_test(writes_where_it_reads),
	};

	return cmocka_run_group_tests_name("crypto/kdf", tests, NULL, NULL);
}

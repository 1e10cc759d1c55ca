/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the lines of chacha20poly1305-wycheproof.txt and xchacha20poly1305-wycheproof.txt. */
#ifndef WG_TESTS_VECTORS_AEAD_H
#define WG_TESTS_VECTORS_AEAD_H

#include "hex.h"

#define AEAD_WYCHEPROOF	       "tests/vectors/chacha20poly1305-wycheproof.txt"
#define AEAD_WYCHEPROOF_COUNT  316
#define XAEAD_WYCHEPROOF       "tests/vectors/xchacha20poly1305-wycheproof.txt"
#define XAEAD_WYCHEPROOF_COUNT 306
#define AEAD_VECTOR_MAX	       544

struct aead_vector {
	unsigned int number;
	bool valid;
	u8 key[32], nonce[24];
	u8 ad[AEAD_VECTOR_MAX], text[AEAD_VECTOR_MAX], sealed[AEAD_VECTOR_MAX + 16];
	size_t adlen, len;
};

/* The next vector of the file; false at its end. `sealed` is the ciphertext, then the tag. */
static inline bool aead_next(FILE *f, struct aead_vector *v)
{
	static char line[4096], field[7][2 * AEAD_VECTOR_MAX + 1];

	while (fgets(line, sizeof(line), f)) {
		if (*line == '#')
			continue;
		if (sscanf(line, "%u %1088s %1088s %1088s %1088s %1088s %1088s %1088s", &v->number,
			   field[0], field[1], field[2], field[3], field[4], field[5],
			   field[6]) != 8)
			abort();
		v->valid = !strcmp(field[0], "valid");
		hex_read(v->key, sizeof(v->key), field[1]);
		hex_read(v->nonce, sizeof(v->nonce), field[2]);
		v->adlen = hex_read(v->ad, sizeof(v->ad), field[3]);
		v->len = hex_read(v->text, sizeof(v->text), field[4]);
		if (hex_read(v->sealed, AEAD_VECTOR_MAX, field[5]) != v->len ||
		    hex_read(v->sealed + v->len, 16, field[6]) != 16)
			abort();
		return true;
	}
	return false;
}

#endif

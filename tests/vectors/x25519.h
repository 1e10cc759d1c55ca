/* SPDX-License-Identifier: GPL-2.0 */
/* X25519 vectors as hex: those of RFC 7748, and the lines of x25519-wycheproof.txt. */
#ifndef WG_TESTS_VECTORS_X25519_H
#define WG_TESTS_VECTORS_X25519_H

#include "hex.h"

#define X25519_WYCHEPROOF	"tests/vectors/x25519-wycheproof.txt"
#define X25519_WYCHEPROOF_COUNT 518

struct x25519_vector {
	u8 secret[32], point[32], shared[32];
	unsigned int number;
};

/* The whole of `hex` must be 64 digits. */
static inline void x25519_hex(u8 out[static 32], const char *hex)
{
	if (hex_read(out, 32, hex) != 32)
		abort();
}

/* Section 5.2: secret, point, shared. */
static const char *const x25519_rfc[][3] = {
	{"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
	 "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
	 "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
	{"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
	 "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
	 "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
};

/* Section 5.2, iterated from 9. */
#define X25519_AFTER_1	     "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
#define X25519_AFTER_1000    "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"
#define X25519_AFTER_1000000 "7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424"

/* Section 6.1. */
#define X25519_ALICE	    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
#define X25519_ALICE_PUBLIC "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define X25519_BOB	    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
#define X25519_BOB_PUBLIC   "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
#define X25519_SHARED	    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

/* The next vector of the file; false at its end. */
static inline bool x25519_next(FILE *f, struct x25519_vector *v)
{
	char line[512], secret[65], point[65], shared[65];

	while (fgets(line, sizeof(line), f)) {
		if (*line == '#')
			continue;
		if (sscanf(line, "%u %64s %64s %64s", &v->number, secret, point, shared) != 4)
			abort();
		x25519_hex(v->secret, secret);
		x25519_hex(v->point, point);
		x25519_hex(v->shared, shared);
		return true;
	}
	return false;
}

#endif

// SPDX-License-Identifier: GPL-2.0
/* As ct.c, for the batch AEAD: key and texts are secret, lengths, nonces, ciphertexts and
 * results are not. valgrind knows AVX2 and nothing above; why AVX-512 is constant time stands in
 * crypto/chacha20poly1305-avx512.c. The argument is the case; with "leak" it must fail. */
#include <stdio.h>
#include <valgrind/memcheck.h>
#define WG_CT_PUBLISH(v) ((void)VALGRIND_MAKE_MEM_DEFINED(&(v), sizeof(v)))
#include "../../src/crypto/chacha20poly1305-batch.h"
#include "../../src/crypto/chacha20poly1305-window.c"

#define SECRET(p, len) ((void)VALGRIND_MAKE_MEM_UNDEFINED(p, len))
#define PUBLIC(p, len) ((void)VALGRIND_MAKE_MEM_DEFINED(p, len))

#define PACKETS 11
#define LONGEST 700

static u8 key[32] = {1, 2, 3}, text[PACKETS][LONGEST], sealed[PACKETS][LONGEST + WG_BATCH_TAG_LEN];
static struct wg_batch_packet packets[PACKETS];

/* Whole windows and a rest, lengths that are and are not multiples of anything. */
static void prepare(bool same)
{
	for (size_t i = 0; i < PACKETS; i++) {
		u32 len = same ? 656 : (u32)(LONGEST - 61 * i);

		packets[i] = (struct wg_batch_packet){sealed[i], text[i] + i, len - (u32)i,
						      i % 3 ? (u32)i : 0, i << 31};
	}
	SECRET(key, sizeof(key));
	SECRET(text, sizeof(text));
	SECRET(sealed, sizeof(sealed));
}

static bool seal_and_open(bool same)
{
	bool ok[PACKETS], good = true;

	for (size_t n = 1; n <= PACKETS; n += n == 1 ? 2 : 4) {
		prepare(same);
		wg_chacha20poly1305_batch_seal(key, packets, n);
		PUBLIC(sealed, sizeof(sealed));
		for (size_t i = 0; i < n; i++) {
			packets[i].dst = text[i];
			packets[i].src = sealed[i];
			packets[i].head = 0;
		}
		sealed[0][3] ^= 1;
		wg_chacha20poly1305_batch_open(key, packets, n, ok);
		for (size_t i = 0; i < n; i++)
			good &= ok[i] == (i > 0);
	}
	return good;
}

/* The block that this asks about is a secret's. */
static bool leak(void)
{
	u8 first[64 + WG_BATCH_TAG_LEN], plain[64] = {0};
	struct wg_batch_packet p = {first, plain, sizeof(plain), 0, 0};

	SECRET(key, sizeof(key));
	wg_chacha20poly1305_batch_seal(key, &p, 1);
	return first[70] != first[71] || first[0];
}

int main(int argc, char **argv)
{
	const char *name = argc == 2 ? argv[1] : "";

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct: runs under valgrind only\n", stderr);
		return 2;
	}
	if (!wg_batch_use(WG_BATCH_AVX2))
		return 4;
	if (!strcmp(name, "batch-same"))
		return seal_and_open(true) ? 0 : 3;
	if (!strcmp(name, "batch-mixed"))
		return seal_and_open(false) ? 0 : 3;
	return !strcmp(name, "batch-leak") && leak() ? 0 : 3;
}

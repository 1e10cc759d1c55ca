// SPDX-License-Identifier: GPL-2.0
/* What sealing and opening a packet costs, by libcrypto, by crypto/chacha20poly1305.c and by the
 * batch with each instruction set: nanoseconds, the least of many rounds that alternate, and how
 * much faster than libcrypto. libcrypto is keyed once, as for a session. With an argument only
 * the packets of that length. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "../../src/crypto/chacha20poly1305-batch.h"
#include "../../src/crypto/chacha20poly1305.h"

#define PACKETS 45
#define LONGEST 1536
#define TAG     WG_BATCH_TAG_LEN
#define ROUNDS  300
#define BYTES   100000 /* about what one measurement works on */

static EVP_CIPHER_CTX *sealing, *opening;
static u8 key[32];
static u8 sealed[PACKETS][LONGEST], out[PACKETS][LONGEST];
static struct wg_batch_packet packets[PACKETS];

static void iv_of(u8 iv[static 12], u64 nonce)
{
	wg_store_le32(iv, 0);
	wg_store_le64(iv + 4, nonce);
}

static bool libcrypto_seal(const struct wg_batch_packet *p)
{
	u8 iv[12];
	int n;

	iv_of(iv, p->nonce);
	return EVP_EncryptInit_ex(sealing, NULL, NULL, NULL, iv) &&
	       EVP_EncryptUpdate(sealing, p->dst, &n, p->src, (int)p->len) &&
	       EVP_EncryptFinal_ex(sealing, p->dst + p->len, &n) &&
	       EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, TAG, p->dst + p->len);
}

static bool libcrypto_open(const struct wg_batch_packet *p)
{
	u8 iv[12];
	int n;

	iv_of(iv, p->nonce);
	return EVP_DecryptInit_ex(opening, NULL, NULL, NULL, iv) &&
	       EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, TAG,
				   (void *)(p->src + p->len)) &&
	       EVP_DecryptUpdate(opening, p->dst, &n, p->src, (int)p->len) &&
	       EVP_DecryptFinal_ex(opening, p->dst + p->len, &n) == 1;
}

enum how { LIBCRYPTO, GENERIC, AVX2, AVX512, HOWS };

static bool seal(enum how how, size_t n)
{
	switch (how) {
	case LIBCRYPTO:
		for (size_t i = 0; i < n; i++) {
			if (!libcrypto_seal(&packets[i]))
				return false;
		}
		return true;
	case GENERIC:
	case AVX2:
	case AVX512:
		wg_chacha20poly1305_batch_seal(key, packets, n);
		return true;
	case HOWS:
		break;
	}
	return false;
}

static bool open(enum how how, size_t n)
{
	bool ok[PACKETS], all = true;

	if (how != LIBCRYPTO) {
		wg_chacha20poly1305_batch_open(key, packets, n, ok);
		for (size_t i = 0; i < n; i++)
			all &= ok[i];
		return all;
	}
	for (size_t i = 0; i < n; i++)
		all &= libcrypto_open(&packets[i]);
	return all;
}

static u64 now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

/* False where `how` is not to be had. */
static bool choose(enum how how)
{
	static const enum wg_batch_isa isa[HOWS] = {WG_BATCH_NONE, WG_BATCH_NONE, WG_BATCH_AVX2,
						    WG_BATCH_AVX512};

	return wg_batch_use(isa[how]);
}

static void measure(double best[static HOWS], bool (*work)(enum how, size_t), size_t n, u32 len)
{
	const size_t times = BYTES / (n * (len + 200)) + 1;

	for (int i = 0; i < HOWS; i++)
		best[i] = 1e30;
	for (int round = 0; round < ROUNDS; round++) {
		for (int how = 0; how < HOWS; how++) {
			u64 start;
			double each;

			if (!choose((enum how)how))
				continue;
			start = now();
			for (size_t i = 0; i < times; i++) {
				if (!work((enum how)how, n))
					exit(1);
			}
			each = (double)(now() - start) / (double)(times * n);
			best[how] = each < best[how] ? each : best[how];
		}
	}
}

/* Sealing is in place, as the super-packets of wg-tun are; opening keeps what it reads. */
static void prepare(size_t n, u32 len, bool for_opening)
{
	for (size_t i = 0; i < n; i++) {
		packets[i] = (struct wg_batch_packet){sealed[i], out[i], len, 0, i};
		if (!libcrypto_seal(&packets[i]))
			exit(1);
		packets[i].dst = out[i];
		packets[i].src = for_opening ? sealed[i] : out[i];
	}
}

static void print_row(const char *what, size_t n, u32 len, const double best[static HOWS])
{
	printf("%s %5u %5zu %10.0f", what, len, n, best[LIBCRYPTO]);
	for (int how = GENERIC; how < HOWS; how++) {
		if (choose((enum how)how))
			printf(" %8.0f %5.2f", best[how], best[LIBCRYPTO] / best[how]);
		else
			printf(" %8s %5s", "-", "-");
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	static const u32 lengths[] = {64, 128, 576, 1420};
	static const size_t batches[] = {1, 8, PACKETS};
	u32 only = argc > 1 ? (u32)atoi(argv[1]) : 0;
	double best[HOWS];

	sealing = EVP_CIPHER_CTX_new();
	opening = EVP_CIPHER_CTX_new();
	if (!EVP_EncryptInit_ex(sealing, EVP_chacha20_poly1305(), NULL, key, NULL) ||
	    !EVP_DecryptInit_ex(opening, EVP_chacha20_poly1305(), NULL, key, NULL))
		return 1;
	printf("ns     bytes batch  libcrypto  generic ratio     avx2 ratio   avx512 ratio\n");
	for (size_t l = 0; l < sizeof(lengths) / sizeof(*lengths); l++) {
		for (size_t i = 0; i < sizeof(batches) / sizeof(*batches); i++) {
			size_t n = batches[i];

			if (only && only != lengths[l])
				continue;
			prepare(n, lengths[l], false);
			measure(best, seal, n, lengths[l]);
			print_row("seal", n, lengths[l], best);
			prepare(n, lengths[l], true);
			measure(best, open, n, lengths[l]);
			print_row("open", n, lengths[l], best);
		}
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Whole handshakes with fixed keys and randomness. Made by handshake.py. */
#ifndef WG_TESTS_VECTORS_HANDSHAKE_H
#define WG_TESTS_VECTORS_HANDSHAKE_H

#include "../../src/port.h"

#define HANDSHAKE_STATIC_I \
	"01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da"
#define HANDSHAKE_STATIC_R \
	"424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff060d141b"
#define HANDSHAKE_EPHEMERAL_I \
	"838a91989fa6adb4bbc2c9d0d7dee5ecf3fa01080f161d242b323940474e555c"
#define HANDSHAKE_EPHEMERAL_R \
	"c4cbd2d9e0e7eef5fc030a11181f262d343b424950575e656c737a81888f969d"
#define HANDSHAKE_COOKIE_SECRET \
	"4d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11181f26"
#define HANDSHAKE_COOKIE_NONCE \
	"636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd04"
#define HANDSHAKE_ADDRESS \
	"c0000201ca6c"
#define HANDSHAKE_INDEX_I 0x1020304U
#define HANDSHAKE_INDEX_R 0xa1b2c3d4U
#define HANDSHAKE_UNIX 1700000000123456789ULL

struct handshake_vector {
	const char *psk;
	const char *initiation;
	const char *response;
	const char *cookie_reply;
	const char *initiation_with_cookie;
	const char *initiator_sends;
	const char *responder_sends;
};

static const struct handshake_vector handshake_vectors[] = {
	{
		.psk =
		"0000000000000000000000000000000000000000000000000000000000000000",
		.initiation =
		"010000000403020118b2b5d3c59d4769d9ce783e117c3665093a471b9bf6803322ea8573"
		"9428102033be7dc9e8b1f906837b8dfc6315338c7fb03a060a4f2b529a7e8820cd80d8f3"
		"c29cf226e335d8eb019a58fced121b985999db8b8104e59555b9c691ec546f3dc532dd42"
		"286d1ce1fa0691c040af1213fffd69889e507a0ed40e6c29000000000000000000000000"
		"00000000",
		.response =
		"02000000d4c3b2a104030201f8de550c7578eaec0b1aad53dae99fd20b225169e6afbe26"
		"01dd0f03aaaa2866c2193d5ca35c63aba89840f7177a88a98b8d2d680b9088e6b4f485e1"
		"49be704e00000000000000000000000000000000",
		.cookie_reply =
		"0300000004030201636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd04dbf63e9d"
		"bbfc79ff63f45ebaf8ee0627cc7091f7b39ae3651e01f215927e53d3",
		.initiation_with_cookie =
		"010000000403020118b2b5d3c59d4769d9ce783e117c3665093a471b9bf6803322ea8573"
		"9428102033be7dc9e8b1f906837b8dfc6315338c7fb03a060a4f2b529a7e8820cd80d8f3"
		"c29cf226e335d8eb019a58fced121b985999db8b8104e59555b9c691ec546f3dc532dd42"
		"286d1ce1fa0691c040af1213fffd69889e507a0ed40e6c2924161dd3089cb5f0a4ea1800"
		"d8eab9f0",
		.initiator_sends =
		"2ac97be311449957bf7c0092fa6db073145a6d4dba9f79b3a1e95cc2f8b4a7ef",
		.responder_sends =
		"acd196d42171b9226ea8bc53c82b57dcb2f33adf9d3c5cae4ef42c305a933573",
	},
	{
		.psk =
		"21282f363d444b525960676e757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa",
		.initiation =
		"010000000403020118b2b5d3c59d4769d9ce783e117c3665093a471b9bf6803322ea8573"
		"9428102033be7dc9e8b1f906837b8dfc6315338c7fb03a060a4f2b529a7e8820cd80d8f3"
		"c29cf226e335d8eb019a58fced121b985999db8b8104e59555b9c691ec546f3dc532dd42"
		"286d1ce1fa0691c040af1213fffd69889e507a0ed40e6c29000000000000000000000000"
		"00000000",
		.response =
		"02000000d4c3b2a104030201f8de550c7578eaec0b1aad53dae99fd20b225169e6afbe26"
		"01dd0f03aaaa28669a68143056129bbff5838608f82f4ada445021f29fa480181c7927b6"
		"699a54d900000000000000000000000000000000",
		.cookie_reply =
		"0300000004030201636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd04dbf63e9d"
		"bbfc79ff63f45ebaf8ee0627cc7091f7b39ae3651e01f215927e53d3",
		.initiation_with_cookie =
		"010000000403020118b2b5d3c59d4769d9ce783e117c3665093a471b9bf6803322ea8573"
		"9428102033be7dc9e8b1f906837b8dfc6315338c7fb03a060a4f2b529a7e8820cd80d8f3"
		"c29cf226e335d8eb019a58fced121b985999db8b8104e59555b9c691ec546f3dc532dd42"
		"286d1ce1fa0691c040af1213fffd69889e507a0ed40e6c2924161dd3089cb5f0a4ea1800"
		"d8eab9f0",
		.initiator_sends =
		"93b9a8fdf9cb4241f6373d9eb401537b25ea746e21b1e41804301b27ffb7b7d2",
		.responder_sends =
		"aea0cf0f569c2318d95a9e01eadb5203d7d7e4dcb8888cb4d8a63843125e0249",
	},
};

static inline u8 handshake_digit(char c)
{
	return (u8)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* How many bytes. */
static inline size_t handshake_hex(u8 *out, const char *hex)
{
	size_t n = 0;

	for (; hex[2 * n]; n++)
		out[n] = (u8)(handshake_digit(hex[2 * n]) << 4 | handshake_digit(hex[2 * n + 1]));
	return n;
}

#endif

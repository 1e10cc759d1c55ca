// SPDX-License-Identifier: GPL-2.0
/* The dice of a fuzzer: bytes decide, each for itself, and nothing is special after them. */
#include "directed.h"
#include "wire.h"

static void bytes_in_their_order(struct world *w)
{
	static const u8 bytes[] = {7, 200, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 9};
	struct random r;

	random_from_bytes(&r, bytes, sizeof(bytes));
	EXPECT(w, random_below(&r, 10) == 7);
	EXPECT(w, random_below(&r, 0) == 0 && random_below(&r, 256) == 200);
	EXPECT(w, random_below(&r, 1000) == 0x0102); /* more than a byte can say: two */
	EXPECT(w, random_u64(&r) == 0x0001020304050607);
	EXPECT(w, random_between(&r, 100, 105) == 103);
	EXPECT(w, r.left == 0);
}

static void bytes_reach_everything(struct world *w)
{
	static const u64 limits[] = {1, 2, 5, 255, 256, 257, 1000, 65536, 65537, 10000000};
	u8 bytes[2];
	struct random r;
	u64 n, high;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		high = 0;
		for (u32 value = 0; value < 65536; value++) {
			bytes[0] = (u8)(value >> 8);
			bytes[1] = (u8)value;
			random_from_bytes(&r, bytes, sizeof(bytes));
			n = random_below(&r, limits[i]);
			EXPECT(w, n < limits[i]);
			high = n > high ? n : high;
		}
		EXPECT(w, high >= limits[i] - 1 - limits[i] / 256);
	}
}

static void bytes_for_chances(struct world *w)
{
	static const u8 bytes[] = {255, 0, 254, 127, 128, 0};
	struct random r;

	random_from_bytes(&r, bytes, sizeof(bytes));
	EXPECT(w, random_chance(&r, 1) && !random_chance(&r, 999));
	EXPECT(w, !random_chance(&r, 1));
	EXPECT(w, !random_chance(&r, 500) && random_chance(&r, 500));
	EXPECT(w, random_chance(&r, 1000));
	/* What cannot be takes none. */
	random_from_bytes(&r, bytes, 1);
	EXPECT(w, !random_chance(&r, 0) && r.left == 1);
}

static void nothing_after_the_bytes(struct world *w)
{
	static const u8 bytes[] = {1, 2};
	u8 out[3] = {9, 9, 9};
	struct random r;

	random_from_bytes(&r, bytes, sizeof(bytes));
	EXPECT(w, random_u64(&r) == 0x0102);
	EXPECT(w, !random_u64(&r) && !random_below(&r, 9) && !random_below(&r, 900));
	EXPECT(w, random_between(&r, 4, 9) == 4 && !random_chance(&r, 999));
	random_bytes(&r, out, sizeof(out));
	EXPECT(w, !out[0] && !out[1] && !out[2]);
	random_from_bytes(&r, bytes, 0);
	EXPECT(w, !random_u64(&r));
}

static void seeds_give_the_same(struct world *w)
{
	struct random a, b, c;
	bool differs = false;

	random_seed(&a, 5);
	random_seed(&b, 5);
	random_seed(&c, 6);
	for (u32 i = 0; i < 100; i++) {
		u64 n = random_u64(&a);

		EXPECT(w, n == random_u64(&b));
		differs = differs || n != random_u64(&c);
	}
	EXPECT(w, differs);
}

const struct directed directed_random[] = {
	{"a fuzzer's bytes decide in their order", bytes_in_their_order},
	{"a fuzzer's bytes reach everything", bytes_reach_everything},
	{"a fuzzer's bytes decide whether", bytes_for_chances},
	{"after a fuzzer's bytes nothing is special", nothing_after_the_bytes},
	{"a seed gives the same each time", seeds_give_the_same},
	{0},
};

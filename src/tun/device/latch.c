// SPDX-License-Identifier: GPL-2.0
#include "latch.h"

bool latch_allows(const struct latch *l, u64 now)
{
	return now >= l->until;
}

void latch_refused(struct latch *l, u32 random, u64 now)
{
	u64 pause = LATCH_FIRST;

	for (u32 i = 0; i < l->refusals && pause < LATCH_LONGEST; i++)
		pause *= 2;
	l->refusals++;
	l->until = now + pause + (pause / 4 * (random & 0xff) >> 8);
}

void latch_worked(struct latch *l)
{
	l->until = 0;
	l->refusals = 0;
}

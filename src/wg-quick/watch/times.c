// SPDX-License-Identifier: GPL-2.0
#include "times.h"
#include <stdlib.h>

static const struct watch_times normal = {
	.answer_ms = 11500,
	.handshake_ms = 7000,
	.session_ms = 180000,
	.try_ms = 7000,
	.lookup_ms = 5000,
	.pause_ms = 2000,
	.pause_most_ms = 60000,
	.settle_ms = 30000,
	.settle_most_ms = 600000,
	.trial_ms = 300000,
	.trial_most_ms = 3600000,
	.poll_ms = 2000,
	.calm_poll_ms = 10000,
	.collect_ms = 200,
	.repair_ms = 1000,
	.repair_most_ms = 60000,
};

struct watch_times watch_times_get(void)
{
	struct watch_times t = normal;
#ifdef WG_TEST_HOOKS
	const char *speed = getenv("WG_TEST_WATCH_SPEED");
	u64 by = speed ? strtoull(speed, NULL, 10) : 1;
	u64 *const all[] = {
		&t.answer_ms, &t.handshake_ms, &t.try_ms, &t.lookup_ms, &t.pause_ms, &t.pause_most_ms,
		&t.settle_ms, &t.settle_most_ms, &t.trial_ms, &t.trial_most_ms, &t.poll_ms,
		&t.calm_poll_ms, &t.repair_ms, &t.repair_most_ms,
	};

	/* A session's length is the data path's, not ours. */
	for (size_t i = 0; by && i < sizeof(all) / sizeof(*all); i++)
		*all[i] /= by;
#endif
	return t;
}

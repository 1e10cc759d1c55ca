// SPDX-License-Identifier: GPL-2.0
#include "directed.h"

const struct directed *const directed[] = {
	directed_handshake, directed_timers, directed_load, directed_keys,
	directed_changes,   directed_random, NULL,
};

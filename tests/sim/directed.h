/* SPDX-License-Identifier: GPL-2.0 */
/* Small scenarios of which everything is known beforehand. */
#ifndef SIM_DIRECTED_H
#define SIM_DIRECTED_H

#include "world.h"

struct directed {
	const char *name; /* as a sentence */
	void (*run)(struct world *w);
};

/* Each ends with a name of NULL. */
extern const struct directed directed_handshake[], directed_timers[], directed_load[],
	directed_keys[], directed_changes[], directed_random[];

extern const struct directed *const directed[]; /* all of these, and NULL */

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Small scenarios of which everything is known beforehand. */
#ifndef SIM_DIRECTED_H
#define SIM_DIRECTED_H

#include "world.h"

struct directed {
	const char *name; /* as a sentence */
	void (*run)(struct world *w);
};

extern const struct directed directed[]; /* ends with a name of NULL */

#endif

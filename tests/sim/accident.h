/* SPDX-License-Identifier: GPL-2.0 */
/* What may happen to hosts and networks while times are bad. */
#ifndef SIM_ACCIDENT_H
#define SIM_ACCIDENT_H

#include "scenario.h"

enum { ACCIDENT_KINDS = 18 };

/* One of the kinds that this scenario has. */
void accident_happen(struct world *w);
/* All that was half done is done, and all are up. */
void accident_repair(struct world *w);
/* Weather as it is drawn for bad times, and without any loss. */
struct weather accident_weather(struct random *fate);
struct weather accident_no_weather(struct random *fate);

#endif

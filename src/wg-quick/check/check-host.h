/* SPDX-License-Identifier: GPL-2.0 */
/* What of a file does not go with the host as it is now. */
#ifndef WG_QUICK_CHECK_HOST_H
#define WG_QUICK_CHECK_HOST_H

#include "../config/config.h"
#include "places.h"

/* `c` was read with places_sink(p). Adds to the findings of `p`. What the host does not tell, as without
 * root, is not judged. */
void check_host(const struct config *c, struct places *p);

#endif

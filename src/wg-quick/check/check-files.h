/* SPDX-License-Identifier: GPL-2.0 */
/* Who else can read a configuration, or change what root will run for it. */
#ifndef WG_QUICK_CHECK_FILES_H
#define WG_QUICK_CHECK_FILES_H

#include "../config/config.h"
#include "places.h"

/* Looks at the file c->path, and at the programs that the hooks of `c` name by their paths. Adds
 * warnings to the findings of `p`. A file that is not there is no finding. */
void check_files(const struct config *c, struct places *p);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Saving a running tunnel to its file. */
#ifndef WG_QUICK_SAVE_RUNNING_H
#define WG_QUICK_SAVE_RUNNING_H

#include "../journal/journal.h"

/* Rewrites the file c->path, which has been read into `c`, from what the tunnel c->name is now; for
 * `save`, and for `down` of a tunnel with SaveConfig. `st` is the tunnel's journal, or NULL where it
 * has none: it tells what `up` left out of the tunnel and the file is to keep. `ifindex` is the link's,
 * which may have another name by now; 0: it goes by its name. Nothing is changed on failure. */
int save_running(const struct config *c, const struct state *st, u32 ifindex, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Saving a running tunnel to its file. */
#ifndef WG_QUICK_SAVE_RUNNING_H
#define WG_QUICK_SAVE_RUNNING_H

#include "../config/edit.h"
#include "../journal/journal.h"

/* Adds the texts of the file c->path and of c->drop_ins, which have been read into `c`, to an empty edit. */
int save_load(struct edit *e, const struct config *c, struct wg_error *err);

/* Edits the file c->path and its drop-ins, which have been read into `c`, so that they say what the tunnel
 * c->name is now; for `save`, and for `down` of a tunnel with SaveConfig. `st` is the tunnel's journal, or NULL where it
 * has none: it tells what `up` left out of the tunnel and the file is to keep. `ifindex` is the link's,
 * which may have another name by now; 0: it goes by its name. Nothing is changed on failure. */
int save_running(const struct config *c, const struct state *st, u32 ifindex, struct wg_error *err);

#endif

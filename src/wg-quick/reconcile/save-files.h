/* SPDX-License-Identifier: GPL-2.0 */
/* Putting edited texts in the place of their files, all or none. */
#ifndef WG_QUICK_SAVE_FILES_H
#define WG_QUICK_SAVE_FILES_H

#include "../config/edit.h"

struct save_files;

/* Writes the texts of `e` that were changed to files beside the old ones, or keeps them in memory for files
 * that can only be overwritten. Nothing is replaced yet. *s is due to save_files_freep, also on failure;
 * `e` must outlive it. */
int save_files_prepare(struct save_files **s, const struct edit *e, struct wg_error *err);
/* Puts all of them in place. On failure those that were replaced are as before. */
int save_files_commit(struct save_files *s, struct wg_error *err);
/* Releases it, and removes the new files that are not in place; for cleanup(). */
void save_files_freep(struct save_files **s);

#endif

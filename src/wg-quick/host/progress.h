/* SPDX-License-Identifier: GPL-2.0 */
/* What wg-quick says while it works, on standard error. Standard error is buffered: fflush it before
 * a child runs. */
#ifndef WG_QUICK_PROGRESS_H
#define WG_QUICK_PROGRESS_H

#include "../../lib/base/log.h"

/* Warnings, and what the library tells. */
extern const struct wg_log progress_log;
/* "[#] COMMAND": what is being done, for people to read and copy. */
void progress_command(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A whole line. */
void progress_note(const char *text);

#endif

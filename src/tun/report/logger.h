/* SPDX-License-Identifier: GPL-2.0 */
/* What the daemon has to say while it runs goes to standard error, a line each. Before it is ready,
 * errors go to its caller by struct wg_error. */
#ifndef WG_TUN_LOGGER_H
#define WG_TUN_LOGGER_H

#include "../../port.h"

#define LOGGER_LINE 1280 /* bytes of one line, with the program and the device */

enum logger_level {
	LOGGER_SILENT,
	LOGGER_ERROR,	/* something does not work as asked */
	LOGGER_VERBOSE, /* what happens, but nothing for each packet or handshake message */
};

/* `name` outlives it. */
void logger_init(const char *name, enum logger_level level);
bool logger_level_from(const char *text, enum logger_level *level);
/* Whether what is of this level is said. */
bool logger_says(enum logger_level level);
void logger_say(enum logger_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif

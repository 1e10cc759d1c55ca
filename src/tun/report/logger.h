/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon's messages, a line each: "wg-tun NAME: TEXT". They go to standard error; in the
 * background, where that may be a pipe whose reader waits for its end, they go where somebody can
 * read them later. A message never waits: if its reader does not keep up, it is dropped, and the
 * next one that is taken says so. Errors from before the daemon is ready go to its caller by
 * struct wg_error. */
#ifndef WG_TUN_LOGGER_H
#define WG_TUN_LOGGER_H

#include "../../port.h"

enum logger_level {
	LOGGER_SILENT,
	LOGGER_ERROR,	/* something does not work as asked */
	LOGGER_VERBOSE, /* what happens, but nothing for each packet or handshake message */
};

/* Messages go to standard error from now on. `name` is the interface's and outlives the daemon.
 * Call it before files are out of reach: a terminal is opened once more, so that writing to it does
 * not wait. A terminal that cannot be opened is told so, and gets no more messages: syslog does. */
void logger_init(const char *name, enum logger_level level);
/* Finds the level of this name in *level; "debug" is another name of verbose. False: none has
 * it. */
bool logger_level_from(const char *text, enum logger_level *level);
/* Returns whether messages of this level are written. */
bool logger_says(enum logger_level level);
/* Writes a message, without newline, of at most about 480 characters; what is longer is cut. Any
 * thread may call it. */
void logger_say(enum logger_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Where messages go once the daemon is in the background: the first of these that there is. */
enum logger_target {
	LOGGER_STDERR, /* a level was asked for, or it is the journal */
	LOGGER_SYSLOG, /* /dev/log, which the journal reads, too */
	LOGGER_FILE,   /* standard error still: a terminal, a file, or that of the first process */
	LOGGER_INIT,   /* standard error of the first process: a container's log */
	LOGGER_NOWHERE,
};

/* Finds and opens the target. Call it after logger_init() and before files are out of reach. `asked`:
 * the user asked for a level, so that standard error is the target whatever it is, but /dev/null or a
 * terminal that could not be opened again. */
enum logger_target logger_open_background(bool asked);
/* Switches to that target: standard output, and standard error if it is not the target, become
 * /dev/null. LOGGER_NOWHERE is told on standard error first. */
void logger_enter_background(void);

#endif

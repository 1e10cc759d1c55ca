/* SPDX-License-Identifier: GPL-2.0 */
/* Colours on a terminal. */
#ifndef WG_TERMINAL_H
#define WG_TERMINAL_H

#include "../port.h"

#define TERMINAL_RESET  "\x1b[0m"
#define TERMINAL_BOLD   "\x1b[1m"
#define TERMINAL_RED    "\x1b[31m"
#define TERMINAL_GREEN  "\x1b[32m"
#define TERMINAL_YELLOW "\x1b[33m"
#define TERMINAL_CYAN   "\x1b[36m"

/* Whether to colour what goes to `fd`: WG_COLOR_MODE=always or never says so; otherwise not where
 * NO_COLOR is set and not empty, and then only on a terminal. */
bool terminal_has_colour(int fd);

#endif

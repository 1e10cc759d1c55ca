// SPDX-License-Identifier: GPL-2.0
/* Decides about colours from the environment. */
#include "terminal.h"
#include <stdlib.h>
#include <unistd.h>

bool terminal_has_colour(int fd)
{
	const char *mode = getenv("WG_COLOR_MODE");
	const char *no_color = getenv("NO_COLOR");

	if (mode && !strcmp(mode, "always"))
		return true;
	if (mode && !strcmp(mode, "never"))
		return false;
	if (no_color && no_color[0])
		return false;
	return isatty(fd);
}

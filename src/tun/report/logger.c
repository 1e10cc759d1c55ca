// SPDX-License-Identifier: GPL-2.0
/* One write a line, so that lines of two threads do not mix. */
#include "logger.h"
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *device_name = "";
static enum logger_level wanted = LOGGER_SILENT;

void logger_init(const char *name, enum logger_level level)
{
	device_name = name;
	wanted = level;
}

bool logger_level_from(const char *text, enum logger_level *level)
{
	if (!strcmp(text, "silent"))
		*level = LOGGER_SILENT;
	else if (!strcmp(text, "error"))
		*level = LOGGER_ERROR;
	else if (!strcmp(text, "verbose") || !strcmp(text, "debug"))
		*level = LOGGER_VERBOSE;
	else
		return false;
	return true;
}

bool logger_says(enum logger_level level)
{
	return level <= wanted;
}

void logger_say(enum logger_level level, const char *fmt, ...)
{
	char line[LOGGER_LINE];
	va_list args;
	size_t len;
	ssize_t n;

	if (!logger_says(level))
		return;
	len = (size_t)snprintf(line, sizeof(line), "wg-tun %s: ", device_name);
	va_start(args, fmt);
	vsnprintf(line + len, sizeof(line) - len - 1, fmt, args);
	va_end(args);
	len = strlen(line);
	line[len++] = '\n';
	n = write(STDERR_FILENO, line, len);
	(void)n;
}

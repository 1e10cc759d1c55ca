// SPDX-License-Identifier: GPL-2.0
#include "progress.h"

#include <stdarg.h>
#include <stdio.h>

static void say(void *ctx, enum wg_log_level level, const char *text)
{
	(void)ctx;
	if (level == WG_LOG_WARNING)
		fprintf(stderr, "Warning: %s\n", text);
	else
		fprintf(stderr, "[#] %s\n", text);
	fflush(stderr);
}

const struct wg_log progress_log = {say, NULL};

void progress_command(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("[#] ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
}

void progress_note(const char *text)
{
	fprintf(stderr, "%s\n", text);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Formats one line for the caller's sink. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

void wg_log_say(const struct wg_log *log, enum wg_log_level level, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (!log || !log->say)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log->say(log->ctx, level, text);
}

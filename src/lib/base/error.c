/* SPDX-License-Identifier: GPL-2.0 */
/* Builds error sentences. A sentence that does not fit is cut, never an error of its own. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int wg_error_set(struct wg_error *err, const char *fmt, ...)
{
	va_list args;

	err->code = 0;
	err->reason = 0;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -1;
}

int wg_error_errno(struct wg_error *err, int code, const char *fmt, ...)
{
	va_list args;
	size_t len;

	err->code = code;
	err->reason = 0;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof(err->text) - len, ": %s", strerror(code));
	return -1;
}

int wg_error_prefix(struct wg_error *err, const char *fmt, ...)
{
	char prefix[256];
	va_list args;
	size_t len, keep;

	va_start(args, fmt);
	vsnprintf(prefix, sizeof(prefix) - 2, fmt, args);
	va_end(args);
	strcat(prefix, ": ");
	len = strlen(prefix);
	keep = strnlen(err->text, sizeof(err->text) - len - 1);
	memmove(err->text + len, err->text, keep);
	err->text[len + keep] = '\0';
	memcpy(err->text, prefix, len);
	return -1;
}

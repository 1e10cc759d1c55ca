/* SPDX-License-Identifier: GPL-2.0 */
/* malloc and its kin, checked. */
#include "alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void wg_alloc_failed(void)
{
	static const char text[] = "out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(1);
}

void *wg_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		wg_alloc_failed();
	return p;
}

void *wg_realloc(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n, size);
	if (!p)
		wg_alloc_failed();
	return p;
}

char *wg_strndup(const char *s, size_t len)
{
	char *copy = strndup(s, len);

	if (!copy)
		wg_alloc_failed();
	return copy;
}

char *wg_format(const char *fmt, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, fmt);
	n = vasprintf(&s, fmt, args);
	va_end(args);
	if (n < 0)
		wg_alloc_failed();
	return s;
}

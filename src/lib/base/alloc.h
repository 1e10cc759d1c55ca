/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is always there: without any, the program ends with one line and exit status 1, as
 * nothing that a tool could do would help. No core dump, since memory holds keys. */
#ifndef WG_LIB_ALLOC_H
#define WG_LIB_ALLOC_H

#include <stddef.h>

void wg_alloc_failed(void) __attribute__((noreturn));
void *wg_alloc(size_t size); /* zeroed; release with free() */
void *wg_realloc(void *p, size_t n, size_t size); /* n objects of this size */
char *wg_strndup(const char *s, size_t len);
/* A malloc'd string. */
char *wg_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

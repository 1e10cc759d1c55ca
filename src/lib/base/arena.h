/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that lives and dies together: many small objects of one device, no header per object,
 * one wipe and release at the end. It holds keys, so its pages are kept out of core dumps, locked
 * where the limits allow, and wiped before they are given back. */
#ifndef WG_LIB_ARENA_H
#define WG_LIB_ARENA_H

#include <stddef.h>

struct wg_arena {
	struct wg_arena_chunk *chunks; /* newest first */
	size_t used, size;             /* of the newest chunk's payload, bytes */
};

/* A zeroed struct wg_arena is an empty arena. */
/* Zeroed memory aligned for any object of at most 8-byte alignment; see alloc.h for
 * what happens when the system has none. */
void *wg_arena_alloc(struct wg_arena *a, size_t size);
/* A copy of the first `len` bytes of `s`, with a terminating NUL. */
char *wg_arena_strndup(struct wg_arena *a, const char *s, size_t len);
/* Wipes and releases everything; the arena is empty again. */
void wg_arena_wipe(struct wg_arena *a);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Chunks straight from mmap, so that locking and MADV_DONTDUMP cover whole pages that hold nothing
 * else, and releasing gives them back to the system. Chunks grow, to keep their number small. */
#include "arena.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "alloc.h"

#define CHUNK_MIN ((size_t)16 << 10)
#define CHUNK_MAX ((size_t)1 << 20)

struct wg_arena_chunk {
	struct wg_arena_chunk *next;
	size_t size; /* of the whole mapping, bytes */
};

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static void grow(struct wg_arena *a, size_t need)
{
	size_t size = a->chunks ? a->chunks->size * 2 : CHUNK_MIN;
	struct wg_arena_chunk *chunk;

	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (need > size - sizeof(*chunk))
		size = round_up(need + sizeof(*chunk), CHUNK_MIN);
	chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk == MAP_FAILED)
		wg_alloc_failed();
	madvise(chunk, size, MADV_DONTDUMP);
	/* On fault, so that a chunk's unused end costs nothing; over the limit it stays
	 * unlocked. */
	mlock2(chunk, size, MLOCK_ONFAULT);
	chunk->size = size;
	chunk->next = a->chunks;
	a->chunks = chunk;
	a->used = 0;
	a->size = size - sizeof(*chunk);
}

void *wg_arena_alloc(struct wg_arena *a, size_t size)
{
	char *p;

	if (size > PTRDIFF_MAX / 2)
		wg_alloc_failed();
	size = round_up(size, 8);
	if (!a->chunks || size > a->size - a->used)
		grow(a, size);
	p = (char *)(a->chunks + 1) + a->used;
	a->used += size;
	return p;
}

char *wg_arena_strndup(struct wg_arena *a, const char *s, size_t len)
{
	char *copy = wg_arena_alloc(a, len + 1);

	memcpy(copy, s, len);
	return copy;
}

void wg_arena_wipe(struct wg_arena *a)
{
	struct wg_arena_chunk *chunk = a->chunks, *next;

	for (; chunk; chunk = next) {
		size_t used = chunk == a->chunks ? a->used : chunk->size - sizeof(*chunk);

		next = chunk->next;
		explicit_bzero(chunk + 1, used);
		munmap(chunk, chunk->size);
	}
	memset(a, 0, sizeof(*a));
}

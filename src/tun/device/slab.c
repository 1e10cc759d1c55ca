// SPDX-License-Identifier: GPL-2.0
/* Chunks double up to a limit: an idle device has a few pages, a million peers a few hundred
 * mappings. What is free is all zeros but for its first word. */
#include "slab.h"
#include <sys/mman.h>
#include "../../lib/base/secret.h"

#define CHUNK_FIRST (16 * 1024)
#define CHUNK_MAX   (4 * 1024 * 1024)

struct slab_chunk {
	struct slab_chunk *next;
	size_t size; /* with this header */
};

void slab_init(struct slab *s, size_t size, bool secret)
{
	memset(s, 0, sizeof(*s));
	s->size = (size + 7) & ~(size_t)7;
	s->secret = secret;
}

static bool chunk_add(struct slab *s)
{
	size_t size = s->chunks ? s->chunks->size * 2 : CHUNK_FIRST;
	struct slab_chunk *c;

	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	while (size < sizeof(*c) + s->size)
		size *= 2;
	c = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		return false;
	if (s->secret) {
		/* A failure of these is ignored. */
		(void)madvise(c, size, MADV_DONTDUMP);
		(void)madvise(c, size, MADV_WIPEONFORK);
		wg_secret_lock(c, size);
	}
	c->size = size;
	c->next = s->chunks;
	s->chunks = c;
	s->fresh = size - sizeof(*c);
	return true;
}

void *slab_alloc(struct slab *s)
{
	void *object = s->free;

	if (object) {
		memcpy(&s->free, object, sizeof(s->free));
		memset(object, 0, sizeof(s->free));
	} else {
		if ((!s->chunks || s->fresh < s->size) && !chunk_add(s))
			return NULL;
		object = (char *)s->chunks + s->chunks->size - s->fresh;
		s->fresh -= s->size;
	}
	s->live++;
	return object;
}

void slab_free(struct slab *s, void *object)
{
	if (!--s->live) {
		slab_wipe(s);
		return;
	}
	wg_secret_wipe(object, s->size);
	memcpy(object, &s->free, sizeof(s->free));
	s->free = object;
}

void slab_wipe(struct slab *s)
{
	while (s->chunks) {
		struct slab_chunk *c = s->chunks;
		size_t size = c->size;

		s->chunks = c->next;
		if (s->secret)
			wg_secret_wipe(c, size);
		munmap(c, size);
	}
	slab_init(s, s->size, s->secret);
}

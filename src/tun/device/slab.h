/* SPDX-License-Identifier: GPL-2.0 */
/* Many objects of one size without a header each, in mappings of our own. With `secret` these are
 * kept out of core dumps and of children, and locked where the limits allow. Not thread-safe. */
#ifndef WG_TUN_SLAB_H
#define WG_TUN_SLAB_H

#include "../../port.h"

struct slab_chunk;

struct slab {
	size_t size; /* of an object: a multiple of 8 */
	bool secret;
	void *free; /* objects that were given back, a list */
	struct slab_chunk *chunks; /* newest first */
	size_t fresh; /* bytes of the newest chunk that were never used */
	size_t live; /* objects in use */
};

void slab_init(struct slab *s, size_t size, bool secret);
void *slab_alloc(struct slab *s); /* zeroed; NULL: no memory */
/* Wipes the object and frees it. With the last one all memory goes back to the system. */
void slab_free(struct slab *s, void *object);
/* Frees all objects, in use or not. */
void slab_wipe(struct slab *s);

#endif

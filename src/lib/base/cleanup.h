/* SPDX-License-Identifier: GPL-2.0 */
/* Scope-bound release, for userspace only: `cleanup(close_fd) int fd = -1;`. Each module defines
 * the release functions of its own types beside their _free. */
#ifndef WG_LIB_CLEANUP_H
#define WG_LIB_CLEANUP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define cleanup(fn) __attribute__((cleanup(fn)))

/* Moves a pointer out of a scope-bound variable: `return steal_ptr(&p);`. */
#define steal_ptr(pp)                        \
	({                                   \
		__auto_type stolen_ = *(pp); \
		*(pp) = NULL;                \
		stolen_;                     \
	})

static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

static inline void free_ptr(void *pp)
{
	free(*(void **)pp);
}

static inline void close_fd(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void close_file(FILE *const *f)
{
	if (*f)
		fclose(*f);
}

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What a program does before a secret enters its memory, and after. */
#ifndef WG_LIB_SECRET_H
#define WG_LIB_SECRET_H

#include "../../port.h"
#include "error.h"

/* Turns core dumps and ptrace by the same user off for this process. Call it after the files named
 * on the command line are open: the files under /proc/self are root's from then on. */
void wg_secret_guard(void);
/* Locks these bytes in memory, best effort: a limit that forbids it is no error. */
void wg_secret_lock(void *p, size_t len);
/* Overwrites, in a way the compiler keeps. */
void wg_secret_wipe(void *p, size_t len);
/* Bytes of the kernel's CSPRNG; waits for its first seeding. */
int wg_secret_random(u8 *out, size_t len, struct wg_error *err);

#endif

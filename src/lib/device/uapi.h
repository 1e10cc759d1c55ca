/* SPDX-License-Identifier: GPL-2.0 */
/* Userspace implementations: the text protocol of the cross-platform userspace API over the socket
 * RUNSTATEDIR/wireguard/NAME.sock. */
#ifndef WG_LIB_UAPI_H
#define WG_LIB_UAPI_H

#include <stdio.h>
#include "../base/error.h"
#include "../base/names.h"
#include "model.h"

/* Adds the names of all live sockets. A socket that nobody listens on is removed. */
int wg_uapi_list(struct wg_names *names, struct wg_error *err);
/* Whether somebody listens for this name; a stale socket is removed. */
bool wg_uapi_has(const char *name);
/* As wg_kernel_get and wg_kernel_set. A daemon that neither takes part of a request nor sends part of
 * an answer for ten seconds is given up: err->code is ETIMEDOUT, or EINTR if a signal came. */
int wg_uapi_get(struct wg_device **dev, const char *name, struct wg_error *err);
int wg_uapi_set(const struct wg_device *dev, struct wg_error *err);

/* A signal that is counted in this stop word (wait.h) ends requests that wait for a daemon; NULL, as
 * at the beginning: none does. */
void wg_uapi_watch(const volatile int *stop);

/* The pure parts, for tests. */

/* Writes a whole "set=1" request. */
void wg_uapi_write(FILE *f, const struct wg_device *dev);
/* Reads an answer up to its empty line. Unknown keys are skipped; an answer without errno= is an
 * error. */
int wg_uapi_read(FILE *f, struct wg_device *dev, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* WireGuard devices of the kernel, over its generic netlink family. */
#ifndef WG_LIB_KERNEL_H
#define WG_LIB_KERNEL_H

#include <libmnl/libmnl.h>
#include "../base/error.h"
#include "../base/names.h"
#include "model.h"

/* Adds the names of all links of kind "wireguard". Needs no privilege. */
int wg_kernel_list(struct wg_names *names, struct wg_error *err);
/* A fresh device in *dev. err->code: ENODEV no such link, ENOTSUP (EOPNOTSUPP) a link of another
 * kind, EPERM, EPROTONOSUPPORT no WireGuard in this kernel. */
int wg_kernel_get(struct wg_device **dev, const char *name, struct wg_error *err);
/* Applies what the flags of `dev` and its peers say, in as many messages as it takes: at least one,
 * so that a device that is not there is an error even where nothing is asked of it. When the kernel
 * refuses a message midway, the sentence says what was applied before it and what was not. */
int wg_kernel_set(const struct wg_device *dev, struct wg_error *err);

/* The pure parts, for tests. */

/* Where a stream of SET_DEVICE messages stands. Start it zeroed with `dev` set. */
struct wg_kernel_writer {
	const struct wg_device *dev;
	const struct wg_peer *peer;           /* next to write; NULL at the end */
	const struct wg_allowedip *allowedip; /* next of that peer's, where it was split */
	bool begun;                           /* the device's own settings are out */
	bool split;                           /* `peer` was begun in an earlier message */
	size_t peers_done;                    /* wholly written */
};
/* Appends to `nlh` as much as fits in `room` bytes (counted from nlh). Returns 1 while more is to
 * be written in a further message, 0 when all is written, -1 if `room` holds not one step. */
int wg_kernel_write(struct wg_kernel_writer *w, struct nlmsghdr *nlh, size_t room);
/* Folds one GET_DEVICE reply into `dev`: a peer split over messages is joined. Returns MNL_CB_OK,
 * or MNL_CB_ERROR with errno set for a malformed message. */
int wg_kernel_read(const struct nlmsghdr *nlh, struct wg_device *dev);

/* One message as it was handed to the kernel: what it was about. */
struct wg_kernel_sent {
	bool settings;               /* the interface's own: it was the first message */
	size_t from, to;             /* its peers, counted from 1; `to` below `from`: none */
	const struct wg_peer *first; /* number `from` */
};
/* The kernel refused that message, and `err` holds what it said: makes that the sentence that
 * wg_kernel_set promises. Keeps err->code; returns -1. */
int wg_kernel_refused(struct wg_error *err, const struct wg_device *dev,
		      const struct wg_kernel_sent *sent);

#endif

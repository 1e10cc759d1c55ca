/* SPDX-License-Identifier: GPL-2.0 */
/* Reading the key files of `wg set` and `wg-quick set`. */
#ifndef WG_LIB_SET_KEYS_H
#define WG_LIB_SET_KEYS_H

#include "set-args.h"

/* Reads the keys of a->key_files into the device that set_args_parse filled. An empty file is a key of
 * zeros, which removes a key. Returns 0, or -1 with err, and some keys may then have been read. */
int set_keys_read(const struct set_args *a, struct wg_error *err);

#endif

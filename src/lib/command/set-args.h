/* SPDX-License-Identifier: GPL-2.0 */
/* The arguments of `wg set` and of `wg-quick set`, as a change to a device. Reads no file and asks no
 * resolver. */
#ifndef WG_LIB_SET_ARGS_H
#define WG_LIB_SET_ARGS_H

#include <stdio.h>
#include "../base/error.h"
#include "../base/log.h"
#include "../device/model.h"
#include "../device/resolve.h"

/* A file that holds a key. */
struct set_key_file {
	struct set_key_file *next;
	const char *option, *path; /* of the argument list */
	u8 *key;                   /* WG_KEY_LEN bytes, in the device or a peer */
	int fd;                    /* for the caller; -1 */
};

struct set_args {
	struct wg_device *dev;      /* receives the settings */
	struct wg_resolve *resolve; /* receives the endpoints given by name */
	const struct wg_log *log;
	struct wg_peer *peer; /* whose options are being read */
	struct set_key_file *key_files, *last_key_file; /* to be read, in this order; of dev's arena */
};

/* Start with dev, resolve and log set, the rest zero. argv: what follows the interface's name. The
 * flag of a key that is to be read is set already. */
int set_args_parse(struct set_args *a, int argc, char **argv, struct wg_error *err);
/* After `wg set NAME` alone: says which settings may follow. Returns -1. */
int set_args_missing(const char *name, struct wg_error *err);
/* Prints the words that may follow argv, one a line; ":file" for a file's name. Returns true where
 * that is the key of a peer of the device. */
bool set_args_complete(int argc, char **argv);
/* Writes what may follow the interface as a usage line has it, without a line end. */
void set_args_usage(FILE *f);

#endif

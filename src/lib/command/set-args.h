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

/* What the next word is. */
enum set_args_next {
	SET_ARGS_NEXT_OPTION, /* the name of a setting, or `peer' */
	SET_ARGS_NEXT_VALUE,
	SET_ARGS_NEXT_PEER,   /* the public key of a peer */
	SET_ARGS_NEXT_WRONG,  /* a word before it is wrong */
};

/* Start with dev, resolve and log set, the rest zero. argv: what follows the interface's name. The
 * flag of a key that is to be read is set already. */
int set_args_parse(struct set_args *a, int argc, char **argv, struct wg_error *err);
/* After `wg set NAME` alone: says which settings may follow. Returns -1. */
int set_args_missing(const char *name, struct wg_error *err);
/* Offers the words that may follow argv (candidates.h): of the settings, those that were not given yet. Returns what
 * that word is. The caller offers the keys of peers by set_args_offer_peers. */
enum set_args_next set_args_complete(int argc, char **argv);
/* Offers the public keys of the device's peers, described by their first allowed IPs. Keys that argv has are left
 * out. */
void set_args_offer_peers(const struct wg_device *dev, int argc, char **argv);
/* Writes what may follow the interface as a usage line has it, without a line end. */
void set_args_usage(FILE *f);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files as text that is changed in places: what is not changed stays byte for byte. Pure. */
#ifndef WG_QUICK_EDIT_H
#define WG_QUICK_EDIT_H

#include "config.h"

/* What a tunnel is now. */
struct running {
	const struct wg_device *dev;
	const struct wg_prefix *addresses; /* of its link */
	size_t n_addresses;
	u32 mtu;
	/* The data path may have chosen the port by itself: it is written only where the file has one. */
	bool port_is_chosen;
	/* The mark that `up` chose for a full tunnel, which the file need not name; 0: none. */
	u32 own_mark;
};

/* A file and its drop-ins, in their order. */
struct edit;

/* `log` (NULL: none) gets warnings of what the files lose, and lives as long as the edit. */
struct edit *edit_new(const struct wg_log *log);
void edit_freep(struct edit **e); /* for cleanup() */
/* Adds the text of a file, which is malloc'd and becomes the edit's; the first is the tunnel's main file.
 * `name` is the interface's. It fails if the file has a mistake. Once all files are added, edit_index is
 * due. */
int edit_add(struct edit *e, const char *name, const char *path, char *text, size_t len, struct wg_error *err);
void edit_index(struct edit *e);

/* Makes the files say what the tunnel is. A setting that the files give in another form, as by a host
 * name, an exclusion or a key file, stays as it stands while it means the same; a host name stays in any
 * case. Allowed IPs that have changed keep their exclusions where these can express the change, else the peer's
 * list is written out, with a warning if it then is no default route. The section of a peer that has gone goes with the comment above it, and new peers follow the last
 * line of the first file. */
void edit_running(struct edit *e, const struct running *now);
/* Makes the files say what a change of the device says, and nothing else. `change` is as set_args_parse of
 * lib/command/set-args.h makes it, with its look-ups done; `after` is the device after it. It fails, and
 * the files may then be partly edited, if a key that is to be written comes from a key file. */
int edit_change(struct edit *e, const struct wg_device *change, const struct wg_resolve *names,
		const struct wg_device *after, struct wg_error *err);

size_t edit_n_files(const struct edit *e);
const char *edit_path(const struct edit *e, size_t file);
/* The text of a file as it was added. */
const char *edit_before(const struct edit *e, size_t file, size_t *len);
/* The new text, malloc'd; NULL if nothing in this file was changed. */
char *edit_after(const struct edit *e, size_t file, size_t *len);

#endif

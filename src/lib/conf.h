/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files of `wg`: [Interface] and [Peer] sections, "Key = value" lines, comments from
 * "#" to the end of the line. White space means nothing anywhere in a line, and sections and keys
 * are known in any case. Lines are pushed in one by one, so that wg-quick can keep its own. */
#ifndef WG_LIB_CONF_H
#define WG_LIB_CONF_H

#include <stdio.h>
#include "conf-quote.h"
#include "error.h"
#include "log.h"
#include "model.h"
#include "resolve.h"

enum wg_conf_section {
	WG_CONF_NONE,
	WG_CONF_INTERFACE,
	WG_CONF_PEER,
};

struct wg_conf {
	struct wg_device *dev;      /* receives the settings */
	struct wg_resolve *resolve; /* receives the endpoints given by name */
	const struct wg_log *log;
	const char *file; /* for messages */
	const char *also; /* for messages: ", KEY" for each key of [Interface] that is the caller's */
	enum wg_conf_section section;
	struct wg_peer *peer;   /* of the section being read */
	unsigned int peer_line; /* where that section began */
	char *squeezed;         /* the line without white space; grown as needed */
	size_t squeezed_size;
};

/* One row per key; the man page's list and completion come from the same rows. */
struct wg_conf_key {
	const char *name;
	enum wg_conf_section section;
	bool secret; /* its value is masked where a line is quoted */
	int (*parse)(struct wg_conf *c, const char *value, size_t len, unsigned int line, size_t *at,
		     struct wg_error *err);
};
extern const struct wg_conf_key wg_conf_keys[]; /* ends with a row whose name is NULL */

/* `also` is NULL afterwards: there are none. */
void wg_conf_init(struct wg_conf *c, struct wg_device *dev, struct wg_resolve *resolve,
		  const struct wg_log *log, const char *file);
/* One line, with or without its newline. An error names file, line and column, quotes the line
 * with secrets masked, and says what was expected. */
int wg_conf_line(struct wg_conf *c, const char *line, size_t len, unsigned int number,
		 struct wg_error *err);
/* After the last line: the checks that need the whole file. */
int wg_conf_finish(struct wg_conf *c, struct wg_error *err);
void wg_conf_wipe(struct wg_conf *c); /* not the device and the lookups */
/* All of the above for a whole file that nothing was read from yet. `file` outlives `resolve`,
 * where endpoints by name stay queued. */
int wg_conf_read(struct wg_device *dev, struct wg_resolve *resolve, const struct wg_log *log,
		 FILE *f, const char *file, struct wg_error *err);

#endif

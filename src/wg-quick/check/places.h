/* SPDX-License-Identifier: GPL-2.0 */
/* Where the values of a file stand, and what a check found there. */
#ifndef WG_QUICK_PLACES_H
#define WG_QUICK_PLACES_H

#include <limits.h>
#include "../../lib/conf/conf.h"

/* One value, or one element of a list: see struct wg_conf_value. */
struct place {
	const char *file; /* of the config: its path, or that of a drop-in */
	const char *key;
	char *text; /* "" for a secret */
	unsigned int line;
	size_t column;
	size_t peer;
	bool comment;
};

struct finding {
	enum wg_conf_code code;
	char *file; /* NULL: the file that is checked, or what stands for it on the command line */
	unsigned int line;
	size_t column;  /* 0: the whole line */
	char *sentence;
	char *quote; /* "" where none helps */
	size_t order; /* in which it was added */
};

/* All of one file and its drop-ins. A zeroed struct is empty. */
struct places {
	const char *main_file; /* set by the caller: the path of the file that is checked; NULL: unknown */
	struct place *list;
	size_t n, room;
	struct finding *findings;
	size_t n_findings, findings_room;
	bool cut_short; /* a list was given up before its end, so `list` and the configuration lack its rest */
};

/* The sink that fills `p`, for struct config. */
struct wg_conf_sink places_sink(struct places *p);
/* Adds a finding at a place, or at the beginning of the file where `at` is NULL. */
void places_add(struct places *p, enum wg_conf_code code, const struct place *at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The first place of a key at or behind `from` (NULL: the first of all), or NULL. */
const struct place *places_next(const struct places *p, const char *key, const struct place *from);
/* Whether there is a finding that is no mere warning. */
bool places_have_error(const struct places *p);
/* Orders the findings by file, line and column; those of one place stay as they were added. The file that
 * is checked comes before its drop-ins. */
void places_sort(struct places *p);
/* Writes "line N" into `out`, with the file before it if that is not the file of `from`. Returns out. */
#define PLACE_STRLEN (PATH_MAX + 32)
const char *place_name(char out[static PLACE_STRLEN], const struct place *at, const struct place *from);
void places_wipe(struct places *p);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Configuration files of `wg`: [Interface] and [Peer] sections, "Key = value" lines, comments from
 * "#" to the end of the line. White space means nothing anywhere in a line, and sections and keys
 * are known in any case. Lines are pushed in one by one, so that wg-quick can keep its own. */
#ifndef WG_LIB_CONF_H
#define WG_LIB_CONF_H

#include <stdio.h>
#include "../base/error.h"
#include "../base/log.h"
#include "../device/model.h"
#include "../device/resolve.h"
#include "conf-code.h"
#include "conf-quote.h"

enum wg_conf_section {
	WG_CONF_NONE,
	WG_CONF_INTERFACE,
	WG_CONF_PEER,
};

/* A mistake, and where it is. The strings are valid during the call only. */
struct wg_conf_finding {
	enum wg_conf_code code;
	const char *file;
	unsigned int line;
	size_t column;        /* from 1, in bytes of the line; 0: the whole line */
	const char *sentence; /* what is wrong, and what was expected */
	const char *quote;    /* the line, and a caret below the column; "" where none helps */
};

/* One value, or element of a list, that was taken. `text` has no white space; it is "" where it is
 * a secret. */
struct wg_conf_value {
	const char *file; /* it lives as long as the parser's caller lets its name live */
	const char *key; /* as its row of ../device/setting.h has it */
	const char *text;
	size_t len;
	unsigned int line;
	size_t column; /* from 1 */
	size_t peer;   /* how many [Peer] began before it, this one included */
	bool comment;  /* a "#" follows without white space */
};

/* For a caller that wants all mistakes of a file at once, and to know where values stand. */
struct wg_conf_sink {
	void (*found)(void *ctx, const struct wg_conf_finding *f);
	void (*took)(void *ctx, const struct wg_conf_value *v);
	/* A list has been given up before its end: `took` is not told of the rest. NULL: not of interest. */
	void (*cut_short)(void *ctx);
	void *ctx;
};

/* An Endpoint line of a [Peer] that is not the section's first. */
struct wg_conf_further {
	struct wg_peer *peer; /* that of the section */
	struct wg_peer *as;   /* in the device's arena, but not among its peers: receives the endpoint */
};

/* All of these lines, in the order of the file. A zeroed struct has none. */
struct wg_conf_furthers {
	struct wg_conf_further *list; /* malloc'd */
	size_t n;
	struct wg_resolve resolve; /* receives those given by name, each for its `as` */
};

struct wg_conf {
	struct wg_device *dev;      /* receives the settings */
	struct wg_resolve *resolve; /* receives the endpoints given by name */
	const struct wg_log *log;
	const char *file; /* for messages */
	/* NULL: the first mistake ends the work, and exclusions ("!") of allowed IPs are carried out */
	const struct wg_conf_sink *sink;
	bool quick; /* the keys of [Interface] that are wg-quick's are the caller's */
	/* Of several Endpoint lines of one section the first is the peer's, and the others go here. NULL: the
	 * last one is the peer's. */
	struct wg_conf_furthers *furthers;
	bool has_endpoint; /* the section that is being read */
	bool lost;  /* in a section that is unknown; its settings are passed over */
	enum wg_conf_section section;
	struct wg_peer *peer;   /* of the section being read */
	bool peer_failed;       /* its PublicKey was there, and wrong */
	unsigned int peer_line; /* where that section began */
	char *squeezed;         /* the line without white space; grown as needed */
	size_t squeezed_size;
	unsigned int failed_line, mistakes; /* the last line that has one, and how many the sink was told of it */
	struct {
		size_t squeezed, line; /* two offsets of one byte of the current line */
	} mark;
};

/* `sink`, `quick` and `furthers` are for the caller to set. */
void wg_conf_init(struct wg_conf *c, struct wg_device *dev, struct wg_resolve *resolve,
		  const struct wg_log *log, const char *file);
/* Before the first line of a file, up to its newline, is given to wg_conf_line: moves past a byte
 * order mark. -1: the file is not UTF-8, nothing more of it can be read; the sink has been told. */
int wg_conf_first_line(const struct wg_conf *c, const char **line, size_t *len, struct wg_error *err);
/* One line, with or without its newline, and without a byte order mark. An error names file, line
 * and column, quotes the line with secrets masked, and says what was expected; with a sink it goes
 * there, and 0 is returned. */
int wg_conf_line(struct wg_conf *c, const char *line, size_t len, unsigned int number,
		 struct wg_error *err);
/* The same error for offset `at` of a line that the caller parsed: err has the bare sentence and
 * its reason. Returns 0 where there is a sink, else -1. `masked` as in conf-quote.h. */
int wg_conf_fail(struct wg_conf *c, unsigned int number, const char *line, size_t len,
		 size_t at, bool masked, struct wg_error *err);
/* Whether a line has had as many mistakes as are told of one. The rest of its list is then passed over: telling
 * of a mistake takes time for the whole line, and a list may be a line of megabytes. */
bool wg_conf_gives_up(const struct wg_conf *c, unsigned int number);
/* Tells the sink, if there is one, that the rest of such a list is passed over. */
void wg_conf_cut_short(const struct wg_conf *c);
/* After the last line: the checks that need the whole file. */
int wg_conf_finish(struct wg_conf *c, struct wg_error *err);
void wg_conf_wipe(struct wg_conf *c); /* not the device and the lookups */
void wg_conf_furthers_wipe(struct wg_conf_furthers *f);
/* All of the above for a whole file that nothing was read from yet. `file` outlives `resolve`,
 * where endpoints by name stay queued. */
int wg_conf_read(struct wg_device *dev, struct wg_resolve *resolve, const struct wg_log *log,
		 FILE *f, const char *file, struct wg_error *err);

#endif

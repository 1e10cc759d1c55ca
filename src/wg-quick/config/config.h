/* SPDX-License-Identifier: GPL-2.0 */
/* A wg-quick configuration file: what `wg` reads, with keys of our own. */
#ifndef WG_QUICK_CONFIG_H
#define WG_QUICK_CONFIG_H

#include <limits.h>
#include <stdio.h>
#include <net/if.h>
#include "../../lib/base/error.h"
#include "../../lib/base/log.h"
#include "../../lib/base/prefix.h"
#include "../../lib/conf/conf.h"
#include "../../lib/device/model.h"
#include "../../lib/device/resolve.h"
#include "../../lib/device/setting.h"
#include "dns-backends.h"
#include "strlist.h"

enum hook_phase {
	HOOK_PRE_UP,
	HOOK_POST_UP,
	HOOK_PRE_DOWN,
	HOOK_POST_DOWN,
	HOOK_PHASES,
};

enum table_mode {
	TABLE_AUTO, /* main table; default routes get a table, rules and a mark */
	TABLE_OFF,  /* no routes */
	TABLE_GIVEN,
};

/* What our own keys say of one [Peer]. */
struct config_peer {
	const struct wg_peer *peer; /* that of the section, in config.dev */
};

struct config {
	char name[IFNAMSIZ];
	char path[PATH_MAX]; /* as opened: links followed */
	char arg[PATH_MAX];  /* as the user gave it: a name, or a path */
	struct wg_prefix *addresses; /* in the file's order */
	size_t n_addresses;
	u32 mtu; /* 0: find it */
	enum table_mode table_mode;
	u32 table;        /* TABLE_GIVEN */
	char *table_text; /* as written, NULL where not given */
	struct strings dns_servers, dns_search;
	enum dns_backend dns_backend; /* DNS_AUTO where none is given */
	bool dns_optional; /* DNSRequired = no */
	bool dns_keys;     /* DNSBackend or DNSRequired is given */
	char *dns_odd; /* the first server in a form that not every resolvconf takes, or NULL */
	struct strings hooks[HOOK_PHASES]; /* as written, %i not replaced */
	bool save_config;
	/* Those [Peer] that have keys of our own, in the order of dev->peers. */
	struct config_peer *peers;
	size_t n_peers;
	const struct wg_peer *reading; /* while reading: the peer of the section, NULL in [Interface] */
	struct wg_device *dev;     /* the part that wg reads */
	struct wg_resolve resolve; /* its endpoints that are names */
	/* Set before reading: takes all mistakes of the file, and the places of values. */
	const struct wg_conf_sink *sink;
	/* Set before reading: nothing is checked and nothing kept but `rest`, the lines that are
	 * wg's with their comments and without blanks at their ends. They hold keys. */
	bool strip;
	struct strings rest;
};

/* One row per key of ours. `value` is trimmed; it may be
 * empty, a word of a list is not. A key of [Peer] keeps its value in config_own_peer(c). A key that
 * upstream's wg-quick does not have is an OURS row of lib/conf/conf-names.c, in the same order: `wg`
 * then passes over it. */
struct config_key {
	enum wg_section section;
	const char *name;
	bool raw;  /* "#" begins no comment in its value */
	bool list; /* of words, parted by commas and white space: `value` is one of them */
	int (*parse)(struct config *c, const char *value, size_t len, size_t *at,
		     struct wg_error *err);
	/* How much of the `len` bytes behind "=" is the value, of which the first "#" is at `bare`. NULL: what
	 * comes before that. */
	size_t (*extent)(const char *s, size_t len, size_t bare);
};
extern const struct config_key config_keys[]; /* ends with a row whose name is NULL */

/* Which of `words`, a list that ends with NULL, the value is, without regard to case: its index is
 * put into *chosen. Otherwise -1 with WG_CODE_CHOICE; the message names the words, and *at is 0. */
int config_choose(size_t *chosen, const char *const *words, const char *value, size_t len, size_t *at,
		  struct wg_error *err);
/* The same for a setting that is on or off: yes or true, no or false. */
int config_yes_no(bool *yes, const char *value, size_t len, size_t *at, struct wg_error *err);
/* The record of the [Peer] that is being read; it is made if this is the section's first key of ours. It
 * moves when the next one is made. */
struct config_peer *config_own_peer(struct config *c);
/* The record of a peer of c->dev, NULL if it has none. *at is where to look, 0 for the first peer: the
 * caller asks for the peers in their order. */
const struct config_peer *config_next_peer(const struct config *c, size_t *at,
					   const struct wg_peer *peer);

/* `arg`: an interface name (CONFDIR/NAME.conf) or a path to NAME.conf. Sets name, arg and path
 * only; name is set also where the file does not exist (err->code ENOENT), and is "" where no name
 * follows from `arg`. */
int config_find(struct config *c, const char *arg, struct wg_error *err);
/* Reads and checks the whole file at c->path, both parts. Warnings (world accessible, host bits)
 * go to `log`. Nothing is looked up. Errors as in ../lib/conf.h: with c->sink, -1 means only that
 * the file could not be read to its end. */
int config_read(struct config *c, const struct wg_log *log, struct wg_error *err);
/* The same from an open file, without the permission check. */
int config_parse(struct config *c, FILE *f, const struct wg_log *log, struct wg_error *err);
void config_wipe(struct config *c);

#endif

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

/* How long each hook may take. */
struct hook_limit {
	bool given;  /* the file says it; otherwise the environment does (../host/hooks.h) */
	u32 seconds; /* 0: no limit */
};
#define HOOK_LIMIT_MOST 1000000 /* seconds */

enum table_mode {
	TABLE_AUTO, /* main table; default routes get a table, rules and a mark */
	TABLE_OFF,  /* no routes */
	TABLE_GIVEN,
};

/* What becomes of packets that would leave the host past the tunnel (steps/kill-table.h). */
enum kill_switch {
	KILL_SWITCH_NO,
	KILL_SWITCH_YES,
	KILL_SWITCH_LAN,  /* private networks can be reached */
	KILL_SWITCH_BOOT, /* as YES, from boot on and after `down`, until it is lifted */
};

/* What of the tunnel's traffic a host does as a gateway (steps/gateway.c). Flags. */
enum gateway {
	GATEWAY_MASQUERADE_FROM = 1 << 0, /* what leaves by other links gets their addresses */
	GATEWAY_MASQUERADE_INTO = 1 << 1, /* what comes from other links gets the tunnel's address */
	GATEWAY_CLAMP_MSS = 1 << 2,
};

/* What our own keys say of one [Peer]. */
struct config_peer {
	const struct wg_peer *peer; /* that of the section, in config.dev */
	bool has_key_file;          /* PresharedKeyFile is given */
	bool has_routes;            /* Routes is given: its prefixes get routes, and not the allowed IPs */
	struct wg_prefix *routes;   /* masked; none for "off" */
	size_t n_routes;
	u32 route_metric; /* 0: the kernel's choice */
};

/* When `up` looks up endpoints that are names. */
enum endpoint_resolution {
	RESOLUTION_AUTO,       /* in the background if `wg-quick watch` looks after the tunnel */
	RESOLUTION_WAIT,       /* before the tunnel comes up */
	RESOLUTION_BACKGROUND, /* `wg-quick watch` does, while the tunnel is up */
};

/* A prefix that several peers list. */
struct config_share {
	struct wg_prefix prefix;  /* masked */
	struct wg_peer **members; /* of config.dev, in the order of the file; malloc'd */
	size_t n;
};

struct config {
	char name[IFNAMSIZ];
	char path[PATH_MAX]; /* as opened: links followed */
	char arg[PATH_MAX];  /* as the user gave it: a name, or a path */

	/* Numbers and words */
	u32 mtu;                       /* 0: find it */
	enum table_mode table_mode;
	u32 table;                     /* TABLE_GIVEN */
	enum dns_backend dns_backend;  /* DNS_AUTO where none is given */
	enum kill_switch kill_switch;
	u32 gateway;                   /* enum gateway */
	enum endpoint_resolution endpoint_resolution;
	struct hook_limit hook_limit;

	/* Yes or no */
	bool mtu_probe;    /* with mtu 0: by asking the way */
	bool dns_optional; /* DNSRequired = no */
	bool dns_keys;     /* DNSBackend or DNSRequired is given */
	bool no_hooks;     /* the file's hooks do not count: config_drop_hooks */
	bool save_config;
	bool forward;      /* the host shall forward packets of the tunnel's families */
	bool failover;     /* of several peers with one prefix the first holds it, and the others stand by */
	bool has_key_file; /* PrivateKeyFile is given; with no_key_files dev has no private key then */
	bool excludes;     /* while reading: "!" stands in the section */
	/* Set by whoever reads the file for a tunnel: an endpoint that is a name and cannot be looked up at once
	 * is left to `wg-quick watch`. */
	bool background;
	/* Set before reading: PrivateKeyFile and PresharedKeyFile are not opened, and give no key. */
	bool no_key_files;
	/* Set before reading: with failover, too, each peer has the prefixes that its section lists, and there are no
	 * shares. */
	bool no_shares;
	/* Set before reading: nothing is checked and nothing kept but `rest`, the lines that are
	 * wg's with their comments and without blanks at their ends. They hold keys. */
	bool strip;

	struct wg_prefix *addresses;       /* in the file's order */
	size_t n_addresses;
	char *table_text;                  /* as written, NULL where not given */
	struct strings dns_servers, dns_search;
	char *dns_odd;                     /* the first server in a form that not every resolvconf takes, or NULL */
	struct strings hooks[HOOK_PHASES]; /* as written, %i not replaced */
	/* Where the interface is, and where it is made and its sockets stay: a name or a path, as written.
	 * NULL: where the program was started. */
	char *netns, *underlay;
	/* Those [Peer] that have keys of our own, in the order of dev->peers. */
	struct config_peer *peers;
	size_t n_peers;
	struct wg_peer *reading;           /* while reading: the peer of the section, NULL in [Interface] */
	const struct wg_log *log;          /* while reading */
	struct strings drop_ins;           /* the paths of those that were read */
	struct wg_device *dev;             /* the part that wg reads */
	struct wg_resolve resolve;         /* its endpoints that are names */
	struct wg_conf_furthers furthers;  /* the Endpoint lines behind the first of each [Peer] */
	struct config_share *shares;       /* the prefixes of several peers, with failover: sorted (shares.h); malloc'd */
	size_t n_shares;
	/* Set before reading: takes all mistakes of the file, and the places of values. */
	const struct wg_conf_sink *sink;
	struct strings rest;
	size_t rest_section;               /* while reading: the first line of the section, in `rest` */
};

/* One row per key of ours. `value` is trimmed; it may be
 * empty, a word of a list is not. A key of [Peer] keeps its value in config_own_peer(c). A key that
 * upstream's wg-quick does not have is an OURS row of lib/conf/conf-names.c, in the same order: `wg`
 * then passes over it. */
struct config_key {
	const char *name;
	/* Set if the value is the path of a file with a key: the key that `strip` prints in its place. */
	const char *strip_as;
	enum wg_section section;
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
/* Reads and checks the whole file at c->path, both parts, and then the drop-ins: the files whose names
 * end in .conf and do not begin with a dot, in the folder c->path + ".d", in the order of their names.
 * Warnings (world accessible, host bits) go to `log`. Nothing is looked up. Errors as in ../lib/conf.h: with c->sink, -1 means only that
 * the file could not be read to its end. */
int config_read(struct config *c, const struct wg_log *log, struct wg_error *err);
/* The same from an open file, without the permission check and without drop-ins. */
int config_parse(struct config *c, FILE *f, const struct wg_log *log, struct wg_error *err);
/* Forgets the hooks of the file: the tunnel goes up, and later down, without any. */
void config_drop_hooks(struct config *c);
void config_wipe(struct config *c);

#endif

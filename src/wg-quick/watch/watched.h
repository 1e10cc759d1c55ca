/* SPDX-License-Identifier: GPL-2.0 */
/* One tunnel under the eyes of `wg-quick watch`: its file, and what is known of its peers. Its device is read, and
 * changed, here; what to do is decided by endpoints.h and failover.h. Times are of CLOCK_MONOTONIC, in
 * milliseconds. */
#ifndef WG_QUICK_WATCHED_H
#define WG_QUICK_WATCHED_H

#include "../../lib/net/rtnl.h"
#include "../config/config.h"
#include "../journal/journal.h"
#include "endpoints.h"
#include "failover.h"
#include "lookup.h"

struct watched_peer {
	u8 public_key[WG_KEY_LEN];
	bool on_device;
	bool was_lost; /* which has been said */
	struct health health;
	union wg_endpoint current;  /* what the device has */
	struct endpoints endpoints; /* n_lines is 0 where the file gives none */
	u64 token;                  /* of the lookup under way; 0: none */
	size_t asked;               /* the line that it is for */
};

/* A prefix that several of the peers list. */
struct watched_share {
	struct wg_prefix prefix;
	struct failover failover;
	size_t *members; /* places in the list of peers; malloc'd */
};

struct watched {
	char name[IFNAMSIZ];
	char path[PATH_MAX]; /* of the file */
	u32 ifindex;
	struct watched_peer *peers; /* those of the file that there is something to decide about, sorted by key; malloc'd */
	size_t n_peers;
	struct watched_share *shares; /* sorted as config.shares; malloc'd */
	size_t n_shares;
	u64 work_at;         /* when watched_work is due; UINT64_MAX: never */
	char complaint[256]; /* the last one, so that it is said once */
};

/* What is watched with. */
struct watching {
	struct watch_times times;
	struct lookups *lookups;
	struct wg_rtnl *rtnl;
	u64 last_token;
};

/* Fills a zeroed *w from a state file's contents and the configuration file that it names. Without that file, or
 * with one that is wrong, which is said once, there is nothing to decide about its peers. */
void watched_init(struct watched *w, const struct state *st);
/* Takes over what is known of the peers: `old` is the same tunnel as it was watched before. */
void watched_inherit(struct watched *w, const struct watched *old);
/* Reads the device and does what is due: looks names up, gives peers other endpoints, moves prefixes. It holds the
 * tunnel's lock for a change only, and does without if somebody else has that. */
void watched_work(struct watched *w, struct watching *watching, u64 now);
/* A lookup has ended. Returns false if it was none of this tunnel's. */
bool watched_answer(struct watched *w, const struct lookup_answer *a, u64 now);
/* The ways out of this machine have changed. */
void watched_hurry(struct watched *w, const struct watch_times *t, u64 now);
/* How many of its peers are lost. */
size_t watched_lost(const struct watched *w);
void watched_wipe(struct watched *w);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs of `wg-quick`: what the rows of the table in main.c run. */
#ifndef WG_QUICK_VERB_H
#define WG_QUICK_VERB_H

#include "../lib/command/command.h"
#include "journal/journal.h"

/* In the environment of a `wg-quick' that `wg-quick watch' runs; it is for no other program. */
#define VERB_FOR_WATCH "WG_QUICK_FOR_WATCH"

/* verb.c */
/* Returns 0 if the program runs as root. Otherwise runs `wg-quick` again through sudo, with the words of
 * the call, and does not return; -1 with err where there is no sudo. */
int verb_become_root(const struct wg_call *call, struct wg_error *err);
/* Hooks and helpers are looked for beside the program first, and speak C, as they always did. As root,
 * keeps secrets out of core dumps. */
void verb_prepare(void);
/* Undoes what that did to the environment. */
void verb_restore_environment(void);

/* Takes the tunnel's lock. A hook of the tunnel may not wait for it, as the wg-quick that runs the hook has
 * it: then *j is NULL. Returns 0, or -1 with err. */
int verb_lock_for_hook(struct journal **j, const char *name, struct wg_error *err);

/* up.c */
int verb_up(const struct wg_call *call, struct wg_error *err);
/* For `repair`: brings up the tunnel `arg`, of which less is there than its interface. Returns the exit status. */
int up_again(const char *arg, bool no_hooks, struct wg_error *err);
/* down.c */
int verb_down(const struct wg_call *call, struct wg_error *err);
/* reload.c */
int verb_reload(const struct wg_call *call, struct wg_error *err);
int verb_diff(const struct wg_call *call, struct wg_error *err);
int verb_repair(const struct wg_call *call, struct wg_error *err);
/* status.c */
int verb_status(const struct wg_call *call, struct wg_error *err);
/* watch.c */
int verb_watch(const struct wg_call *call, struct wg_error *err);
/* save.c */
int verb_save(const struct wg_call *call, struct wg_error *err);
/* exec.c */
int verb_exec(const struct wg_call *call, struct wg_error *err);
void complete_exec(const struct wg_call *call);
/* check.c */
int verb_check(const struct wg_call *call, struct wg_error *err);
/* set.c */
int verb_set(const struct wg_call *call, struct wg_error *err);
void complete_quick_set(const struct wg_call *call);
void usage_quick_set(FILE *f);

/* killswitch.c */
int verb_killswitch(const struct wg_call *call, struct wg_error *err);
/* strip.c */
int verb_strip(const struct wg_call *call, struct wg_error *err);

/* operand.c: the operand of all verbs is a tunnel: the name of CONFDIR/NAME.conf, or a path. */
/* Offer (lib/command/candidates.h) the tunnels that have a file in CONFDIR; those and the tunnels that are up; the
 * tunnels that are up. A tunnel is up if it has a journal, or if its interface is there. Files are offered once the
 * word under the cursor has a slash. */
void complete_config(const struct wg_call *call);
void complete_tunnel(const struct wg_call *call);
void complete_tunnel_up(const struct wg_call *call);
/* Whether a word that begins with - is a tunnel: an interface, a name with a file in CONFDIR or a journal in
 * STATEDIR, or a path. A word that begins with -- is one only if what it names exists; one dash is enough where
 * the folder cannot be searched, and for any path with a slash. */
bool operand_exists(const char *word);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The state file of one tunnel, and its lock. Every step is appended, with one write, before it is
 * done; so what the file lists is all that can have happened, and a reader must expect that the
 * steps behind the last "done" have not, or in part. Mode 0600: hooks may hold secrets. It
 * holds no private and no preshared key.
 *
 * The files are STATEDIR/NAME.state and NAME.lock, or NAME@INODE.* in a network namespace other
 * than init's: /run is shared between the namespaces of a host. */
#ifndef WG_QUICK_JOURNAL_H
#define WG_QUICK_JOURNAL_H

#include "../host/daemon.h"
#include "../steps/step.h"
#include "applied.h"

/* Where interfaces live: another boot or another network namespace has other ones of the same
 * name. `netns` is the namespace's cookie, which is never given out twice in a boot, or its inode
 * on a kernel before 5.14. */
struct world {
	char boot[40]; /* /proc/sys/kernel/random/boot_id, "" where there is none */
	u64 netns;
};

/* What a state file says. */
struct state {
	char name[IFNAMSIZ];
	char config[PATH_MAX];  /* the file that `up` read */
	struct world world;
	u8 public_key[WG_KEY_LEN]; /* of the device, as the file that was carried out last gave it; zeros:
	                         * not known. Journals of releases before 2026-12 have none */
	u32 ifindex;            /* 0: the link was not seen to exist */
	bool userspace;         /* the data path is a daemon */
	bool complete;          /* `up` reached its end */
	bool going_down;        /* a `down`, or the undoing of a failed `up`, has begun */
	bool save_config;
	bool adopted;           /* the steps were recognised where there was no whole journal (adopt.h), and
	                         * the list may lack some that the tunnel had. A reload or a repair that
	                         * succeeds clears this */
	bool no_firewall;       /* the kernel lacks what a FIREWALL step needs: the one begun last
	                         * before this was noted is `skipped`, and so are all behind it */
	struct strings down_hooks[2]; /* PreDown, PostDown, %i replaced */
	u64 place;              /* the cookie of the network namespace that the file gives the tunnel; 0: it is in
	                         * `world`, from where wg-quick is called in any case */
	char *place_path, *underlay; /* of that namespace, and of the underlay if the file has one, or NULL;
	                              * malloc'd */
	bool no_hooks;          /* `up` was told to run no hooks: `down` runs none either */
	struct hook_limit hook_limit;
	size_t hooks_run;       /* how many of them have ended, counted over both */
	char damage[512];       /* what is wrong with the file, which then counts as far as it can be
	                         * understood; "": nothing */
	struct plan claims;     /* the rules whose priorities and tables are taken, and whose steps have
	                         * not begun: other tunnels leave them alone, and there is nothing to
	                         * undo */
	struct plan steps;      /* in the order they were begun */
	size_t done;            /* the first so many of them have been carried out */
};

/* state.c, pure. Reads state text. Negative: not a state file of ours, or of a later version (err
 * says which line). A last line without newline is a write that a crash cut off: it is ignored. */
int state_parse(struct state *st, const char *text, size_t len, struct wg_error *err);
/* Reads the lines that are those of a state file, and passes over the others. */
void state_salvage(struct state *st, const char *text, size_t len);
/* Writes the lines that a state file begins with. */
/* Where the file has a Namespace, the process must be in it. */
void state_write_head(FILE *f, const struct config *c, const struct world *w);
/* Writes the whole text of a state, as state_parse reads it. All of its steps must be done. */
void state_write(FILE *f, const struct state *st, const struct world *w);
void state_wipe(struct state *st);

struct journal; /* locked, and open for appending once begun or loaded; or for looking only */

/* This program works for `wg-quick watch`: it says so in the lock files that it holds. The main program sets it
 * before it takes a lock. */
extern bool journal_for_watch;

/* Takes the lock of this name, without waiting; err->code EWOULDBLOCK: another wg-quick has it. If that works for
 * `wg-quick watch`, this one waits for it, half a minute at most, unless it does so itself. Where
 * nothing can be written to the folder, or it cannot be made, that is said through `log`; there is no
 * lock then, and the journal is kept in memory: it serves to undo an `up` that fails. */
int journal_lock(struct journal **j, const char *name, const struct wg_log *log,
		 struct wg_error *err);
/* Gives a journal for looking only: it takes no lock, and nothing is created, mended or removed. So it
 * keeps nobody from working on the tunnel, and it may show a tunnel that somebody works on. Only
 * journal_load, journal_marker, journal_load_applied and journal_unlock take it. */
int journal_look(struct journal **j, const char *name, struct wg_error *err);
/* Returns 0 if this name has a state file, else -1 with errno, as access() does: EACCES where that cannot be told. */
int journal_access(const char *name);
/* 1 and *st filled, 0 where there is no state file, or one of a world that has gone or of a tunnel of another
 * name, as a copy is: such a file is removed. Negative also for what is not a regular file.
 * A damaged file, or one of another version, counts as far as it can be understood: see st->damage.
 */
int journal_load(struct journal *j, struct state *st, struct wg_error *err);
/* Begins a new state file (there must be none). Where the disk is full, that is said through the `log` of
 * journal_lock, and the journal is kept in memory. */
int journal_begin(struct journal *j, const struct config *c, struct wg_error *err);
/* "NAME=VALUE" for the environment of the daemon that `up` starts: no other state file, of this or of
 * another tunnel, has the same. After journal_begin or journal_load only. */
void journal_marker(const struct journal *j, char out[static DAEMON_MARKER_SIZE]);
/* Appends the rules among these steps in one write: they are claimed, for other tunnels to see. */
int journal_claim(struct journal *j, const struct step *steps, size_t n, struct wg_error *err);
/* Appends steps in one write, before they are done. */
int journal_steps(struct journal *j, const struct step *steps, size_t n, struct wg_error *err);
/* All steps so far are done. */
int journal_done(struct journal *j, struct wg_error *err);
/* The link is there; or, with ifindex 0, a daemon is about to make it. */
int journal_link(struct journal *j, u32 ifindex, bool userspace, struct wg_error *err);
/* The step that was begun last, a FIREWALL, did nothing, and those to come will not either. */
int journal_no_firewall(struct journal *j, struct wg_error *err);
/* The step that was begun last, a DNS, was refused, and that was only warned of. */
int journal_dns_refused(struct journal *j, struct wg_error *err);
/* `up` has reached its end, or a `down` was refused by a PreDown hook and changed nothing. */
int journal_complete(struct journal *j, struct wg_error *err);
int journal_going_down(struct journal *j, struct wg_error *err);
/* One more of the down hooks has ended. */
int journal_hook_run(struct journal *j, struct wg_error *err);
/* Replaces what the state file says by `st`, in one step: journal_load finishes it after a
 * crash. The journal stays open for appending. A journal that is kept in memory is left as it is; so is one
 * that has no file yet where the disk is full, as with journal_begin. */
int journal_replace(struct journal *j, const struct state *st, struct wg_error *err);
/* The record of what the file said of its peers (applied.h), in a file beside the state file. Saving
 * replaces it in one step. If it cannot be written, as on a full disk, or if the journal is in memory,
 * there is none afterwards: `reload` works without it. a->known is false after loading if there is
 * none, or if it is damaged. */
void journal_save_applied(const struct journal *j, const char *text, size_t len);
void journal_load_applied(const struct journal *j, struct applied *a);
/* Removes the state file and the record: everything is undone. */
int journal_end(struct journal *j, struct wg_error *err);
void journal_unlock(struct journal **j); /* for cleanup() too */

/* Takes the lock that says that this program watches the tunnel `name`, or, with NULL, all tunnels of this
 * network namespace. *fd is for close(). err->code EWOULDBLOCK: another one does. */
int journal_lock_watch(int *fd, const char *name, struct wg_error *err);
/* Whether a program watches this tunnel, or all. */
bool journal_is_watched(const char *name);
/* Calls `visit` with what each state file of this world says, while the files can be read. */
void journal_each(void (*visit)(void *ctx, const struct state *st), void *ctx);

/* The lock over what tunnels share: free tables, free rule priorities, the sysctl. Waits, and says
 * so through `log` after a second; after half a minute it gives up, and once the stop word (NULL:
 * none) is not 0. Only netlink requests are made under it, and nothing is waited for: a build with test
 * hooks ends itself where that is tried (wg_wait_never_with). *fd is for close(). */
int journal_lock_shared(int *fd, const volatile int *stop, const struct wg_log *log,
			struct wg_error *err);

/* Whether another tunnel's state file, of this world, lists a step that is equal by its kind's
 * operations. `done`: only steps that were carried out count. */
bool journal_other_has(const char *except, const struct step *step, bool done);
/* Appends to a list that is malloc'd the rules of all other tunnels' state files of this world, those
 * that are only claimed too. */
void journal_other_rules(const char *except, struct wg_rule **list, size_t *n);

/* Calls `note` with the name of the tunnel and each step of this kind that the other tunnels' state files of
 * this world list, in their order; those of a tunnel that is going down are left out. */
void journal_other_steps(const char *except, enum step_kind kind,
			 void (*note)(void *ctx, const char *name, const struct step *step), void *ctx);

extern const char *journal_dir; /* STATEDIR; tests have their own */

#endif

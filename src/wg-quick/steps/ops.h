/* SPDX-License-Identifier: GPL-2.0 */
/* What can be done with a step of each kind: one table of operations, step_kinds, with a row for
 * each of STEP_KINDS. A new kind is a row there, a file here, and its fields in struct step. */
#ifndef WG_QUICK_OPS_H
#define WG_QUICK_OPS_H

#include "../host/daemon.h"
#include "fields.h"
#include "step.h"

/* The metric of a HOLD's route: it stands behind every other route of its destination. */
#define STEP_HOLD_METRIC (UINT32_MAX - 1)

struct journal;
struct run;
struct wg_device;

/* What steps need of the journal, which is above them. */
struct step_upcalls {
	/* Notes that the link is there; or, with ifindex 0, that a daemon is about to make it. */
	int (*note_link)(struct run *r, u32 ifindex, bool userspace, struct wg_error *err);
	/* Notes that the FIREWALL step that was begun last did nothing, and that those to come will
	 * do nothing either. */
	int (*note_no_firewall)(struct run *r, struct wg_error *err);
	/* Notes that the DNS step that was begun last was refused, and that this was only warned of. */
	int (*note_dns_refused)(struct run *r, struct wg_error *err);
	/* Takes the lock over what tunnels share; *fd is for close(). The wait is bounded. */
	int (*lock_shared)(const struct run *r, int *fd, struct wg_error *err);
	/* Whether the journal of another tunnel of this network namespace lists an equal step, by
	 * step_ops.equal. `done`: only steps that were carried out count, not those only begun. */
	bool (*other_tunnel_has)(const struct run *r, const struct step *s, bool done);
	/* Calls `note` with each step of this kind in the journals of the other tunnels of this network
	 * namespace that are not going down, in the order of each journal. */
	void (*other_steps)(const struct run *r, enum step_kind kind,
			    void (*note)(void *ctx, const char *name, const struct step *s), void *ctx);
};

/* One run of `up` or `down`: what its steps are carried out, or undone, with. */
struct run {
	const char *name;
	const char *config_path;
	const struct config *config; /* NULL when a journal is undone without its file */
	struct journal *journal;     /* NULL: a tunnel that was adopted, undone without a journal */
	const struct step_upcalls *upcalls;
	struct wg_rtnl *rtnl;
	bool netns_taken; /* somebody else has made the namespace that a NETNS step was to make */
	u64 place; /* the cookie of the network namespace that the tunnel has by its file; 0: none */
	u32 ifindex;                 /* of the link, which need not exist; 0: not known */
	/* The device as it has been read, for comparing: then it is not asked again, which may wait for
	 * its daemon. NULL: it is asked. */
	const struct wg_device *device;
	bool device_unreadable;      /* its daemon did not answer, and is not asked again */
	u8 public_key[WG_KEY_LEN];   /* of its device, by the journal; zeros: not known */
	char marker[DAEMON_MARKER_SIZE]; /* of its daemon; "" where there is none */
	bool userspace;              /* the data path is a daemon */
	bool link_made;              /* the link is known to have been there */
	bool no_firewall;            /* the kernel has no nftables; it has been warned of */
	bool keeps_boot;             /* undoing leaves a kill switch of mode `boot` */
	bool kill_switch_stays;      /* undoing leaves any: it was there before, or is wanted again */
	bool kill_switch_made;       /* a KILL_SWITCH step has been run */
	bool dns_refused;            /* an optional DNS step was refused, and none has been done since */
	/* What was read back of the DNS step, kept between two looks with no change between them, of which
	 * the second may be where nothing can be waited for. NULL: it is read anew each time. */
	struct dns_seen *dns_seen;
	/* A rule that the kernel refused because an equal one was there, which is not ours; family 0:
	 * none. The journal cannot say so. */
	struct wg_rule refused_rule;
	const struct wg_log *log;
	volatile int *stop; /* a stop word (../../lib/wait.h) */
	int status;         /* exit status of the command that failed; 1 unless a child's */
	struct hook_limit hook_limit;
	bool force;         /* `down` goes on past everything that fails, and forgets the tunnel */
	bool remains;       /* run_undo: something of the tunnel is still there */
	int interrupted;    /* run_undo: the last stop word that was not 0, of a signal that came */
};

struct dns_seen {
	char *text[DNS_NONE]; /* of each backend, as dns_backend_ops.read says it; malloc'd, or NULL */
};

enum undo_result {
	UNDO_DONE,      /* also where there was nothing to undo */
	UNDO_COMPLAINT, /* a command failed, and trying again would not help */
	UNDO_REMAINS,   /* it is still there: the journal must be kept */
};

/* What is found where a step would put something. */
enum step_state {
	STEP_PRESENT, /* it is there, exactly as the step makes it, and it is ours */
	STEP_DIFFERS, /* it is ours, and not as the step makes it */
	STEP_FOREIGN, /* something that is not ours has its place: its name, numbers or priority */
	STEP_MISSING, /* nothing is there */
	STEP_UNKNOWN, /* this kind cannot be read back, or this kernel does not show it */
	STEP_REFUSED, /* it is not there, and nobody can put it there: /proc/sys is read-only */
};

/* Where `undo` is done by `down`, which goes through these in order, and through the steps of each
 * backwards. Upstream's order; see ../undo.h. */
enum undo_order {
	UNDO_WITH_LINK, /* deleting the link undoes it */
	UNDO_RULES,
	UNDO_LINK,
	UNDO_DNS,
	UNDO_FIREWALL,
	UNDO_SYSCTL,
	UNDO_KILL_SWITCH, /* behind all that could send packets past the tunnel */
	UNDO_NETNS, /* after the PostDown hooks, which run in it */
	UNDO_ORDERS,
};

struct step_ops {
	const char *name; /* the first word of its line in the journal */
	/* Whether it needs the data path: where it fails and that is a daemon, the daemon may have
	 * ended. */
	bool configures;
	enum undo_order undo_order;

	/* As step_command and step_undo_command. undo_command may be NULL: always NULL. */
	char *(*command)(const struct step *s, const char *ifname);
	char *(*undo_command)(const struct step *s, const char *ifname);

	/* The fields of its line in the journal, behind the name. `read` is given a step that is
	 * zero but for its kind; what it leaves there on failure is released by step_wipe. Both may
	 * be NULL: no fields. */
	void (*write)(FILE *f, const struct step *s);
	bool (*read)(struct fields *c, struct step *s);
	/* Releases what it points to; may be NULL. */
	void (*wipe)(struct step *s);
	/* Whether both do the same. NULL: nobody asks. */
	bool (*equal)(const struct step *a, const struct step *b);
	/* An order of the steps of this kind by what a configuration asks for; 0: both are asked for
	 * by the same words. What a plan chose by itself (a rule's priority) does not count. NULL: a
	 * tunnel that is up is not compared with a plan in steps of this kind. */
	int (*order)(const struct step *a, const struct step *b);
	/* Whether doing `s` also undoes `old`, so that `old` need not be undone before. NULL: no. */
	bool (*replaces)(const struct step *s, const struct step *old);

	/* Exactly one of these two. `append` adds a change to the batch of r->rtnl: all steps that
	 * have it and stand together are sent together. `run` does it now: 0, or -1 with err, and
	 * r->status where a child's exit status is to be passed on. */
	void (*append)(const struct run *r, const struct step *s);
	int (*run)(struct run *r, const struct step *s, struct wg_error *err);
	/* Adds to the batch of r->rtnl the change that takes back what `append` added. Only kinds of
	 * UNDO_WITH_LINK have it: the link's deletion does the same for all of them at once. */
	void (*append_undo)(const struct run *r, const struct step *s);
	/* Replaces the kernel's error for a change of `append` by one that names the cause, if it can find
	 * that; may be NULL. */
	void (*explain)(const struct run *r, const struct step *s, struct wg_error *err);
	/* Removes what the step made, if that is there and is ours. `sure`: the step is known to
	 * have been carried out. NULL for UNDO_WITH_LINK, but for stand-ins, which a reload undoes. */
	enum undo_result (*undo)(struct run *r, const struct step *s, bool sure,
				 struct wg_error *err);

	/* Reads what is there and compares. Asks the kernel anew each time. *state is set on
	 * success. NULL: STEP_UNKNOWN. */
	int (*compare)(const struct run *r, const struct step *s, enum step_state *state,
		       struct wg_error *err);
};

#define STEP_DECLARATION(kind, name) extern const struct step_ops step_##name##_ops;
STEP_KINDS(STEP_DECLARATION)
#undef STEP_DECLARATION

/* For step_ops.order. */
static inline int order_numbers(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

/* The operations of a step. */
const struct step_ops *step_ops(const struct step *s);

/* Prints the step's command, or the one that undoes it, as "[#] COMMAND". */
void step_echo(const struct run *r, const struct step *s);
void step_echo_undo(const struct run *r, const struct step *s);
/* Puts "`COMMAND': " before the error of a change that was refused. Returns -1. */
int step_refused(const struct run *r, const struct step *s, struct wg_error *err);
/* Reads back what the step makes, as step_ops.compare does. */
int step_compare(const struct run *r, const struct step *s, enum step_state *state,
		 struct wg_error *err);

#endif

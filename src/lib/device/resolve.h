/* SPDX-License-Identifier: GPL-2.0 */
/* Looks up the endpoints that were given by name, all at the same time. Names that cannot exist
 * fail at once; when the resolver is out of reach (EAI_AGAIN and its like) it is asked again, as
 * often as WG_ENDPOINT_RESOLUTION_RETRIES says (a number or "infinity"; default 15), after a second
 * that grows by a fifth each time, up to 20 s. */
#ifndef WG_LIB_RESOLVE_H
#define WG_LIB_RESOLVE_H

#include "../base/error.h"
#include "../base/log.h"
#include "model.h"

struct wg_resolve_job {
	struct wg_resolve_job *next;
	struct wg_peer *peer; /* receives the endpoint */
	const char *host;
	u16 port;
	unsigned int line; /* of `file` */
	const char *file;  /* for messages; NULL: the command line */
};

/* A zeroed struct has no jobs, and asks the system's resolver. */
struct wg_resolve {
	struct wg_arena arena;
	struct wg_resolve_job *jobs, *last;
	size_t n_jobs; /* without those that were replaced or dropped: their peer is NULL */
	/* For tests. Called from several threads; fills in the address (not the port) and returns
	 * 0, or an EAI_* number. NULL: getaddrinfo, its first answer. */
	int (*lookup)(const char *host, union wg_endpoint *endpoint);
	unsigned int retry_ms; /* the first pause before asking again; 0: a second */
};

/* Copies host, but not file. A job for the peer of the job before replaces that one. */
void wg_resolve_add(struct wg_resolve *r, struct wg_peer *peer, const char *host, size_t host_len,
		    u16 port, const char *file, unsigned int line);
/* Drops the last job if it is this peer's: a numeric endpoint came after. */
void wg_resolve_cancel(struct wg_resolve *r, const struct wg_peer *peer);
/* Takes a job out of the queue: its endpoint is not looked up. The job must be one of r->jobs. */
void wg_resolve_drop(struct wg_resolve *r, struct wg_resolve_job *job);
/* Waits for all; says through `log`, one line, when that takes longer than a second. On failure no
 * peer has been changed. `*stop` (may be NULL) non-zero, set by a signal handler, ends the wait
 * with err->code = EINTR within a tenth of a second. */
int wg_resolve_run(struct wg_resolve *r, const struct wg_log *log, const volatile int *stop,
		   struct wg_error *err);
/* Asks once for each name, and waits `limit_ms` at most. The peers of names that were found get their endpoints,
 * and their jobs leave the queue; those of other names stay there, also of names that do not exist. Fails, with
 * err->code = EINTR, only after a signal, and without a thread. */
int wg_resolve_some(struct wg_resolve *r, const volatile int *stop, unsigned int limit_ms,
		    struct wg_error *err);
/* Gives the peers of the jobs of `r` what a run of `from` has found for the same host names, and takes
 * those jobs out of the queue. */
void wg_resolve_answer(struct wg_resolve *r, const struct wg_resolve *from);
void wg_resolve_wipe(struct wg_resolve *r);

#endif

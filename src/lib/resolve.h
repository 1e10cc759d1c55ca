/* SPDX-License-Identifier: GPL-2.0 */
/* Looks up the endpoints that were given by name, all at the same time. Names that cannot exist
 * fail at once; when the resolver is out of reach (EAI_AGAIN and its like) it is asked again, as
 * often as WG_ENDPOINT_RESOLUTION_RETRIES says (a number or "infinity"; default 15). */
#ifndef WG_LIB_RESOLVE_H
#define WG_LIB_RESOLVE_H

#include "error.h"
#include "log.h"
#include "model.h"

struct wg_resolve_job {
	struct wg_resolve_job *next;
	struct wg_peer *peer; /* receives the endpoint */
	const char *host, *port;
	const char *where; /* "FILE:LINE" or "" */
};

struct wg_resolve {
	struct wg_arena arena;
	struct wg_resolve_job *jobs, *last;
	size_t n_jobs;
};

/* Copies host, port and where. A later job for the same peer replaces an earlier one. */
void wg_resolve_add(struct wg_resolve *r, struct wg_peer *peer, const char *host, size_t host_len,
		    const char *port, size_t port_len, const char *where);
/* Drops a job of this peer, if any: a numeric endpoint came after. */
void wg_resolve_cancel(struct wg_resolve *r, const struct wg_peer *peer);
/* Waits for all; says through `log`, one line, when that takes longer than a second. On failure no
 * peer has been changed. `*stop` (may be NULL) non-zero, set by a signal handler, ends the wait
 * with err->code = EINTR within a tenth of a second. */
int wg_resolve_run(struct wg_resolve *r, const struct wg_log *log, const volatile int *stop,
		   struct wg_error *err);
void wg_resolve_wipe(struct wg_resolve *r);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Names looked up in threads. getaddrinfo cannot be interrupted, and a resolver may take its time; so nobody
 * waits for a thread, and there is a bounded number of them, of which one tunnel gets a part. */
#ifndef WG_QUICK_LOOKUP_H
#define WG_QUICK_LOOKUP_H

#include "../../lib/base/error.h"
#include "endpoints.h"

struct lookups;

struct lookup_answer {
	u64 token;
	size_t n; /* 0: the name cannot be looked up */
	union wg_endpoint found[ENDPOINTS_ADDRESSES]; /* without port */
};

int lookups_open(struct lookups **l, struct wg_error *err);
/* Threads that are still busy are left to themselves. For cleanup(). */
void lookups_close(struct lookups **l);
/* For poll(): it is readable when there are answers. */
int lookups_fd(const struct lookups *l);
/* Looks `host` up for `owner`, a number of the caller's for one tunnel. `token` comes back with the answer. Returns
 * false, and asks nothing, if too many threads are busy, for this owner or altogether. */
bool lookups_ask(struct lookups *l, const char *host, u32 owner, u64 token);
/* Takes one answer; false if there is none. Call it until it returns false. */
bool lookups_next(struct lookups *l, struct lookup_answer *a);

#endif

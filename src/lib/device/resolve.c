// SPDX-License-Identifier: GPL-2.0
/* Lookups in rounds: each name once, by a bounded number of threads; names whose resolver did not
 * answer go into the next round. getaddrinfo cannot be interrupted, so the threads are detached and
 * share a reference-counted board: who leaves early (a signal, a name that does not exist) leaves
 * it to them. */
#include "resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include "../base/alloc.h"
#include "../base/wait.h"

#define THREADS_MAX    64
#define THREAD_STACK   ((size_t)1024 * 1024) /* NSS modules may want some */
#define STOP_CHECK_MS  100
#define QUIET_MS       1000 /* waiting so long needs no explanation */
#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS   20000
#define RETRIES        15
#define RETRIES_NAME   "WG_ENDPOINT_RESOLUTION_RETRIES"

/* A name and what was found. Threads write it only between taking it and counting it as done. */
struct name {
	char *host;
	const struct wg_resolve_job *job; /* the first that asks for it */
	size_t order;                     /* of that job in the file */
	union wg_endpoint endpoint;
	int status;      /* 0, an EAI_* number, or ASKING */
	int saved_errno; /* where status is EAI_SYSTEM */
};

#define ASKING 1 /* no EAI_* number is positive here, nor 0 */

struct board {
	pthread_mutex_t lock; /* protects all below, and the names' results */
	pthread_cond_t done_one;
	size_t refs;
	int (*lookup)(const char *host, union wg_endpoint *endpoint);
	struct name *names;
	size_t n_names;
	size_t next; /* name to be taken */
	size_t open; /* names of this round not done yet */
	bool failed; /* a name does not exist, or nobody waits: take no more */
	bool tolerant; /* a name that does not exist does not end the round */
};

void wg_resolve_drop(struct wg_resolve *r, struct wg_resolve_job *job)
{
	job->peer = NULL;
	r->n_jobs--;
}

void wg_resolve_cancel(struct wg_resolve *r, const struct wg_peer *peer)
{
	if (!r->last || r->last->peer != peer)
		return;
	wg_resolve_drop(r, r->last);
}

void wg_resolve_add(struct wg_resolve *r, struct wg_peer *peer, const char *host, size_t host_len,
		    u16 port, const char *file, unsigned int line)
{
	struct wg_resolve_job *job = wg_arena_alloc(&r->arena, sizeof(*job));

	wg_resolve_cancel(r, peer);
	job->peer = peer;
	job->host = wg_arena_strndup(&r->arena, host, host_len);
	job->port = port;
	job->file = file;
	job->line = line;
	if (r->last)
		r->last->next = job;
	else
		r->jobs = job;
	r->last = job;
	r->n_jobs++;
}

void wg_resolve_wipe(struct wg_resolve *r)
{
	wg_arena_wipe(&r->arena);
	*r = (struct wg_resolve){.lookup = r->lookup, .retry_ms = r->retry_ms};
}

static int ask_libc(const char *host, union wg_endpoint *endpoint)
{
	struct addrinfo *found, hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
		.ai_protocol = IPPROTO_UDP,
	};
	int ret = getaddrinfo(host, NULL, &hints, &found);

	if (ret)
		return ret;
	if (found->ai_addrlen <= sizeof(*endpoint))
		memcpy(endpoint, found->ai_addr, found->ai_addrlen);
	else
		ret = EAI_FAMILY;
	freeaddrinfo(found);
	return ret;
}

static bool is_final(int status)
{
	return status == EAI_NONAME || status == EAI_FAIL || status == EAI_NODATA;
}

/* Called with the lock held; returns without it. */
static void board_put(struct board *b)
{
	bool last = !--b->refs;

	pthread_mutex_unlock(&b->lock);
	if (!last)
		return;
	for (size_t i = 0; i < b->n_names; i++)
		free(b->names[i].host);
	free(b->names);
	pthread_cond_destroy(&b->done_one);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static struct name *take_name(struct board *b)
{
	while (!b->failed && b->next < b->n_names) {
		struct name *name = &b->names[b->next++];

		if (name->status)
			return name;
	}
	return NULL;
}

static void *work(void *arg)
{
	struct board *b = arg;
	struct name *name;

	pthread_mutex_lock(&b->lock);
	while ((name = take_name(b))) {
		union wg_endpoint endpoint = {.addr.sa_family = AF_UNSPEC};
		int status, saved_errno;

		pthread_mutex_unlock(&b->lock);
		status = b->lookup(name->host, &endpoint);
		saved_errno = errno;
		pthread_mutex_lock(&b->lock);
		name->saved_errno = saved_errno;
		name->status = status;
		name->endpoint = endpoint;
		b->failed |= !b->tolerant && is_final(status);
		b->open--;
		pthread_cond_signal(&b->done_one);
	}
	board_put(b);
	return NULL;
}

static int by_host(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->host, y->host);

	return order ? order : x->order < y->order ? -1 : x->order > y->order;
}

static int by_order(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

/* Each host once, in the order of the file. */
static struct board *board_new(const struct wg_resolve *r)
{
	struct board *b = wg_alloc(sizeof(*b));
	size_t n = 0, kept = 0;

	b->names = wg_realloc(NULL, r->n_jobs, sizeof(*b->names));
	for (const struct wg_resolve_job *job = r->jobs; job; job = job->next) {
		if (!job->peer)
			continue;
		b->names[n] = (struct name){.host = (char *)job->host, .job = job, .order = n};
		n++;
	}
	qsort(b->names, n, sizeof(*b->names), by_host);
	for (size_t i = 0; i < n; i++)
		if (!kept || strcmp(b->names[kept - 1].host, b->names[i].host))
			b->names[kept++] = b->names[i];
	qsort(b->names, kept, sizeof(*b->names), by_order);
	for (size_t i = 0; i < kept; i++) {
		/* A copy: the board may outlive the jobs. */
		b->names[i].host = wg_strndup(b->names[i].host, strlen(b->names[i].host));
		b->names[i].status = ASKING;
	}
	b->n_names = kept;
	b->lookup = r->lookup ? r->lookup : ask_libc;
	b->refs = 1;
	return b;
}

static void board_init_locks(struct board *b)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->done_one, &attr);
	pthread_condattr_destroy(&attr);
}

static u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000 + (u64)ts.tv_nsec / 1000000;
}

/* What the caller waits with. */
struct patience {
	const struct wg_log *log;
	const volatile int *stop;
	const struct wg_resolve *r;
	const char *first;
	u64 explain_at; /* 0: done */
};

/* One nap of at most a tenth of a second, or until a name is done. False if the wait is over. */
static bool nap(struct patience *p, struct board *b, u64 until)
{
	u64 now = now_ms(), wake = now + STOP_CHECK_MS;
	struct timespec ts;

	if (p->stop && *p->stop)
		return false;
	if (p->explain_at && now >= p->explain_at) {
		p->explain_at = 0;
		wg_log_say(p->log, WG_LOG_PROGRESS,
			   "Waiting for the DNS lookup of %zu endpoint%s (first: %s) ...",
			   p->r->n_jobs, p->r->n_jobs == 1 ? "" : "s", p->first);
	}
	if (until < wake)
		wake = until;
	ts.tv_sec = (time_t)(wake / 1000);
	ts.tv_nsec = (long)(wake % 1000) * 1000000;
	pthread_cond_timedwait(&b->done_one, &b->lock, &ts);
	return true;
}

static int start_threads(struct board *b, struct wg_error *err)
{
	size_t n = b->open < THREADS_MAX ? b->open : THREADS_MAX;
	pthread_attr_t attr;
	int ret = 0;
	size_t i;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	for (i = 0; i < n && !ret; i++) {
		pthread_t thread;

		ret = pthread_create(&thread, &attr, work, b);
		b->refs += !ret;
	}
	pthread_attr_destroy(&attr);
	/* Fewer threads than wanted only take longer. */
	if (ret && i == 1)
		return wg_error_errno(err, ret, "cannot start a thread for DNS lookups");
	return 0;
}

static void begin_round(struct board *b)
{
	b->next = 0;
	b->open = 0;
	for (size_t i = 0; i < b->n_names; i++)
		b->open += b->names[i].status != 0;
}

/* Asks for all names that have no answer yet. Called with the lock held. */
static int run_round(struct board *b, struct patience *p, struct wg_error *err)
{
	begin_round(b);
	if (start_threads(b, err))
		return -1;
	while (b->open && !b->failed)
		if (!nap(p, b, UINT64_MAX))
			return wg_error_errno(err, EINTR, "the DNS lookup was ended");
	return 0;
}

static int pause_round(struct board *b, struct patience *p, unsigned int ms, struct wg_error *err)
{
	u64 until = now_ms() + ms;

	while (now_ms() < until)
		if (!nap(p, b, until))
			return wg_error_errno(err, EINTR, "the DNS lookup was ended");
	return 0;
}

/* The name to complain about: one that does not exist before one without an answer. */
static const struct name *find_failed(const struct board *b)
{
	const struct name *failed = NULL;

	for (size_t i = 0; i < b->n_names; i++) {
		if (is_final(b->names[i].status))
			return &b->names[i];
		if (b->names[i].status && !failed)
			failed = &b->names[i];
	}
	return failed;
}

static int fail(const struct name *name, struct wg_error *err)
{
	const char *reason = name->status == EAI_SYSTEM ? strerror(name->saved_errno)
							: gai_strerror(name->status);

	wg_error_set(err, "cannot look up the endpoint's host %s: %s", name->host, reason);
	if (name->job->file)
		wg_error_prefix(err, "%s:%u", name->job->file, name->job->line);
	return -1;
}

/* retries < 0: for ever. */
static int run_rounds(struct board *b, struct patience *p, long retries, struct wg_error *err)
{
	unsigned int pause = p->r->retry_ms ? p->r->retry_ms : RETRY_FIRST_MS;

	for (;;) {
		const struct name *failed;

		if (run_round(b, p, err))
			return -1;
		failed = find_failed(b);
		if (!failed)
			return 0;
		if (is_final(failed->status) || !retries)
			return fail(failed, err);
		if (pause_round(b, p, pause, err))
			return -1;
		retries -= retries > 0;
		pause = pause + pause / 5 < RETRY_MAX_MS ? pause + pause / 5 : RETRY_MAX_MS;
	}
}

static int read_retries(long *retries, struct wg_error *err)
{
	const char *text = getenv(RETRIES_NAME);
	char *end;

	*retries = RETRIES;
	if (!text || !*text)
		return 0;
	if (!strcmp(text, "infinity")) {
		*retries = -1;
		return 0;
	}
	errno = 0;
	*retries = strtol(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		return wg_error_set(err, RETRIES_NAME " is `%s': expected a number or infinity", text);
	return 0;
}

static void apply_one(const struct wg_resolve_job *job, const union wg_endpoint *found)
{
	job->peer->endpoint = *found;
	if (found->addr.sa_family == AF_INET6)
		job->peer->endpoint.addr6.sin6_port = htons(job->port);
	else
		job->peer->endpoint.addr4.sin_port = htons(job->port);
}

static int find_host(const void *key, const void *element)
{
	return strcmp(key, ((const struct name *)element)->host);
}

static void apply(const struct wg_resolve *r, struct board *b)
{
	qsort(b->names, b->n_names, sizeof(*b->names), by_host);
	for (const struct wg_resolve_job *job = r->jobs; job; job = job->next) {
		const struct name *name;

		if (!job->peer)
			continue;
		name = bsearch(job->host, b->names, b->n_names, sizeof(*b->names), find_host);
		if (name)
			apply_one(job, &name->endpoint);
	}
}

/* The next job behind `at` (NULL: the first) that has been answered for this host, going round once. Two
 * queues of one file are in the same order: it is the first that is looked at. */
static const struct wg_resolve_job *find_answer(const struct wg_resolve *from,
						const struct wg_resolve_job *at, const char *host)
{
	const struct wg_resolve_job *job = at && at->next ? at->next : from->jobs, *first = job;

	while (job) {
		if (job->peer && job->peer->endpoint.addr.sa_family && !strcmp(job->host, host))
			return job;
		job = job->next ?: from->jobs;
		if (job == first)
			break;
	}
	return NULL;
}

void wg_resolve_answer(struct wg_resolve *r, const struct wg_resolve *from)
{
	const struct wg_resolve_job *answer = NULL;

	for (struct wg_resolve_job *job = r->jobs; job; job = job->next) {
		const struct wg_resolve_job *found =
			job->peer ? find_answer(from, answer, job->host) : NULL;

		if (!found)
			continue;
		apply_one(job, &found->peer->endpoint);
		wg_resolve_drop(r, job);
		answer = found;
	}
}

int wg_resolve_run(struct wg_resolve *r, const struct wg_log *log, const volatile int *stop,
		   struct wg_error *err)
{
	struct patience p = {.log = log, .stop = stop, .r = r, .explain_at = now_ms() + QUIET_MS};
	struct board *b;
	long retries;
	int ret;

	if (!r->n_jobs)
		return 0;
	wg_wait_may_begin();
	if (read_retries(&retries, err))
		return -1;
	b = board_new(r);
	p.first = b->names[0].host;
	board_init_locks(b);
	pthread_mutex_lock(&b->lock);
	ret = run_rounds(b, &p, retries, err);
	if (!ret)
		apply(r, b);
	b->failed = true;
	board_put(b);
	return ret;
}

static int by_host_of(const void *a, const void *b)
{
	return strcmp((*(const struct name *const *)a)->host, (*(const struct name *const *)b)->host);
}

static int find_host_of(const void *key, const void *element)
{
	return strcmp(key, (*(const struct name *const *)element)->host);
}

/* Gives out what has been found, and takes those jobs out of the queue. Threads still write to other names, so
 * these are not moved. */
static void apply_some(struct wg_resolve *r, const struct board *b)
{
	const struct name **found = wg_realloc(NULL, b->n_names, sizeof(*found));
	size_t n = 0;

	for (size_t i = 0; i < b->n_names; i++)
		if (!b->names[i].status)
			found[n++] = &b->names[i];
	qsort(found, n, sizeof(*found), by_host_of);
	for (struct wg_resolve_job *job = r->jobs; job; job = job->next) {
		const struct name **name = job->peer ? bsearch(job->host, found, n, sizeof(*found), find_host_of)
						     : NULL;

		if (!name)
			continue;
		apply_one(job, &(*name)->endpoint);
		wg_resolve_drop(r, job);
	}
	free(found);
}

int wg_resolve_some(struct wg_resolve *r, const volatile int *stop, unsigned int limit_ms,
		    struct wg_error *err)
{
	struct patience p = {.stop = stop, .r = r};
	u64 until = now_ms() + limit_ms;
	struct board *b;
	int ret;

	if (!r->n_jobs)
		return 0;
	wg_wait_may_begin();
	b = board_new(r);
	b->tolerant = true;
	board_init_locks(b);
	pthread_mutex_lock(&b->lock);
	begin_round(b);
	ret = start_threads(b, err);
	while (!ret && b->open && now_ms() < until)
		if (!nap(&p, b, until))
			ret = wg_error_errno(err, EINTR, "the DNS lookup was ended");
	if (!ret)
		apply_some(r, b);
	b->failed = true;
	board_put(b);
	return ret;
}

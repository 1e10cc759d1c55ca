// SPDX-License-Identifier: GPL-2.0
#include "lookup.h"
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"

#define THREADS      16 /* at a time */
#define OWNER_MOST   4  /* of one tunnel */
#define THREAD_STACK ((size_t)1024 * 1024) /* NSS modules may want some */

struct job {
	struct job *next;
	struct lookups *lookups;
	char *host;
	u32 owner;
	struct lookup_answer answer;
};

struct lookups {
	pthread_mutex_t lock; /* protects what follows */
	size_t refs;          /* ours and the threads' */
	u32 busy[THREADS];    /* the owners of the threads that run */
	size_t n_busy;
	struct job *answers, **last;
	int fd;
};

int lookups_open(struct lookups **out, struct wg_error *err)
{
	struct lookups *l = wg_alloc(sizeof(*l));

	l->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->fd < 0) {
		free(l);
		return wg_error_errno(err, errno, "cannot create an event descriptor");
	}
	pthread_mutex_init(&l->lock, NULL);
	l->refs = 1;
	l->last = &l->answers;
	*out = l;
	return 0;
}

static void job_free(struct job *job)
{
	free(job->host);
	free(job);
}

/* Called with the lock held; returns without it. */
static void put(struct lookups *l)
{
	bool last = !--l->refs;
	struct job *job, *next;

	pthread_mutex_unlock(&l->lock);
	if (!last)
		return;
	for (job = l->answers; job; job = next) {
		next = job->next;
		job_free(job);
	}
	close(l->fd);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void lookups_close(struct lookups **l)
{
	if (!*l)
		return;
	pthread_mutex_lock(&(*l)->lock);
	put(*l);
	*l = NULL;
}

int lookups_fd(const struct lookups *l)
{
	return l->fd;
}

static void ask(struct job *job)
{
	struct lookup_answer *a = &job->answer;
	struct addrinfo *found, hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
		.ai_protocol = IPPROTO_UDP,
	};

	if (getaddrinfo(job->host, NULL, &hints, &found))
		return;
	for (const struct addrinfo *i = found; i && a->n < ENDPOINTS_ADDRESSES; i = i->ai_next)
		if ((i->ai_family == AF_INET || i->ai_family == AF_INET6) &&
		    i->ai_addrlen <= sizeof(a->found[0]))
			memcpy(&a->found[a->n++], i->ai_addr, i->ai_addrlen);
	freeaddrinfo(found);
}

static void forget_owner(struct lookups *l, u32 owner)
{
	size_t i = 0;

	while (l->busy[i] != owner)
		i++;
	l->busy[i] = l->busy[--l->n_busy];
}

static void *run(void *arg)
{
	struct job *job = arg;
	struct lookups *l = job->lookups;
	u64 one = 1;

	ask(job);
	pthread_mutex_lock(&l->lock);
	forget_owner(l, job->owner);
	*l->last = job;
	l->last = &job->next;
	/* It fails only where it is readable already. */
	if (write(l->fd, &one, sizeof(one)) < 0)
		errno = 0;
	put(l);
	return NULL;
}

static bool has_room(const struct lookups *l, u32 owner)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_busy; i++)
		n += l->busy[i] == owner;
	return l->n_busy < THREADS && n < OWNER_MOST;
}

static bool start_thread(struct job *job)
{
	pthread_attr_t attr;
	pthread_t thread;
	int ret;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	ret = pthread_create(&thread, &attr, run, job);
	pthread_attr_destroy(&attr);
	return !ret;
}

bool lookups_ask(struct lookups *l, const char *host, u32 owner, u64 token)
{
	struct job *job = wg_alloc(sizeof(*job));
	bool started;

	job->lookups = l;
	job->host = wg_strndup(host, strlen(host));
	job->owner = owner;
	job->answer.token = token;
	pthread_mutex_lock(&l->lock);
	started = has_room(l, owner) && start_thread(job);
	if (started) {
		l->busy[l->n_busy++] = owner;
		l->refs++;
	} else {
		job_free(job);
	}
	pthread_mutex_unlock(&l->lock);
	return started;
}

bool lookups_next(struct lookups *l, struct lookup_answer *a)
{
	struct job *job;
	u64 count;

	pthread_mutex_lock(&l->lock);
	job = l->answers;
	if (job) {
		l->answers = job->next;
		if (!l->answers)
			l->last = &l->answers;
	} else if (read(l->fd, &count, sizeof(count)) < 0) {
		errno = 0; /* nothing was written */
	}
	pthread_mutex_unlock(&l->lock);
	if (!job)
		return false;
	*a = job->answer;
	job_free(job);
	return true;
}

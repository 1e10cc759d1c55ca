// SPDX-License-Identifier: GPL-2.0
/* A worker waits for its queue of the TUN device and its sockets, and does a turn of whatever is
 * ready. The control thread has a sender of its own, for keepalives and what was staged. */
#include "worker.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include "link-config.h"
#include "offload.h"
#include "receive.h"
#include "send.h"

#define STACK_SIZE (256 << 10)
#define MAX_WORKERS 64

enum source {
	SOURCE_STOP,
	SOURCE_TUN,
	SOURCE_UDP4,
	SOURCE_UDP6,
};

struct worker {
	struct device *device;
	pthread_t thread;
	bool running;
	int epoll, tun;
	int stop; /* eventfd */
	struct udp udp4, udp6;
	struct send send;
	struct receive receive;
	struct sockets sockets; /* only the control thread's: all use it */
};

/* workers[n_workers] is the control thread's: it has no queue and no sockets of its own, and uses
 * the first worker's. */
static struct worker *control_of(struct device *d)
{
	return &d->workers[d->n_workers];
}

static bool watch(const struct worker *w, int fd, enum source source)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u32 = source};

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) == 0;
}

/* `reads` is true if packets are wanted. Otherwise the first packet is only noticed. */
static bool watch_tun(const struct worker *w, int operation, bool reads)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u32 = SOURCE_TUN};

	if (!reads)
		e.events |= EPOLLONESHOT;
	return epoll_ctl(w->epoll, operation, w->tun, &e) == 0;
}

static void init_worker(struct worker *w, struct device *d, int tun, const struct tunif_offloads *o)
{
	w->device = d;
	w->tun = tun;
	w->udp4.fd = w->udp6.fd = -1;
	w->send.device = d;
	w->send.tun = tun;
	w->send.udp4 = &w->udp4;
	w->send.udp6 = &w->udp6;
	w->send.sockets = &control_of(d)->sockets;
	w->receive.device = d;
	w->receive.tun = tun;
	w->receive.tso = o->tso;
	w->receive.uso = o->uso;
	receive_init(&w->receive);
}

static size_t workers_size(const struct device *d)
{
	return (d->n_workers + 1) * sizeof(struct worker);
}

/* Pages that are never touched are never there. */
static int allocate(struct device *d, unsigned int n, struct wg_error *err)
{
	void *p;

	d->n_workers = n;
	p = mmap(NULL, workers_size(d), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		d->n_workers = 0;
		return wg_error_errno(err, errno, "cannot make the workers");
	}
	(void)madvise(p, workers_size(d), MADV_DONTDUMP);
	d->workers = p;
	return 0;
}

int worker_open_tun(struct device *d, unsigned int n, struct wg_error *err)
{
	struct tunif_offloads offloads = {0};
	int fds[MAX_WORKERS];
	struct worker *control;

	n = n > MAX_WORKERS ? MAX_WORKERS : n;
	if (tunif_open(d->name, fds, n, d->offloads, &offloads, err) < 0)
		return -1;
	if (allocate(d, n, err) < 0) {
		for (unsigned int i = 0; i < n; i++)
			close(fds[i]);
		return -1;
	}
	d->mtu = LINK_CONFIG_MTU;
	d->tun_gro = d->offloads & (OFFLOAD_TUN_GRO | OFFLOAD_TUN_UDP_GRO);
	for (unsigned int i = 0; i < n; i++) {
		init_worker(&d->workers[i], d, fds[i], &offloads);
		d->workers[i].epoll = d->workers[i].stop = -1;
	}
	control = control_of(d);
	sockets_init(&control->sockets);
	init_worker(control, d, fds[0], &offloads);
	control->send.udp4 = &d->workers[0].udp4;
	control->send.udp6 = &d->workers[0].udp6;
	return 0;
}

struct pair {
	struct udp udp4, udp6;
};

static void close_pairs(struct pair *p, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		udp_close(&p[i].udp4);
		udp_close(&p[i].udp6);
	}
}

static bool has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0) /* a limit or a lack of memory is no reason to do without */
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
	close(fd);
	return true;
}

/* The first pair takes the port for us alone; the others, the workers' and then those that only
 * send, join it. */
static int open_pairs(struct device *d, struct pair *p, u16 *port, struct wg_error *err)
{
	u32 n = d->n_workers;

	for (unsigned int i = 0; i < n; i++)
		p[i].udp4.fd = p[i].udp6.fd = -1;
	if (udp_open(&p[0].udp4, AF_INET, port, d->fwmark, n, err) < 0)
		return -1;
	if (has_ipv6() && udp_open(&p[0].udp6, AF_INET6, port, d->fwmark, n, err) < 0) {
		close_pairs(p, n);
		return -1;
	}
	for (unsigned int i = 1; i < n; i++) {
		if (udp_join(&p[i].udp4, AF_INET, *port, d->fwmark, err) < 0 ||
		    (p[0].udp6.fd >= 0 &&
		     udp_join(&p[i].udp6, AF_INET6, *port, d->fwmark, err) < 0)) {
			close_pairs(p, n);
			return -1;
		}
	}
	for (unsigned int i = 0; i < n; i++) {
		udp_limit(&p[i].udp4, d->offloads);
		udp_limit(&p[i].udp6, d->offloads);
	}
	return 0;
}

/* The sockets of the old port are closed before the receivers, whose places in the group would
 * change otherwise. */
static void open_senders(struct device *d, const struct pair *first)
{
	struct sockets *s = &control_of(d)->sockets;

	sockets_close(&s->ipv4);
	sockets_close(&s->ipv6);
	if (!first->udp4.steers || (first->udp6.fd >= 0 && !first->udp6.steers))
		sockets_do_without(s);
	if (first->udp4.steers)
		sockets_open(s, AF_INET, d->listen_port, d->fwmark, d->offloads);
	if (first->udp6.fd >= 0 && first->udp6.steers)
		sockets_open(s, AF_INET6, d->listen_port, d->fwmark, d->offloads);
}

static bool has_port(const struct device *d, u16 port)
{
	struct sockaddr_in name = {0};
	socklen_t len = sizeof(name);
	int fd = d->workers[0].udp4.fd;

	return fd >= 0 && getsockname(fd, (struct sockaddr *)&name, &len) == 0 &&
	       ntohs(name.sin_port) == port;
}

/* A worker that is woken by them waits for config. */
static int watch_pairs(const struct device *d, const struct pair *p, struct wg_error *err)
{
	for (unsigned int i = 0; i < d->n_workers; i++) {
		const struct worker *w = &d->workers[i];

		if (!watch(w, p[i].udp4.fd, SOURCE_UDP4) ||
		    (p[i].udp6.fd >= 0 && !watch(w, p[i].udp6.fd, SOURCE_UDP6)))
			return wg_error_errno(err, errno, "cannot wait for packets");
	}
	return 0;
}

static void use_pair(struct worker *w, const struct pair *p)
{
	udp_close(&w->udp4);
	udp_close(&w->udp6);
	w->udp4 = p->udp4;
	w->udp6 = p->udp6;
}

/* There is a pair for each worker, and there are the first of those that only send: for handshakes, for
 * cookies, and the spare ones. */
void worker_prepare(const struct device *d)
{
	u32 n = d->n_workers + 2 + SOCKETS_SPARE;

	udp_prepare(n, has_ipv6() ? n : 0);
}

/* The new sockets are opened next to the old ones, which close only when all is well. A port that
 * the kernel chose for IPv4 may be taken for IPv6: then another one is tried. */
static int bind_workers(struct device *d, struct wg_error *err)
{
	struct pair pairs[MAX_WORKERS];
	u16 port;
	int ret, tries = 0;

	do {
		port = d->listen_port;
		ret = open_pairs(d, pairs, &port, err);
	} while (ret < 0 && !d->listen_port && ++tries < 8);
	if (ret < 0)
		return -1;
	if (watch_pairs(d, pairs, err) < 0) {
		close_pairs(pairs, d->n_workers);
		return -1;
	}
	d->listen_port = port;
	open_senders(d, &pairs[0]);
	for (unsigned int i = 0; i < d->n_workers; i++)
		use_pair(&d->workers[i], &pairs[i]);
	return 0;
}

int worker_bind(struct device *d, struct wg_error *err)
{
	int ret = d->listen_port && has_port(d, d->listen_port) ? 0 : bind_workers(d, err);

	udp_end_prepared();
	return ret;
}

static void close_senders(struct device *d)
{
	sockets_close(&control_of(d)->sockets.ipv4);
	sockets_close(&control_of(d)->sockets.ipv6);
}

void worker_unbind(struct device *d)
{
	close_senders(d);
	for (unsigned int i = 0; i < d->n_workers; i++) {
		udp_close(&d->workers[i].udp4);
		udp_close(&d->workers[i].udp6);
	}
}

enum tunif_state worker_tun_state(const struct device *d)
{
	return tunif_state(d->workers[0].tun);
}

bool worker_tun_netns(const struct device *d, struct tunif_netns *id)
{
	return tunif_netns(d->workers[0].tun, id);
}

unsigned int worker_tun_index(const struct device *d)
{
	return tunif_index(d->workers[0].tun);
}

void worker_resume(struct device *d)
{
	for (unsigned int i = 0; i < d->n_workers; i++)
		watch_tun(&d->workers[i], EPOLL_CTL_MOD, true);
}

/* With the link down no packets come after those that wait; with a link that is up they may never
 * end. */
static void drain(const struct worker *w)
{
	u8 beginning[64];

	for (int i = 0; i < LINK_CONFIG_QUEUE && read(w->tun, beginning, sizeof(beginning)) > 0; i++)
		;
}

void worker_hold(struct device *d)
{
	for (unsigned int i = 0; i < d->n_workers; i++) {
		drain(&d->workers[i]);
		watch_tun(&d->workers[i], EPOLL_CTL_MOD, false);
	}
}

int worker_set_fwmark(struct device *d, struct wg_error *err)
{
	for (unsigned int i = 0; i < d->n_workers; i++) {
		if (udp_set_fwmark(&d->workers[i].udp4, d->fwmark, err) < 0 ||
		    udp_set_fwmark(&d->workers[i].udp6, d->fwmark, err) < 0)
			return -1;
	}
	return sockets_set_fwmark(&control_of(d)->sockets, d->fwmark, err);
}

u64 worker_work(struct device *d)
{
	return sockets_grow(&control_of(d)->sockets, d->listen_port, d->fwmark, d->offloads,
			    device_now());
}

static void tell_control(struct worker *w)
{
	__atomic_store_n(&w->device->look, true, __ATOMIC_RELEASE);
	device_wake(w->device);
}

/* A device that is gone does not come back. */
static void read_tun(struct worker *w)
{
	if (!w->device->up) {
		tell_control(w);
	} else if (!send_from_tun(&w->send)) {
		epoll_ctl(w->epoll, EPOLL_CTL_DEL, w->tun, NULL);
		tell_control(w);
	}
}

static void take_turn(struct worker *w, enum source source)
{
	pthread_rwlock_rdlock(&w->device->config);
	switch (source) {
	case SOURCE_TUN:
		read_tun(w);
		break;
	case SOURCE_UDP4:
		receive_from_udp(&w->receive, &w->udp4);
		break;
	case SOURCE_UDP6:
		receive_from_udp(&w->receive, &w->udp6);
		break;
	case SOURCE_STOP:
		break;
	}
	pthread_rwlock_unlock(&w->device->config);
}

static void *run(void *arg)
{
	struct worker *w = arg;
	struct epoll_event events[4];

	for (;;) {
		int n = epoll_wait(w->epoll, events, 4, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.u32 == SOURCE_STOP)
				return NULL;
			take_turn(w, events[i].data.u32);
		}
		if (n < 0 && errno != EINTR)
			return NULL;
	}
}

static int start_one(struct worker *w, const pthread_attr_t *attr, struct wg_error *err)
{
	int ret;

	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->epoll < 0 || w->stop < 0 || !watch(w, w->stop, SOURCE_STOP) ||
	    !watch_tun(w, EPOLL_CTL_ADD, false))
		return wg_error_errno(err, errno, "cannot wait for packets");
	ret = pthread_create(&w->thread, attr, run, w);
	if (ret)
		return wg_error_errno(err, ret, "cannot start a worker");
	w->running = true;
	return 0;
}

/* Signals go to the control thread. */
int worker_start(struct device *d, struct wg_error *err)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int ret = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (unsigned int i = 0; i < d->n_workers && ret == 0; i++)
		ret = start_one(&d->workers[i], &attr, err);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ret;
}

static void join_worker(struct worker *w)
{
	u64 one = 1;

	if (w->running && write(w->stop, &one, sizeof(one)) == sizeof(one))
		pthread_join(w->thread, NULL);
	w->running = false;
}

static void close_worker(struct worker *w)
{
	udp_close(&w->udp4);
	udp_close(&w->udp6);
	close(w->tun);
	if (w->epoll >= 0)
		close(w->epoll);
	if (w->stop >= 0)
		close(w->stop);
}

/* Packets and what was opened of them are in the buffers. */
void worker_stop(struct device *d)
{
	if (!d->workers)
		return;
	/* All threads end before any socket is closed: they share the sockets that send. */
	for (unsigned int i = 0; i < d->n_workers; i++)
		join_worker(&d->workers[i]);
	close_senders(d);
	for (unsigned int i = 0; i < d->n_workers; i++)
		close_worker(&d->workers[i]);
	munmap(d->workers, workers_size(d));
	d->workers = NULL;
	d->n_workers = 0;
}

bool worker_send_message(struct device *d, const struct endpoint *to, const u8 *message, size_t len)
{
	return d->workers && send_message_to(&control_of(d)->send, to, message, len);
}

void worker_flush(struct device *d, struct peer *peer, bool keepalive)
{
	send_staged(&control_of(d)->send, peer, keepalive);
}

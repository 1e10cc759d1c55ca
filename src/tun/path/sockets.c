// SPDX-License-Identifier: GPL-2.0
#include "sockets.h"
#include <errno.h>

/* Sockets that a guest looks at. */
#define PROBES 8

static void init_family(struct socket_family *f)
{
	memset(f, 0, sizeof(*f));
	f->handshakes.fd = f->cookies.fd = -1;
	for (u32 i = 0; i < SOCKETS_PEERS; i++)
		f->peers[i].udp.fd = -1;
}

void sockets_init(struct sockets *s)
{
	init_family(&s->ipv4);
	init_family(&s->ipv6);
	pthread_mutex_init(&s->lock, NULL);
	s->wanted = false;
}

static u32 count_open(const struct socket_family *f)
{
	return __atomic_load_n(&f->n, __ATOMIC_ACQUIRE);
}

/* Only the control thread opens sockets. Workers see a socket once it is counted. */
static bool open_for_peer(struct socket_family *f, int family, u16 port, u32 fwmark,
		u32 offloads)
{
	struct wg_error err;
	u32 n = f->n;

	if (n == SOCKETS_PEERS || udp_join_sender(&f->peers[n].udp, family, port, fwmark, &err) < 0)
		return false;
	udp_limit(&f->peers[n].udp, offloads);
	__atomic_store_n(&f->n, n + 1, __ATOMIC_RELEASE);
	return true;
}

void sockets_open(struct socket_family *f, int family, u16 port, u32 fwmark,
		u32 offloads)
{
	struct wg_error err;

	init_family(f);
	if (udp_join_sender(&f->handshakes, family, port, fwmark, &err) < 0 ||
	    udp_join_sender(&f->cookies, family, port, fwmark, &err) < 0)
		return;
	for (int i = 0; i < SOCKETS_SPARE; i++)
		open_for_peer(f, family, port, fwmark, offloads);
}

void sockets_close(struct socket_family *f)
{
	udp_close(&f->handshakes);
	udp_close(&f->cookies);
	for (u32 i = 0; i < f->n; i++)
		udp_close(&f->peers[i].udp);
	init_family(f);
}

static int family_set_fwmark(const struct socket_family *f, u32 fwmark, struct wg_error *err)
{
	if (udp_set_fwmark(&f->handshakes, fwmark, err) < 0 ||
	    udp_set_fwmark(&f->cookies, fwmark, err) < 0)
		return -1;
	for (u32 i = 0; i < f->n; i++) {
		if (udp_set_fwmark(&f->peers[i].udp, fwmark, err) < 0)
			return -1;
	}
	return 0;
}

int sockets_set_fwmark(const struct sockets *s, u32 fwmark, struct wg_error *err)
{
	return family_set_fwmark(&s->ipv4, fwmark, err) < 0 ?
		       -1 :
		       family_set_fwmark(&s->ipv6, fwmark, err);
}

static u32 count_free(const struct socket_family *f)
{
	u32 n = 0;

	for (u32 i = 0; i < f->n; i++)
		n += !__atomic_load_n(&f->peers[i].owner, __ATOMIC_RELAXED);
	return n;
}

static void grow_family(struct socket_family *f, int family, u16 port, u32 fwmark,
		u32 offloads)
{
	if (!f->n)
		return;
	for (u32 n = count_free(f); n < SOCKETS_SPARE; n++) {
		if (!open_for_peer(f, family, port, fwmark, offloads))
			break;
	}
}

void sockets_grow(struct sockets *s, u16 port, u32 fwmark,
		u32 offloads)
{
	if (!__atomic_exchange_n(&s->wanted, false, __ATOMIC_ACQUIRE))
		return;
	grow_family(&s->ipv4, AF_INET, port, fwmark, offloads);
	grow_family(&s->ipv6, AF_INET6, port, fwmark, offloads);
}

static void set_owner(struct peer_socket *p, const struct peer *peer)
{
	__atomic_store_n(&p->owner, peer, __ATOMIC_RELAXED);
}

static bool is_owner(const struct peer_socket *p, const struct peer *peer)
{
	return __atomic_load_n(&p->owner, __ATOMIC_RELAXED) == peer;
}

static void set_used(struct peer_socket *p, u64 now)
{
	__atomic_store_n(&p->used, now, __ATOMIC_RELAXED);
}

/* Under s->lock. A free socket; or the one whose owner has been idle for longest, if all that it
 * sent has left. */
static struct peer_socket *find_own(struct socket_family *f, u32 n, u64 now)
{
	struct peer_socket *best = NULL;

	for (u32 i = 0; i < n; i++) {
		struct peer_socket *p = &f->peers[i];
		u64 used = __atomic_load_n(&p->used, __ATOMIC_RELAXED);

		if (is_owner(p, NULL))
			return p;
		if (used + SOCKETS_IDLE <= now && (!best || used < best->used) &&
		    udp_fill(&p->udp) == 0)
			best = p;
	}
	return best;
}

/* The peer's socket becomes one of its own where there is one. */
static bool assign_own(struct sockets *s, struct socket_family *f, u32 n, struct peer *peer,
		       u64 now)
{
	struct peer_socket *p;

	pthread_mutex_lock(&s->lock);
	p = find_own(f, n, now);
	if (p) {
		set_owner(p, peer);
		set_used(p, now);
		peer->socket = (u8)(p - f->peers);
	}
	pthread_mutex_unlock(&s->lock);
	return p;
}

/* Else it is the emptiest of a few, for a while. */
static void assign_guest(const struct socket_family *f, u32 n, struct peer *peer, u64 now)
{
	u32 at = (u32)((now ^ (uintptr_t)peer) * 0x9e3779b97f4a7c15ULL >> 32), least = ~0U;

	for (u32 i = 0; i < PROBES; i++) {
		u32 which = (at + i * (n / PROBES | 1)) % n;
		u32 fill = udp_fill(&f->peers[which].udp);

		if (fill >= least)
			continue;
		least = fill;
		peer->socket = (u8)which;
	}
	peer->socket_until = now + SOCKETS_STAY;
}

static bool want_more(struct sockets *s)
{
	return !__atomic_exchange_n(&s->wanted, true, __ATOMIC_ACQ_REL);
}

const struct udp *sockets_for_peer(struct sockets *s, int family, struct peer *peer,
				   const struct udp *shared, u64 now, bool *full, bool *grow)
{
	struct socket_family *f = family == AF_INET6 ? &s->ipv6 : &s->ipv4;
	u32 n = count_open(f);
	struct peer_socket *p = &f->peers[peer->socket];

	*full = *grow = false;
	if (!n)
		return shared;
	if (peer->socket < n && is_owner(p, peer)) {
		set_used(p, now);
		return &p->udp;
	}
	if (peer->socket >= n || now >= peer->socket_until) {
		bool own = assign_own(s, f, n, peer, now);

		if (n < SOCKETS_PEERS && count_free(f) < SOCKETS_SPARE)
			*grow = want_more(s);
		if (!own)
			assign_guest(f, n, peer, now);
		p = &f->peers[peer->socket];
		if (own)
			return &p->udp;
	}
	*full = udp_fill(&p->udp) >= UDP_FILL_ALL / 2;
	return &p->udp;
}

const struct udp *sockets_for_message(const struct sockets *s, int family, bool cookie,
				      const struct udp *shared)
{
	const struct socket_family *f = family == AF_INET6 ? &s->ipv6 : &s->ipv4;
	const struct udp *u = cookie ? &f->cookies : &f->handshakes;

	return u->fd >= 0 ? u : shared;
}

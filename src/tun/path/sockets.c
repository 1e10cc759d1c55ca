// SPDX-License-Identifier: GPL-2.0
#include "sockets.h"
#include <errno.h>
#include "../report/logger.h"

/* This many sockets a guest looks at first; it looks at all if it finds no room there. */
#define PROBES 8
/* A guest may fill a socket up to here: the rest is its owner's. */
#define GUEST_FILL (UDP_FILL_ALL / 2)
/* Guests may fill the worker's own socket up to here. */
#define SHARED_FILL (UDP_FILL_ALL / 4)
/* Attempts to open sockets are this far apart after one has failed. */
#define OPEN_INTERVAL WG_SECOND

static void init_family(struct socket_family *f)
{
	memset(f, 0, sizeof(*f));
	f->handshakes.fd = f->cookies.fd = -1;
	for (u32 i = 0; i < SOCKETS_PEERS; i++)
		f->peers[i].udp.fd = -1;
}

void sockets_init(struct sockets *s)
{
	memset(s, 0, sizeof(*s));
	init_family(&s->ipv4);
	init_family(&s->ipv6);
	pthread_mutex_init(&s->lock, NULL);
}

static u32 count_open(const struct socket_family *f)
{
	return __atomic_load_n(&f->n, __ATOMIC_ACQUIRE);
}

static u32 count_free(const struct socket_family *f)
{
	u32 n = 0;

	for (u32 i = 0; i < f->n; i++)
		n += !__atomic_load_n(&f->peers[i].owner, __ATOMIC_RELAXED);
	return n;
}

/* How the sockets of a family are opened. */
struct sender {
	int family;
	u16 port;
	u32 fwmark, offloads;
};

/* Only the control thread opens sockets. Workers see a peer's socket once it is counted, and do not
 * use the two others. */
static int open_family(struct socket_family *f, const struct sender *to, struct wg_error *err)
{
	struct udp *both[] = {&f->handshakes, &f->cookies};

	if (!f->steers)
		return 0;
	for (int i = 0; i < 2; i++) {
		if (both[i]->fd < 0 &&
		    udp_join_sender(both[i], to->family, to->port, to->fwmark, err) < 0)
			return -1;
	}
	for (u32 spare = count_free(f); spare < SOCKETS_SPARE && f->n < SOCKETS_PEERS; spare++) {
		struct udp *u = &f->peers[f->n].udp;

		if (udp_join_sender(u, to->family, to->port, to->fwmark, err) < 0)
			return -1;
		udp_limit(u, to->offloads);
		__atomic_store_n(&f->n, f->n + 1, __ATOMIC_RELEASE);
	}
	return 0;
}

/* The first failure of a row is logged. */
static void note_result(struct sockets *s, bool opened, const struct wg_error *err, u64 now)
{
	if (!opened && !s->failed)
		logger_say(LOGGER_ERROR, "%s: until that works, which is tried every second, a slow "
			   "path to one peer may delay packets to others", err->text);
	s->failed = !opened;
	s->next = now + OPEN_INTERVAL;
}

/* Before Linux 4.5 there are no such programs, and a filter of a container engine may refuse
 * them. */
void sockets_do_without(struct sockets *s)
{
	if (s->noted)
		return;
	s->noted = true;
	logger_say(LOGGER_ERROR, "cannot attach a program to the sockets of the listen-port: a slow "
		   "path to one peer may delay packets to others");
}

void sockets_open(struct sockets *s, int family, u16 port, u32 fwmark, u32 offloads)
{
	struct socket_family *f = family == AF_INET6 ? &s->ipv6 : &s->ipv4;
	struct sender to = {family, port, fwmark, offloads};
	struct wg_error err;

	init_family(f);
	f->steers = true;
	if (open_family(f, &to, &err) < 0)
		note_result(s, false, &err, device_now());
}

u64 sockets_grow(struct sockets *s, u16 port, u32 fwmark, u32 offloads, u64 now)
{
	struct sender to = {AF_INET, port, fwmark, offloads};
	bool wanted = __atomic_exchange_n(&s->wanted, false, __ATOMIC_ACQUIRE);
	struct wg_error err;
	int ret;

	if (s->failed ? now < s->next : !wanted)
		return s->failed ? s->next : WG_NEVER;
	ret = open_family(&s->ipv4, &to, &err);
	to.family = AF_INET6;
	if (ret == 0)
		ret = open_family(&s->ipv6, &to, &err);
	note_result(s, ret == 0, &err, now);
	return s->failed ? s->next : WG_NEVER;
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

/* Returns a free socket, or the one whose owner has been idle for longest, if all that it sent has
 * left. The caller holds s->lock. */
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

/* Returns the emptiest socket whose owner has lost packets for long. The caller holds s->lock. */
static struct peer_socket *find_losing(struct socket_family *f, u32 n, u64 now)
{
	struct peer_socket *best = NULL;
	u32 least = ~0U;

	for (u32 i = 0; i < n; i++) {
		struct peer_socket *p = &f->peers[i];
		u32 fill;

		if (__atomic_load_n(&p->losing_until, __ATOMIC_RELAXED) <= now)
			continue;
		fill = udp_fill(&p->udp);
		if (fill >= least)
			continue;
		least = fill;
		best = p;
	}
	return best;
}

typedef struct peer_socket *find_socket(struct socket_family *f, u32 n, u64 now);

/* The peer's socket becomes one of its own if `find` finds one. */
static bool assign_own(struct sockets *s, struct socket_family *f, u32 n, struct peer *peer,
		       find_socket *find, u64 now)
{
	struct peer_socket *p;

	pthread_mutex_lock(&s->lock);
	p = find(f, n, now);
	if (p) {
		set_owner(p, peer);
		set_used(p, now);
		__atomic_store_n(&p->losing_until, 0, __ATOMIC_RELAXED);
		peer->socket = (u8)(p - f->peers);
		/* What fills the socket now was its last owner's. */
		peer->full_since = now;
	}
	pthread_mutex_unlock(&s->lock);
	return p;
}

/* The peer becomes a guest of the emptiest of the first few, or of all if those have no room.
 * Returns false if none has. */
static bool assign_guest(const struct socket_family *f, u32 n, struct peer *peer, u64 now)
{
	u32 at = (u32)((now ^ (uintptr_t)peer) * 0x9e3779b97f4a7c15ULL >> 32), least = ~0U;

	for (u32 i = 0; i < n && (i < PROBES || least >= GUEST_FILL); i++) {
		u32 which = (at + i) % n;
		u32 fill = udp_fill(&f->peers[which].udp);

		if (fill >= least)
			continue;
		least = fill;
		peer->socket = (u8)which;
	}
	return least < GUEST_FILL;
}

/* Returns whether the peer has lost packets for long, and did so just now. */
static bool is_losing(const struct peer *peer, u64 now)
{
	return now < peer->full_at + SOCKETS_GAP && now >= peer->full_since + SOCKETS_LOSING;
}

static void note_full(struct peer *peer, u64 now)
{
	if (now >= peer->full_at + SOCKETS_GAP)
		peer->full_since = now;
	peer->full_at = now;
}

/* Gives the peer a socket of its own, or makes it a guest. A peer that finds no room takes the
 * place of an owner that loses packets for long. One that loses packets itself first stays where it
 * is for long: else slow peers would fill all sockets, and take each other's place with each
 * packet. */
static bool assign_socket(struct sockets *s, struct socket_family *f, u32 n, struct peer *peer,
			  u64 now)
{
	if (assign_own(s, f, n, peer, find_own, now))
		return true;
	peer->parked = !peer->parked && is_losing(peer, now);
	peer->socket_until = now + (peer->parked ? SOCKETS_PARK : SOCKETS_STAY);
	return !assign_guest(f, n, peer, now) && !peer->parked &&
	       assign_own(s, f, n, peer, find_losing, now);
}

static bool want_more(struct sockets *s)
{
	return !__atomic_exchange_n(&s->wanted, true, __ATOMIC_ACQ_REL);
}

/* The socket fits itself to the peer. Workers that send to two peers by one socket, one of them a guest,
 * may do so in turn: then some packets are cut that need not be, or the other way round. */
static const struct udp *fit_socket(struct peer_socket *p, int family, const struct peer *peer)
{
	udp_heed_mtu(&p->udp, family, peer->endpoint.route_mtu);
	return &p->udp;
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
		return fit_socket(p, family, peer);
	}
	if (peer->socket >= n || now >= peer->socket_until) {
		bool own = assign_socket(s, f, n, peer, now);

		if (n < SOCKETS_PEERS && count_free(f) < SOCKETS_SPARE)
			*grow = want_more(s);
		p = &f->peers[peer->socket];
		if (own)
			return fit_socket(p, family, peer);
	}
	if (udp_fill(&p->udp) < GUEST_FILL)
		return fit_socket(p, family, peer);
	if (!is_losing(peer, now) && udp_fill(shared) < SHARED_FILL)
		return shared;
	note_full(peer, now);
	*full = true;
	return &p->udp;
}

void sockets_found_full(struct sockets *s, int family, struct peer *peer, u64 now)
{
	struct socket_family *f = family == AF_INET6 ? &s->ipv6 : &s->ipv4;
	struct peer_socket *p = &f->peers[peer->socket];

	note_full(peer, now);
	if (peer->socket < count_open(f) && is_owner(p, peer) && is_losing(peer, now))
		__atomic_store_n(&p->losing_until, now + SOCKETS_GAP, __ATOMIC_RELAXED);
}

const struct udp *sockets_for_message(const struct sockets *s, int family, bool cookie,
				      const struct udp *shared)
{
	const struct socket_family *f = family == AF_INET6 ? &s->ipv6 : &s->ipv4;
	const struct udp *u = cookie ? &f->cookies : &f->handshakes;

	return u->fd >= 0 ? u : shared;
}

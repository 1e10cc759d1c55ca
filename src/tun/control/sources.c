// SPDX-License-Identifier: GPL-2.0
#include "sources.h"
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../path/udp.h"
#include "route-query.h"

#define MIN_INTERVAL (WG_SECOND / 2)
/* After a check, this many times as long as it took: on a router, routes change all the time, and the
 * control thread has other work. */
#define REST 9
/* Peers of one turn: each costs a few system calls, or, where only new sources are asked about, hardly
 * ever any. */
#define BATCH	  32
#define BATCH_NEW 1024

void sources_open(struct sources *s)
{
	memset(s, 0, sizeof(*s));
	s->due = WG_NEVER;
	s->netlink = route_query_open();
}

void sources_close(struct sources *s, struct device *d)
{
	if (s->checking)
		peers_cursor_end(d, &s->cursor);
	s->checking = false;
	if (s->netlink >= 0)
		close(s->netlink);
	s->netlink = -1;
}

static u64 later_time(u64 a, u64 b)
{
	return a > b ? a : b;
}

void sources_changed(struct sources *s)
{
	if (s->due == WG_NEVER)
		s->due = later_time(device_now() + MIN_INTERVAL, s->rest_until);
}

/* Most peers of a host speak to one address of it. */
static void ask_source(struct sources *s, const struct endpoint *e)
{
	bool v6 = e->addr.sa_family == AF_INET6;

	if (s->asked.addr.sa_family == e->addr.sa_family &&
	    !memcmp(&s->asked.source6, &e->source6, v6 ? sizeof(e->source6) : sizeof(e->source4)) &&
	    (!v6 || s->asked.addr6.sin6_scope_id == e->addr6.sin6_scope_id))
		return;
	s->asked = *e;
	s->has_source = udp_has_source(e);
	s->owner = s->has_source && !v6 ? route_query_owner(s->netlink, e) : 0;
}

/* Returns true if the source is to be forgotten, else e->way and e->route_mtu are what they are now. A way that is missing for
 * a moment, as between two commands of ip(8), is no reason to forget. */
static bool is_gone(struct sources *s, const struct device *d, struct endpoint *e)
{
	struct route_way way;
	bool was_own = e->way == WAY_OWN;

	if (e->way == WAY_UNKNOWN)
		e->way = WAY_OTHER; /* not asked about as a new one again */
	ask_source(s, e);
	if (!s->has_source)
		return true;
	if (e->addr.sa_family == AF_INET6)
		return false;
	switch (route_query(s->netlink, e, d->listen_port, d->fwmark, &way)) {
	case ROUTE_NO_SOURCE:
		return true;
	case ROUTE_BY:
		e->route_mtu = way.has_mtu;
		if (s->owner)
			e->way = way.ifindex == s->owner ? WAY_OWN : WAY_OTHER;
		return was_own && e->way != WAY_OWN;
	case ROUTE_UNKNOWN:
		return false;
	}
	return false;
}

static void check_peer(struct sources *s, const struct device *d, struct peer *peer)
{
	struct endpoint e, was;
	bool gone;

	pthread_mutex_lock(&peer->lock);
	e = was = peer->endpoint;
	pthread_mutex_unlock(&peer->lock);
	if (!e.source_ifindex || (s->only_new && e.way != WAY_UNKNOWN))
		return;
	gone = is_gone(s, d, &e);
	pthread_mutex_lock(&peer->lock);
	if (endpoint_equal(&peer->endpoint, &was)) {
		peer->endpoint.way = e.way;
		peer->endpoint.route_mtu = e.route_mtu;
		if (gone)
			peer->endpoint.source_ifindex = 0;
	}
	pthread_mutex_unlock(&peer->lock);
}

void sources_message(struct sources *s, u16 type, const u8 *p, size_t len)
{
	struct rtmsg route;

	switch (type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		/* A message about the kernel's cache of a route says nothing new. */
		if (len >= sizeof(route)) {
			memcpy(&route, p, sizeof(route));
			if (!(route.rtm_flags & RTM_F_CLONED))
				sources_changed(s);
		}
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_DELADDR:
	case RTM_NEWRULE:
	case RTM_DELRULE:
		sources_changed(s);
		break;
	default: /* a number of the kernel's */
		break;
	}
}

/* When the next check begins. */
static u64 next_check(const struct sources *s, const struct device *d)
{
	bool learnt = __atomic_load_n(&d->source_learnt, __ATOMIC_ACQUIRE);

	return learnt && s->rest_until < s->due ? s->rest_until : s->due;
}

/* A source that is learnt from here on may be checked already, or will be by the next check. */
static void begin_check(struct sources *s, struct device *d, u64 now)
{
	__atomic_store_n(&d->source_learnt, false, __ATOMIC_RELAXED);
	s->only_new = s->due > now;
	if (!s->only_new)
		s->due = WG_NEVER;
	s->asked.addr.sa_family = AF_UNSPEC;
	s->checking = true;
	s->spent = 0;
	peers_cursor_begin(d, &s->cursor);
}

u64 sources_work(struct sources *s, struct device *d, u64 now)
{
	u64 begin;

	if (!s->checking) {
		if (next_check(s, d) > now)
			return next_check(s, d);
		begin_check(s, d, now);
	}
	begin = device_now();
	for (int i = 0; i < (s->only_new ? BATCH_NEW : BATCH) && s->cursor.at; i++) {
		check_peer(s, d, s->cursor.at);
		peers_cursor_next(&s->cursor);
	}
	s->spent += device_now() - begin;
	if (s->cursor.at)
		return 0;
	peers_cursor_end(d, &s->cursor);
	s->checking = false;
	s->rest_until = now + later_time(MIN_INTERVAL, REST * s->spent);
	if (s->due != WG_NEVER)
		s->due = later_time(s->due, s->rest_until);
	return next_check(s, d);
}

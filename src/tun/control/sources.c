// SPDX-License-Identifier: GPL-2.0
#include "sources.h"
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>
#include "route-query.h"

#define PAUSE (WG_SECOND / 2)
/* Peers of one turn: each costs a few system calls. */
#define BATCH 32

void sources_open(struct sources *s)
{
	memset(s, 0, sizeof(*s));
	s->due = WG_NEVER;
	s->netlink = route_query_open();
}

void sources_close(struct sources *s)
{
	if (s->netlink >= 0)
		close(s->netlink);
	s->netlink = -1;
}

void sources_changed(struct sources *s)
{
	if (s->due == WG_NEVER)
		s->due = device_now() + PAUSE;
}

/* The rule of the kernel's WireGuard. A way that is missing for a moment, as between two commands of
 * ip(8), is no reason to forget. */
static bool is_gone(const struct sources *s, const struct device *d, const struct endpoint *e)
{
	u32 ifindex = 0;

	switch (route_query(s->netlink, e, d->listen_port, d->fwmark, &ifindex)) {
	case ROUTE_NO_SOURCE:
		return true;
	case ROUTE_BY:
		return ifindex != e->source_ifindex;
	case ROUTE_UNKNOWN:
		return false;
	}
	return false;
}

static void check_peer(const struct sources *s, const struct device *d, struct peer *peer)
{
	struct endpoint e;

	pthread_mutex_lock(&peer->lock);
	e = peer->endpoint;
	pthread_mutex_unlock(&peer->lock);
	if (!e.source_ifindex || !is_gone(s, d, &e))
		return;
	pthread_mutex_lock(&peer->lock);
	if (endpoint_equal(&peer->endpoint, &e))
		peer->endpoint.source_ifindex = 0;
	pthread_mutex_unlock(&peer->lock);
}

void sources_message(struct sources *s, u16 type, const u8 *p, size_t len)
{
	struct rtmsg route;

	switch (type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		/* The kernel's cache of a route says nothing new. */
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

u64 sources_work(struct sources *s, struct device *d, u64 now)
{
	if (!s->checking && s->due > now)
		return s->due;
	if (!s->checking) {
		s->checking = true;
		s->due = WG_NEVER;
		peers_cursor_begin(d, &s->cursor);
	}
	for (int i = 0; i < BATCH && s->cursor.at; i++) {
		check_peer(s, d, s->cursor.at);
		peers_cursor_next(&s->cursor);
	}
	if (s->cursor.at)
		return 0;
	peers_cursor_end(d, &s->cursor);
	s->checking = false;
	return s->due;
}

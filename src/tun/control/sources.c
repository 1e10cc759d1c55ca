// SPDX-License-Identifier: GPL-2.0
#include "sources.h"
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include "../path/udp.h"

#define PAUSE (WG_SECOND / 2)

void sources_init(struct sources *s)
{
	memset(s, 0, sizeof(*s));
	s->due = WG_NEVER;
}

static void set_due(struct sources *s)
{
	if (s->due == WG_NEVER)
		s->due = device_now() + PAUSE;
}

static bool is_within(const struct sources_note *n, const struct endpoint *e)
{
	const u8 *ip = e->addr.sa_family == AF_INET6 ? (const u8 *)&e->addr6.sin6_addr :
						      (const u8 *)&e->addr4.sin_addr;
	u32 bytes = n->bits / 8, rest = n->bits % 8;

	if (n->family != AF_UNSPEC && n->family != e->addr.sa_family)
		return false;
	return memcmp(ip, n->prefix, bytes) == 0 &&
	       (!rest || !((ip[bytes] ^ n->prefix[bytes]) >> (8 - rest)));
}

static bool is_noted(const struct sources *s, const struct endpoint *e)
{
	for (u32 i = 0; i < s->n; i++) {
		const struct sources_note *n = &s->notes[i];

		if ((e->source_ifindex == n->ifindex) != n->others && is_within(n, e))
			return true;
	}
	return false;
}

/* Most peers have the same source: the last answer is kept. */
struct address_check {
	struct endpoint last;
	bool known, gone;
};

static bool is_address_gone(struct address_check *c, const struct endpoint *e)
{
	size_t size = e->addr.sa_family == AF_INET6 ? sizeof(e->source6) : sizeof(e->source4);

	if (c->known && c->last.addr.sa_family == e->addr.sa_family &&
	    !memcmp(&c->last.source6, &e->source6, size))
		return c->gone;
	c->last = *e;
	c->known = true;
	c->gone = !udp_has_source(e);
	return c->gone;
}

static void apply_notes(struct sources *s, struct device *d)
{
	struct address_check check = {.known = false};

	for (struct peer *peer = d->peers; peer; peer = peer->next) {
		struct endpoint e;

		pthread_mutex_lock(&peer->lock);
		e = peer->endpoint;
		pthread_mutex_unlock(&peer->lock);
		if (!e.source_ifindex ||
		    (!is_noted(s, &e) && !(s->addresses && is_address_gone(&check, &e))))
			continue;
		pthread_mutex_lock(&peer->lock);
		if (endpoint_equal(&peer->endpoint, &e))
			peer->endpoint.source_ifindex = 0;
		pthread_mutex_unlock(&peer->lock);
	}
	sources_init(s);
}

static void add_note(struct sources *s, struct device *d, const struct sources_note *n)
{
	if (s->n == SOURCES_NOTES)
		apply_notes(s, d);
	s->notes[s->n++] = *n;
	set_due(s);
}

static void link_message(struct sources *s, struct device *d, bool deleted, const u8 *p, size_t len)
{
	struct sources_note n = {.family = AF_UNSPEC};
	struct ifinfomsg link;

	if (len < sizeof(link))
		return;
	memcpy(&link, p, sizeof(link));
	/* A port that leaves a bridge is said to be deleted, too, in another family. */
	if (link.ifi_family != AF_UNSPEC || (!deleted && link.ifi_flags & IFF_UP))
		return;
	n.ifindex = (u32)link.ifi_index;
	add_note(s, d, &n);
}

/* A route that is deleted took a way by its link; one that replaces another one, by other links. */
static void route_message(struct sources *s, struct device *d, bool deleted, const u8 *p, size_t len)
{
	struct sources_note n = {.others = !deleted};
	struct rtmsg route;
	size_t at = NLMSG_ALIGN(sizeof(route));

	if (len < at)
		return;
	memcpy(&route, p, sizeof(route));
	if (route.rtm_type != RTN_UNICAST || route.rtm_flags & RTM_F_CLONED ||
	    route.rtm_dst_len > 128)
		return;
	n.family = route.rtm_family;
	n.bits = route.rtm_dst_len;
	while (len - at >= sizeof(struct rtattr)) {
		struct rtattr a;
		size_t size;

		memcpy(&a, p + at, sizeof(a));
		if (a.rta_len < sizeof(a) || a.rta_len > len - at)
			break;
		size = a.rta_len - sizeof(a);
		if (a.rta_type == RTA_DST)
			memcpy(n.prefix, p + at + sizeof(a), size < 16 ? size : 16);
		else if (a.rta_type == RTA_OIF && size >= sizeof(n.ifindex))
			memcpy(&n.ifindex, p + at + sizeof(a), sizeof(n.ifindex));
		if (RTA_ALIGN(a.rta_len) > len - at)
			break;
		at += RTA_ALIGN(a.rta_len);
	}
	if (n.ifindex)
		add_note(s, d, &n);
}

void sources_message(struct sources *s, struct device *d, u16 type, u16 flags, const u8 *p,
		     size_t len)
{
	switch (type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		link_message(s, d, type == RTM_DELLINK, p, len);
		break;
	case RTM_DELADDR:
		s->addresses = true;
		set_due(s);
		break;
	case RTM_NEWROUTE:
		if (flags & NLM_F_REPLACE)
			route_message(s, d, false, p, len);
		break;
	case RTM_DELROUTE:
		route_message(s, d, true, p, len);
		break;
	default: /* a number of the kernel's */
		break;
	}
}

/* Addresses can be asked for. A send that fails tells about the rest (udp_send()). */
void sources_lost_messages(struct sources *s)
{
	s->addresses = true;
	set_due(s);
}

u64 sources_work(struct sources *s, struct device *d, u64 now)
{
	if (s->due <= now)
		apply_notes(s, d);
	return s->due;
}

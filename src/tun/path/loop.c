// SPDX-License-Identifier: GPL-2.0
/* A message is our own if it is UDP from our port and from an address of this machine. The address
 * matters, because another machine behind us may use the same port and the same server. */
#include "loop.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include "../../core/messages.h"
#include "be.h"
#include "udp.h"

enum {
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	UDP_LEN = 8,
	ICMP_LEN = 8,
	FRAGMENT_LEN = 8,
	ICMP_REDIRECT = 5,
	MLD_REPORT = 131,
	MLD_DONE = 132,
	ROUTER_SOLICITATION = 133,
	ND_REDIRECT = 137,
	MLD2_REPORT = 143,
};

#define LOCAL_FOR WG_SECOND /* how long the result of a look-up is believed */

/* The parts of a packet that matter here. */
struct view {
	const u8 *p;
	u32 len;
	u8 version, protocol, ttl;
	u32 l4;		/* where the header of the protocol begins, unless `later` */
	bool first;	/* a fragment, the first */
	bool later;	/* a fragment, but not the first */
	u32 id;		/* of a fragment */
};

static void view_fragment(struct view *v, u32 field, u32 offset_mask, u32 more, u32 id)
{
	v->later = field & offset_mask;
	v->first = !v->later && (field & more);
	v->id = id;
}

static bool view_ip4(struct view *v)
{
	const u8 *p = v->p;

	if (v->len < IPV4_LEN)
		return false;
	v->protocol = p[9];
	v->ttl = p[8];
	v->l4 = (p[0] & 15U) * 4;
	view_fragment(v, be_load16(p + 6), 0x1fff, 0x2000, be_load16(p + 4));
	return v->l4 >= IPV4_LEN;
}

/* Our own packets have no extension header but the fragment's. Group reports have one for routers
 * (RFC 3810 section 5). */
static bool view_ip6(struct view *v)
{
	const u8 *p = v->p;

	if (v->len < IPV6_LEN)
		return false;
	v->protocol = p[6];
	v->ttl = p[7];
	v->l4 = IPV6_LEN;
	if (v->protocol == IPPROTO_HOPOPTS && v->len >= IPV6_LEN + 2) {
		v->protocol = p[IPV6_LEN];
		v->l4 += (p[IPV6_LEN + 1] + 1U) * 8;
	}
	if (v->protocol == IPPROTO_FRAGMENT && v->len >= v->l4 + FRAGMENT_LEN) {
		const u8 *f = p + v->l4;

		v->protocol = f[0];
		v->l4 += FRAGMENT_LEN;
		view_fragment(v, be_load16(f + 2), 0xfff8, 1, be_load32(f + 4));
	}
	return true;
}

static bool view_ip(struct view *v, const u8 *packet, u32 len)
{
	*v = (struct view){.p = packet, .len = len, .version = len ? packet[0] >> 4 : 0};
	return v->version == 6 ? view_ip6(v) : v->version == 4 && view_ip4(v);
}

static bool has_l4(const struct view *v, u32 len)
{
	return !v->later && v->len >= v->l4 + len;
}

/* Returns whether a datagram begins as a message of WireGuard's. Few others do, and those lose only
 * some of the outer packet's time to live. */
static bool is_wireguard(const struct view *v)
{
	u32 type;

	if (v->protocol != IPPROTO_UDP || !has_l4(v, UDP_LEN + 4))
		return false;
	type = wg_load_le32(v->p + v->l4 + UDP_LEN);
	return type >= WG_MESSAGE_INITIATION && type <= WG_MESSAGE_DATA;
}

static void copy_addresses(const struct view *v, u8 out[static 32])
{
	memset(out, 0, 32);
	if (v->version == 6)
		memcpy(out, v->p + 8, 32);
	else
		memcpy(out, v->p + 12, 8);
}

static void remember_fragment(struct loop *l, const struct view *v, bool refused)
{
	struct loop_fragment *f = &l->fragments[l->next++ % LOOP_FRAGMENTS];

	f->version = v->version;
	f->id = v->id;
	f->refused = refused;
	copy_addresses(v, f->addresses);
}

static const struct loop_fragment *find_fragment(const struct loop *l, const struct view *v)
{
	u8 addresses[32];

	copy_addresses(v, addresses);
	for (u32 i = 0; i < LOOP_FRAGMENTS; i++) {
		const struct loop_fragment *f = &l->fragments[i];

		if (f->version == v->version && f->id == v->id &&
		    memcmp(f->addresses, addresses, sizeof(addresses)) == 0)
			return f;
	}
	return NULL;
}

static bool is_local(u8 version, const u8 *address)
{
	struct endpoint e = {0};

	e.addr.sa_family = version == 6 ? AF_INET6 : AF_INET;
	if (version == 6)
		memcpy(&e.addr6.sin6_addr, address, 16);
	else
		memcpy(&e.addr4.sin_addr, address, 4);
	return udp_is_local(&e);
}

static bool is_from_here(struct loop *l, const struct view *v)
{
	const u8 *address = v->p + (v->version == 6 ? 8 : 12);
	size_t len = v->version == 6 ? 16 : 4;
	u64 now = device_now();

	if (l->version != v->version || now >= l->known_until ||
	    memcmp(l->address, address, len) != 0) {
		l->is_local = is_local(v->version, address);
		l->version = v->version;
		memcpy(l->address, address, len);
		l->known_until = now + LOCAL_FOR;
	}
	return l->is_local;
}

static bool goes_to_endpoint(const struct view *v, struct peer *peer, struct endpoint *to)
{
	const u8 *port = v->p + v->l4 + 2;

	pthread_mutex_lock(&peer->lock);
	*to = peer->endpoint;
	pthread_mutex_unlock(&peer->lock);
	if (v->version == 6)
		return to->addr.sa_family == AF_INET6 &&
		       memcmp(&to->addr6.sin6_addr, v->p + 24, 16) == 0 &&
		       memcmp(&to->addr6.sin6_port, port, 2) == 0;
	return to->addr.sa_family == AF_INET && memcmp(&to->addr4.sin_addr, v->p + 16, 4) == 0 &&
	       memcmp(&to->addr4.sin_port, port, 2) == 0;
}

/* The control thread says it, as a worker must not wait for the reader of the log. */
static void notice(struct device *d, const struct endpoint *to)
{
	u32 none = DEVICE_LOOP_NONE;

	if (!__atomic_compare_exchange_n(&d->loop_noticed, &none, DEVICE_LOOP_WRITING, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	d->loop_endpoint = *to;
	__atomic_store_n(&d->loop_noticed, DEVICE_LOOP_TO_SAY, __ATOMIC_RELEASE);
	device_wake(d);
}

static bool is_own(struct loop *l, struct device *d, struct peer *peer, const struct view *v)
{
	struct endpoint to;

	if (v->protocol != IPPROTO_UDP || !has_l4(v, UDP_LEN) ||
	    be_load16(v->p + v->l4) != d->listen_port || !goes_to_endpoint(v, peer, &to) ||
	    !is_from_here(l, v))
		return false;
	notice(d, &to);
	return true;
}

/* Only the first router on the way may redirect a host (RFC 1122 section 3.2.2.2), so one that
 * comes out of a tunnel is of no use to anybody but a host that believes forgeries. */
static bool is_redirect(const struct view *v)
{
	if (v->version == 4)
		return v->protocol == IPPROTO_ICMP && has_l4(v, ICMP_LEN) &&
		       v->p[v->l4] == ICMP_REDIRECT;
	return v->protocol == IPPROTO_ICMPV6 && has_l4(v, ICMP_LEN) && v->p[v->l4] == ND_REDIRECT;
}

static bool is_autoconfiguration(const struct device *d, const struct view *v)
{
	u8 type;

	if (!__atomic_load_n(&d->moved, __ATOMIC_RELAXED) || v->version != 6 ||
	    v->protocol != IPPROTO_ICMPV6 || !has_l4(v, 1))
		return false;
	type = v->p[v->l4];
	return type == ROUTER_SOLICITATION || type == MLD_REPORT || type == MLD_DONE ||
	       type == MLD2_REPORT;
}

static struct loop_result refuse(enum drop reason)
{
	return (struct loop_result){.refused = true, .reason = reason};
}

static u8 outer_ttl(u8 inner)
{
	u8 ttl = inner > LOOP_TTL_STEP ? (u8)(inner - LOOP_TTL_STEP) : 1;

	return ttl < LOOP_TTL_MOST ? ttl : LOOP_TTL_MOST;
}

static struct loop_result check_udp(struct loop *l, struct device *d, struct peer *peer,
				    const struct view *v)
{
	const struct loop_fragment *f = v->later ? find_fragment(l, v) : NULL;
	bool own = f ? f->refused : is_own(l, d, peer, v);
	bool nested = f || is_wireguard(v);

	if (v->first && (own || nested))
		remember_fragment(l, v, own);
	if (own)
		return refuse(DROP_LOOP);
	if (!nested)
		return (struct loop_result){0};
	if (v->ttl <= LOOP_TTL_STEP)
		return refuse(DROP_NESTED_TOO_DEEP);
	return (struct loop_result){.ttl = outer_ttl(v->ttl)};
}

struct loop_result loop_check(struct loop *l, struct device *d, struct peer *peer,
			      const u8 *packet, u32 len)
{
	struct view v;

	if (!view_ip(&v, packet, len))
		return (struct loop_result){0};
	if (v.protocol == IPPROTO_UDP)
		return check_udp(l, d, peer, &v);
	if (is_redirect(&v))
		return refuse(DROP_REDIRECT);
	if (is_autoconfiguration(d, &v))
		return refuse(DROP_AUTOCONFIGURATION);
	return (struct loop_result){0};
}

/* A later fragment that has waited has the default: at most one round more comes of it. */
u8 loop_ttl(const u8 *packet, u32 len)
{
	struct view v;

	return view_ip(&v, packet, len) && is_wireguard(&v) ? outer_ttl(v.ttl) : 0;
}

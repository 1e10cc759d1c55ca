// SPDX-License-Identifier: GPL-2.0
/* Packets come in by encap_rcv: they are the tunnel's from there on, and no socket's queue, filter
 * or memory is in their way. UDP_GRO is on, so that many packets go through the layers below as
 * one; kernels cut UDP super-packets before they give them to a tunnel, older ones give them whole.
 *
 * Packets go out with headers of our own making. A peer keeps the route of its latest packet.
 * Routes are dropped with the sockets, so that they do not outlive the namespace that they are
 * of. */
#include "socket.h"
#include <linux/inetdevice.h>
#include <linux/security.h>
#include <net/addrconf.h>
#include <net/flow.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sch_generic.h>
#include <net/udp.h>
#include <net/udp_tunnel.h>

#define PORT_TRIES     100
#define SHAPER_DEVICES 64 /* links below the route's */
/* The most bytes of a payload: IPv4 counts its headers in 16 bits. */
#define PAYLOAD_MAX (U16_MAX - (u32)(sizeof(struct iphdr) + sizeof(struct udphdr)))

/* Takes the packet over, with data at its UDP header. */
static int receive_encap(struct sock *sk, struct sk_buff *skb)
{
	struct wg_device *wg = rcu_dereference_sk_user_data(sk);

	if (!wg || !pskb_may_pull(skb, sizeof(struct udphdr))) {
		kfree_skb(skb);
		return 0;
	}
	__skb_pull(skb, sizeof(struct udphdr));
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb->dev = wg->dev;
	wg->upcalls->receive(wg, skb);
	return 0;
}

/* Opens a socket that drops what it receives until its user data are a device. */
static int open_socket(struct net *net, int family, u16 port, struct socket **sock)
{
	struct udp_tunnel_sock_cfg config = {.encap_type = 1, .encap_rcv = receive_encap};
	/* An IPv4 address is shorter, and has all but the family in the same place. */
	struct sockaddr_in6 any = {.sin6_family = family, .sin6_port = htons(port)};
	int ret = sock_create_kern(net, family, SOCK_DGRAM, IPPROTO_UDP, sock);
	int one = 1;
	struct sock *sk;

	if (ret < 0)
		return ret;
	sk = (*sock)->sk;
	sk->sk_allocation = GFP_ATOMIC;
	sk->sk_sndbuf = INT_MAX;
	/* This is best effort: without it, packets come one by one. */
	(void)(*sock)->ops->setsockopt(*sock, SOL_UDP, UDP_GRO, KERNEL_SOCKPTR(&one), sizeof(one));
	setup_udp_tunnel_sock(net, sk, &config);
	/* Nobody needs the checksum of a ciphertext: cutting a super-packet need not compute it. */
	inet_dec_convert_csum(sk);
	if (family == AF_INET6)
		ret = ip6_sock_set_v6only(sk);
	if (ret >= 0)
		ret = kernel_bind(*sock, (struct sockaddr_unsized *)&any, sizeof(any));
	if (ret < 0) {
		sock_release(*sock);
		return ret;
	}
	/* Swap may be behind the tunnel: what frees memory may use the reserves. */
	sk_set_memalloc(sk);
	return 0;
}

static void close_socket(struct socket *sock)
{
	sk_clear_memalloc(sock->sk);
	sock_release(sock);
}

/* The sockets of IPv4 and IPv6; one is NULL if its family is absent. */
static int open_both(struct net *net, u16 port, struct socket *socks[2])
{
	int ret = open_socket(net, AF_INET, port, &socks[0]);

	socks[1] = NULL;
	if (ret < 0 || !IS_ENABLED(CONFIG_IPV6))
		return ret;
	ret = open_socket(net, AF_INET6, ntohs(inet_sk(socks[0]->sk)->inet_sport), &socks[1]);
	if (ret == -EAFNOSUPPORT) {
		socks[1] = NULL;
		return 0;
	}
	if (ret < 0)
		close_socket(socks[0]);
	return ret;
}

/* The caller holds peer->lock. */
static void drop_route(struct wg_peer *peer)
{
	dst_release(peer->route.dst);
	peer->route.dst = NULL;
}

/* Nobody uses the old sockets when this returns, and no route that was found by them is kept. */
static void replace_sockets(struct wg_device *wg, struct socket *const fresh[2])
{
	struct wg_peer *peer;
	struct sock *old[2];

	for (int i = 0; i < 2; i++) {
		if (fresh[i])
			rcu_assign_sk_user_data(fresh[i]->sk, wg);
		old[i] = rcu_replace_pointer(wg->socks[i], fresh[i] ? fresh[i]->sk : NULL,
					     lockdep_is_held(&wg->update_lock));
		if (old[i])
			rcu_assign_sk_user_data(old[i], NULL);
	}
	if (old[0])
		synchronize_net();
	list_for_each_entry(peer, &wg->peers, list) {
		spin_lock_bh(&peer->lock);
		drop_route(peer);
		spin_unlock_bh(&peer->lock);
	}
	for (int i = 0; i < 2; i++)
		if (old[i])
			close_socket(old[i]->sk_socket);
}

int wg_socket_open(struct wg_device *wg, u16 port)
{
	struct socket *fresh[2];
	struct net *net;
	int ret, tries = 0;

	if (port && port == wg->listen_port && rcu_access_pointer(wg->socks[0]))
		return 0;
	rcu_read_lock();
	net = rcu_dereference(wg->creating_net);
	net = net ? maybe_get_net(net) : NULL;
	rcu_read_unlock();
	if (!net)
		return -ENONET;
	/* A port that the kernel chose for IPv4 may be taken for IPv6. */
	do
		ret = open_both(net, port, fresh);
	while (ret == -EADDRINUSE && !port && ++tries < PORT_TRIES);
	put_net(net);
	if (ret < 0)
		return ret;
	wg->listen_port = ntohs(inet_sk(fresh[0]->sk)->inet_sport);
	replace_sockets(wg, fresh);
	return 0;
}

void wg_socket_close(struct wg_device *wg)
{
	struct socket *const none[2] = {};

	replace_sockets(wg, none);
}

static struct dst_entry *route(struct wg_device *wg, struct sock *sk, const struct wg_endpoint *e,
			       struct flowi *fl)
{
	struct rtable *rt;

	if (IS_ENABLED(CONFIG_IPV6) && e->addr.sa_family == AF_INET6) {
		fl->u.ip6 = (struct flowi6){
			.saddr = e->src6,
			.daddr = e->addr6.sin6_addr,
			.fl6_sport = inet_sk(sk)->inet_sport,
			.fl6_dport = e->addr6.sin6_port,
			.flowi6_oif = e->addr6.sin6_scope_id,
			.flowi6_mark = READ_ONCE(wg->fwmark),
			.flowi6_proto = IPPROTO_UDP,
		};
		security_sk_classify_flow(sk, flowi6_to_flowi_common(&fl->u.ip6));
		return ip6_dst_lookup_flow(sock_net(sk), sk, &fl->u.ip6, NULL);
	}
	fl->u.ip4 = (struct flowi4){
		.saddr = e->src4.s_addr,
		.daddr = e->addr4.sin_addr.s_addr,
		.fl4_sport = inet_sk(sk)->inet_sport,
		.fl4_dport = e->addr4.sin_port,
		.flowi4_mark = READ_ONCE(wg->fwmark),
		.flowi4_proto = IPPROTO_UDP,
	};
	security_sk_classify_flow(sk, flowi4_to_flowi_common(&fl->u.ip4));
	/* Fails if the source is no address of ours. */
	rt = ip_route_output_flow(sock_net(sk), &fl->u.ip4, sk);
	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

static bool has_source(const struct wg_endpoint *e)
{
	return !ipv6_addr_any(&e->src6); /* src4 lies in it */
}

/* Returns whether the link has the address. The caller is in an RCU section. */
static bool is_own_link(const struct net_device *dev, __be32 source)
{
	struct in_device *in = __in_dev_get_rcu(dev);

	return in && inet_confirm_addr(dev_net(dev), in, 0, source, RT_SCOPE_HOST);
}

/* Returns whether this way may have the endpoint's source (../README.md, "Sticky sources"). `was_own`
 * says that the way before was by a link that has it. If there is no way (`dst` is an error), it may while it is an
 * address of ours: routes come and go with links, and memory may be short. The errors of IPv4 do not
 * tell a source that has gone from a route that has. The caller is in an RCU section. */
static bool suits_source(struct sock *sk, const struct dst_entry *dst, const struct wg_endpoint *e,
			 bool was_own)
{
	if (e->addr.sa_family == AF_INET6)
		return ipv6_chk_addr(sock_net(sk), &e->src6, NULL, 0);
	return __ip_dev_find(sock_net(sk), e->src4.s_addr, false) &&
	       (!was_own || IS_ERR(dst) || is_own_link(dst->dev, e->src4.s_addr));
}

/* Returns whether the packet before left from this source for this address by a link that has the
 * source, even if routing chose the source then. The caller holds peer->lock. */
static bool went_by_own_link(const struct wg_peer *peer, const struct wg_endpoint *e)
{
	const struct wg_route *r = &peer->route;

	return r->own && e->addr.sa_family == AF_INET && r->to.addr.sa_family == AF_INET &&
	       r->to.addr4.sin_addr.s_addr == e->addr4.sin_addr.s_addr &&
	       !memcmp(&r->saddr, &e->src4, sizeof(e->src4));
}

/* Returns the route of the packet before, with a reference, and addresses in `fl`; NULL: there is
 * none, or it may have changed. The caller holds peer->lock. */
static struct dst_entry *recall_route(const struct wg_peer *peer, const struct sock *sk, struct flowi *fl)
{
	const struct wg_route *r = &peer->route;

	if (!r->dst || !wg_endpoint_equal(&r->to, &peer->endpoint) ||
	    r->mark != READ_ONCE(peer->device->fwmark) || r->sport != inet_sk(sk)->inet_sport ||
	    !dst_check(r->dst, r->cookie))
		return NULL;
	if (IS_ENABLED(CONFIG_IPV6) && r->to.addr.sa_family == AF_INET6) {
		fl->u.ip6.saddr = r->saddr;
		fl->u.ip6.daddr = r->to.addr6.sin6_addr;
	} else {
		memcpy(&fl->u.ip4.saddr, &r->saddr, sizeof(fl->u.ip4.saddr));
		fl->u.ip4.daddr = r->to.addr4.sin_addr.s_addr;
	}
	return dst_clone(r->dst);
}

/* Takes over the reference. The caller holds peer->lock and is in an RCU section. */
static void keep_route(struct wg_peer *peer, const struct sock *sk, struct dst_entry *dst,
		       const struct flowi *fl)
{
	struct wg_route *r = &peer->route;

	drop_route(peer);
	r->dst = dst;
	r->cookie = 0;
	r->to = peer->endpoint;
	r->mark = READ_ONCE(peer->device->fwmark);
	r->sport = inet_sk(sk)->inet_sport;
	r->own = r->to.addr.sa_family == AF_INET && is_own_link(dst->dev, fl->u.ip4.saddr);
	WRITE_ONCE(r->shaper_until, jiffies);
	if (IS_ENABLED(CONFIG_IPV6) && r->to.addr.sa_family == AF_INET6) {
		r->cookie = rt6_get_cookie((struct rt6_info *)dst);
		r->saddr = fl->u.ip6.saddr;
	} else {
		memcpy(&r->saddr, &fl->u.ip4.saddr, sizeof(fl->u.ip4.saddr));
	}
}

/* A source that does not suit is forgotten; `was_own` is that of suits_source(). Packets may go by way
 * of another peer of the link; into the peer itself they would go round and round. */
static struct dst_entry *find_route(struct wg_device *wg, struct wg_peer *peer, struct sock *sk,
				    struct wg_endpoint *e, bool was_own, struct flowi *fl)
{
	struct wg_endpoint was = *e;
	struct dst_entry *dst = NULL;
	struct wg_addr to;
	bool fresh;

	if (peer) {
		spin_lock_bh(&peer->lock);
		if (wg_endpoint_equal(e, &peer->endpoint))
			dst = recall_route(peer, sk, fl);
		spin_unlock_bh(&peer->lock);
	}
	fresh = !dst;
	if (fresh)
		dst = route(wg, sk, e, fl);

	/* A route of IPv4 that the kernel calls good suits as it did when it was found. */
	if (has_source(e) && (fresh || e->addr.sa_family == AF_INET6) &&
	    !suits_source(sk, dst, e, was_own)) {
		if (!IS_ERR(dst))
			dst_release(dst);
		wg_endpoint_forget_source(e);
		dst = route(wg, sk, e, fl);
		fresh = true;
	}
	if (IS_ERR(dst) || !peer)
		return dst;
	wg_endpoint_addr(e, &to);
	if (dst->dev == wg->dev &&
	    wg_allowedips_find(&wg->allowed, to.family, to.ip) == &peer->remote) {
		dst_release(dst);
		return ERR_PTR(-ELOOP);
	}
	if (!fresh)
		return dst;
	spin_lock_bh(&peer->lock);
	/* Another thread may have changed the endpoint meanwhile. */
	if (wg_endpoint_equal(&was, &peer->endpoint)) {
		peer->endpoint = *e;
		keep_route(peer, sk, dst_clone(dst), fl);
	}
	spin_unlock_bh(&peer->lock);
	return dst;
}

static void push_ipv4(struct sk_buff *skb, const struct dst_entry *dst, const struct flowi4 *fl,
		      u8 ds)
{
	struct iphdr *ip;

	udp_hdr(skb)->check = ~udp_v4_check(skb->len, fl->saddr, fl->daddr, 0);
	ip = skb_push(skb, sizeof(*ip));
	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tos = ds,
		.ttl = ip4_dst_hoplimit(dst),
		.protocol = IPPROTO_UDP,
		.saddr = fl->saddr,
		.daddr = fl->daddr,
	};
	__ip_select_ident(dev_net(dst->dev), ip, skb_shinfo(skb)->gso_segs ?: 1);
}

static void push_ipv6(struct sk_buff *skb, struct dst_entry *dst, const struct flowi6 *fl, u8 ds)
{
	u16 len = (u16)skb->len;
	struct ipv6hdr *ip;

	udp_hdr(skb)->check = ~udp_v6_check(len, &fl->saddr, &fl->daddr, 0);
	ip = skb_push(skb, sizeof(*ip));
	*ip = (struct ipv6hdr){
		.payload_len = htons(len),
		.nexthdr = IPPROTO_UDP,
		.hop_limit = ip6_dst_hoplimit(dst),
		.saddr = fl->saddr,
		.daddr = fl->daddr,
	};
	ip6_flow_hdr(ip, ds, 0);
}

/* The checksum is computed where the packet leaves, or is cut; the sum of the addresses is where it
 * will be. A queue below that drops the packet (a positive result) counts it: to the tunnel it was
 * sent. */
static int transmit(struct sk_buff *skb, struct sock *sk, const struct wg_endpoint *e,
		    struct dst_entry *dst, const struct flowi *fl, u8 ds)
{
	bool six = IS_ENABLED(CONFIG_IPV6) && e->addr.sa_family == AF_INET6;
	struct udphdr *uh = skb_push(skb, sizeof(*uh));
	int ret;

	uh->source = inet_sk(sk)->inet_sport;
	uh->dest = e->addr4.sin_port; /* sin6_port is in the same place */
	uh->len = htons(skb->len);
	skb_partial_csum_set(skb, 0, offsetof(struct udphdr, check));
	if (skb_is_gso(skb))
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	if (six)
		push_ipv6(skb, dst, &fl->u.ip6, ds);
	else
		push_ipv4(skb, dst, &fl->u.ip4, ds);
	skb_reset_network_header(skb);
	skb_dst_set(skb, dst);
	memset(skb->cb, 0, sizeof(skb->cb));
	ret = six ? ip6_local_out(sock_net(sk), sk, skb) : ip_local_out(sock_net(sk), sk, skb);
	return min(net_xmit_eval(ret), 0);
}

/* Returns whether packets go out by a queue that may hold them back: a shaper, or one that emulates
 * a slow path. To such a queue a super-packet is one packet, of up to 64 KB: others wait for all of
 * it, and limits and marks are for all of it. fq holds back single flows only, and knows
 * super-packets. */
static int is_shaper(struct net_device *dev, struct netdev_nested_priv *devices_left)
{
	const struct Qdisc *q = rcu_dereference(netdev_get_tx_queue(dev, 0)->qdisc);
	u32 *left = devices_left->data;

	if (!*left)
		return -E2BIG;
	--*left;
	return q && q->enqueue && !(q->flags & TCQ_F_CAN_BYPASS) && strcmp(q->ops->id, "fq");
}

/* Returns whether the link has a shaper, or a link below it has: any port of a bridge, the link
 * that has a VLAN. Of many links below, only so many are looked at. */
static bool is_shaped(struct net_device *dev)
{
	u32 left = SHAPER_DEVICES;
	struct netdev_nested_priv devices_left = {.data = &left};

	return is_shaper(dev, &devices_left) > 0 ||
	       (!list_empty(&dev->adj_list.lower) &&
		netdev_walk_all_lower_dev_rcu(dev, is_shaper, &devices_left) > 0);
}

/* Nobody is told when a shaper is added, and to look for one for each packet would take too long:
 * the links below are walked with BH off. */
static void update_singly(struct wg_peer *peer, struct net_device *dev)
{
	if (time_before(jiffies, READ_ONCE(peer->route.shaper_until)))
		return;
	WRITE_ONCE(peer->route.shaper_until, jiffies + HZ);
	WRITE_ONCE(peer->singly, is_shaped(dev));
}

/* Does what wg_socket_send_peer() says; `peer` is NULL for a message of a handshake. A source that
 * has gone is forgotten in `e`. */
static int send(struct wg_device *wg, struct wg_peer *peer, struct sk_buff *skb,
		struct wg_endpoint *e, bool was_own, u8 ds)
{
	struct dst_entry *dst = ERR_PTR(-ENONET);
	/* When it is to leave, if its sender said so: SO_TXTIME, pacing. skb_scrub_packet() keeps that
	 * only where the kind of clock is noted, which went with the inner headers (seal.c). */
	ktime_t departure = skb->tstamp;
	struct wg_nesting_note note;
	struct flowi fl;
	struct sock *sk;
	int ret;

	rcu_read_lock();
	sk = rcu_dereference(wg->socks[e->addr.sa_family == AF_INET6]);
	if (sk && e->addr.sa_family != AF_UNSPEC && skb->len <= PAYLOAD_MAX)
		dst = find_route(wg, peer, sk, e, was_own, &fl);
	if (IS_ERR(dst)) {
		kfree_skb(skb);
		ret = PTR_ERR(dst);
	} else {
		if (peer)
			update_singly(peer, dst->dev);
		skb_scrub_packet(skb, true);
		skb->tstamp = departure;
		skb->mark = READ_ONCE(wg->fwmark);
		skb->priority = 0; /* of the inner packet: the outer one's is its DSCP's */
		skb->ignore_df = 1; /* too large ones are cut in pieces */
		note = wg_nesting_begin(peer ? &peer->nesting : NULL);
		ret = transmit(skb, sk, e, dst, &fl, ds);
		wg_nesting_end(note);
	}
	rcu_read_unlock();
	return ret;
}

int wg_socket_send_peer(struct wg_peer *peer, struct sk_buff *skb, u8 ds)
{
	struct wg_endpoint was, to;
	u32 messages = skb_shinfo(skb)->gso_segs ?: 1, len = skb->len;
	bool was_own;
	int ret;

	spin_lock_bh(&peer->lock);
	was = to = peer->endpoint;
	was_own = went_by_own_link(peer, &to);
	spin_unlock_bh(&peer->lock);
	ret = send(peer->device, peer, skb, &to, was_own, ds);
	spin_lock_bh(&peer->lock);
	/* Another thread may have changed the endpoint meanwhile. */
	if (wg_endpoint_equal(&was, &peer->endpoint))
		peer->endpoint = to;
	if (ret == 0)
		wg_peer_count_sent(peer, messages, len);
	spin_unlock_bh(&peer->lock);
	return ret;
}

int wg_socket_send_message(struct wg_device *wg, struct wg_peer *peer, const struct wg_endpoint *to,
			   const u8 *message, size_t len, u8 ds)
{
	struct sk_buff *skb = alloc_skb(WG_SOCKET_HEADROOM + len, GFP_ATOMIC);
	struct wg_endpoint e = *to;
	bool was_own = false;
	int ret;

	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, WG_SOCKET_HEADROOM);
	skb_put_data(skb, message, len);
	local_bh_disable();
	if (peer) {
		spin_lock(&peer->lock);
		was_own = went_by_own_link(peer, to);
		spin_unlock(&peer->lock);
	}
	ret = send(wg, NULL, skb, &e, was_own, ds);
	local_bh_enable();
	return ret;
}

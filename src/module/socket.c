// SPDX-License-Identifier: GPL-2.0
/* Packets come in by the socket's queue and not by encap_rcv: for an encapsulation socket every
 * kernel cuts UDP super-packets first, and leaves them whole for one that asked for UDP_GRO.
 *
 * Packets go out with headers of our own making, and routed anew each: one super-packet is worth a
 * lookup, and no cached route has to be kept right. */
#include "socket.h"
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>
#include <net/udp.h>
#include "receive.h"

#define RECEIVE_BUFFER (16 << 20)
#define PORT_TRIES     100
#define HANDSHAKE_DS   0x88 /* AF41 */
/* Of a payload: IPv4 counts its headers in 16 bits. */
#define PAYLOAD_MAX (U16_MAX - (u32)(sizeof(struct iphdr) + sizeof(struct udphdr)))

struct pair {
	struct socket *four, *six; /* six: NULL without IPv6 */
};

static void accept_packet(struct wg_device *wg, struct sk_buff *skb)
{
	skb->dev = wg->dev; /* in the queue, UDP keeps notes there */
	if (skb_checksum_complete(skb) || !pskb_may_pull(skb, WG_DATA_HEADER_LEN))
		kfree_skb(skb);
	else
		wg_receive_packet(wg, skb);
}

static void drain(struct wg_device *wg, struct sock *sk)
{
	struct sk_buff *skb;
	int err;

	while ((skb = skb_recv_udp(sk, MSG_DONTWAIT, &err)))
		accept_packet(wg, skb);
}

/* One processor at a time, so that nothing is reordered; who finds another one there leaves its
 * packet to that. */
static void data_ready(struct sock *sk)
{
	unsigned int bit = sk->sk_family == AF_INET6;
	struct wg_device *wg;

	rcu_read_lock();
	wg = rcu_dereference_sk_user_data(sk);
	while (wg) {
		/* Between queueing it and looking who is there; between leaving and looking again. */
		smp_mb();
		if (skb_queue_empty_lockless(&sk->sk_receive_queue) ||
		    test_and_set_bit_lock(bit, &wg->draining))
			break;
		drain(wg, sk);
		clear_bit_unlock(bit, &wg->draining);
	}
	rcu_read_unlock();
}

static int bind_to(struct socket *sock, int family, u16 port)
{
	struct sockaddr_in6 any = {.sin6_family = family, .sin6_port = htons(port)};

	if (family == AF_INET6)
		return kernel_bind(sock, (struct sockaddr_unsized *)&any, sizeof(any));
	/* The port is in the same place. */
	return kernel_bind(sock, (struct sockaddr_unsized *)&any, sizeof(struct sockaddr_in));
}

static void set_options(struct socket *sock)
{
	int one = 1, none = 0;

	sock->sk->sk_allocation = GFP_ATOMIC;
	sock->sk->sk_sndbuf = INT_MAX;
	sock->sk->sk_rcvbuf = RECEIVE_BUFFER;
	/* Best effort: without the first there are no super-packets, the other must not be on. */
	(void)sock->ops->setsockopt(sock, SOL_UDP, UDP_GRO, KERNEL_SOCKPTR(&one), sizeof(one));
	(void)sock_setsockopt(sock, SOL_SOCKET, SO_BUSY_POLL, KERNEL_SOCKPTR(&none), sizeof(none));
}

static int open_one(struct net *net, int family, u16 port, struct socket **out)
{
	struct socket *sock;
	int ret = sock_create_kern(net, family, SOCK_DGRAM, IPPROTO_UDP, &sock);

	if (ret < 0)
		return ret;
	set_options(sock);
	if (family == AF_INET6)
		ret = ip6_sock_set_v6only(sock->sk);
	if (ret >= 0)
		ret = bind_to(sock, family, port);
	if (ret < 0)
		sock_release(sock);
	else
		*out = sock;
	return ret;
}

static u16 port_of(const struct sock *sk)
{
	return ntohs(inet_sk(sk)->inet_sport);
}

static int open_pair(struct net *net, u16 port, struct pair *p)
{
	int ret = open_one(net, AF_INET, port, &p->four);

	p->six = NULL;
	if (ret < 0 || !IS_ENABLED(CONFIG_IPV6))
		return ret;
	ret = open_one(net, AF_INET6, port_of(p->four->sk), &p->six);
	if (ret == -EAFNOSUPPORT)
		return 0;
	if (ret < 0)
		sock_release(p->four);
	return ret;
}

static void begin(struct wg_device *wg, struct socket *sock)
{
	if (!sock)
		return;
	write_lock_bh(&sock->sk->sk_callback_lock);
	rcu_assign_sk_user_data(sock->sk, wg);
	sock->sk->sk_data_ready = data_ready;
	write_unlock_bh(&sock->sk->sk_callback_lock);
}

static void end(struct sock *sk)
{
	if (!sk)
		return;
	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

static void release(struct sock *sk)
{
	if (sk)
		sock_release(sk->sk_socket);
}

/* The new ones begin when the old ones have ended: both use the same bits of `draining`. */
static void replace(struct wg_device *wg, const struct pair *p)
{
	struct sock *four = rcu_replace_pointer(wg->sock4, p->four ? p->four->sk : NULL,
						lockdep_is_held(&wg->update_lock));
	struct sock *six = rcu_replace_pointer(wg->sock6, p->six ? p->six->sk : NULL,
					       lockdep_is_held(&wg->update_lock));

	end(four);
	end(six);
	if (four || six)
		synchronize_net();
	release(four);
	release(six);
	begin(wg, p->four);
	begin(wg, p->six);
}

static bool is_open_at(const struct wg_device *wg, u16 port)
{
	const struct sock *sk =
		rcu_dereference_protected(wg->sock4, lockdep_is_held(&wg->update_lock));

	return sk && port && port_of(sk) == port;
}

static struct net *birth_net(struct wg_device *wg)
{
	struct net *net;

	rcu_read_lock();
	net = rcu_dereference(wg->birth_net);
	if (net)
		net = maybe_get_net(net);
	rcu_read_unlock();
	return net;
}

int wg_socket_open(struct wg_device *wg, u16 port)
{
	struct net *net;
	struct pair p;
	int ret, tries = 0;

	if (is_open_at(wg, port))
		return 0;
	net = birth_net(wg);
	if (!net)
		return -ENONET;
	/* A port that the kernel chose for IPv4 may be taken for IPv6. */
	do
		ret = open_pair(net, port, &p);
	while (ret == -EADDRINUSE && !port && ++tries < PORT_TRIES);
	put_net(net);
	if (ret < 0)
		return ret;
	wg->listen_port = port_of(p.four->sk);
	replace(wg, &p);
	return 0;
}

void wg_socket_close(struct wg_device *wg)
{
	static const struct pair none;

	replace(wg, &none);
}

/* The checksum is computed where the packet leaves, or is cut. The caller puts the sum of the
 * addresses where it will be. */
static struct udphdr *push_udp(struct sk_buff *skb, const struct sock *sk, __be16 to)
{
	struct udphdr *uh = skb_push(skb, sizeof(*uh));

	skb_reset_transport_header(skb);
	uh->source = inet_sk(sk)->inet_sport;
	uh->dest = to;
	uh->len = htons(skb->len);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	if (skb_is_gso(skb))
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	return uh;
}

static void push_ipv4(struct sk_buff *skb, struct rtable *rt, const struct flowi4 *fl, u8 ds)
{
	struct iphdr *ip = skb_push(skb, sizeof(*ip));

	skb_reset_network_header(skb);
	skb_dst_set(skb, &rt->dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tos = ds,
		.ttl = ip4_dst_hoplimit(&rt->dst),
		.protocol = IPPROTO_UDP,
		.saddr = fl->saddr,
		.daddr = fl->daddr,
	};
	__ip_select_ident(dev_net(rt->dst.dev), ip, skb_shinfo(skb)->gso_segs ?: 1);
}

static struct rtable *route4(struct wg_device *wg, struct sock *sk, const struct wg_endpoint *e,
			     struct flowi4 *fl)
{
	*fl = (struct flowi4){
		.saddr = e->src4.s_addr,
		.daddr = e->addr4.sin_addr.s_addr,
		.fl4_sport = inet_sk(sk)->inet_sport,
		.fl4_dport = e->addr4.sin_port,
		.flowi4_mark = READ_ONCE(wg->fwmark),
		.flowi4_proto = IPPROTO_UDP,
	};
	/* Fails where the source is no address of ours. */
	return ip_route_output_flow(sock_net(sk), fl, sk);
}

static struct rtable *find_route4(struct wg_device *wg, struct sock *sk, struct wg_endpoint *e,
				  struct flowi4 *fl)
{
	struct rtable *rt = route4(wg, sk, e, fl);

	if (!e->src4.s_addr || (!IS_ERR(rt) && rt->dst.dev->ifindex == e->src_ifindex4))
		return rt;
	if (!IS_ERR(rt))
		ip_rt_put(rt);
	wg_endpoint_forget_source(e);
	return route4(wg, sk, e, fl);
}

/* Not less than 0, whatever became of it: the packet is taken over. */
static int is_lost(int xmit)
{
	return net_xmit_eval(xmit) != 0;
}

static int send4(struct wg_device *wg, struct sock *sk, struct sk_buff *skb, struct wg_endpoint *e,
		 u8 ds)
{
	struct flowi4 fl;
	struct rtable *rt = find_route4(wg, sk, e, &fl);
	struct udphdr *uh;

	if (IS_ERR(rt))
		return PTR_ERR(rt);
	if (rt->dst.dev == wg->dev) {
		ip_rt_put(rt);
		return -ELOOP;
	}
	uh = push_udp(skb, sk, e->addr4.sin_port);
	uh->check = ~udp_v4_check(skb->len, fl.saddr, fl.daddr, 0);
	push_ipv4(skb, rt, &fl, ds);
	return is_lost(ip_local_out(sock_net(sk), sk, skb));
}

static void push_ipv6(struct sk_buff *skb, struct dst_entry *dst, const struct flowi6 *fl, u8 ds)
{
	u32 len = skb->len;
	struct ipv6hdr *ip = skb_push(skb, sizeof(*ip));

	skb_reset_network_header(skb);
	skb_dst_set(skb, dst);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	ip6_flow_hdr(ip, ds, 0);
	ip->payload_len = htons(len);
	ip->nexthdr = IPPROTO_UDP;
	ip->hop_limit = ip6_dst_hoplimit(dst);
	ip->saddr = fl->saddr;
	ip->daddr = fl->daddr;
}

static struct dst_entry *route6(struct wg_device *wg, struct sock *sk, const struct wg_endpoint *e,
				struct flowi6 *fl)
{
	*fl = (struct flowi6){
		.saddr = e->src6,
		.daddr = e->addr6.sin6_addr,
		.fl6_sport = inet_sk(sk)->inet_sport,
		.fl6_dport = e->addr6.sin6_port,
		.flowi6_oif = e->addr6.sin6_scope_id,
		.flowi6_mark = READ_ONCE(wg->fwmark),
		.flowi6_proto = IPPROTO_UDP,
	};
	return ip6_dst_lookup_flow(sock_net(sk), sk, fl, NULL);
}

static struct dst_entry *find_route6(struct wg_device *wg, struct sock *sk, struct wg_endpoint *e,
				     struct flowi6 *fl)
{
	struct dst_entry *dst;

	if (!ipv6_addr_any(&e->src6) && !ipv6_chk_addr(sock_net(sk), &e->src6, NULL, 0))
		wg_endpoint_forget_source(e);
	dst = route6(wg, sk, e, fl);
	if (!IS_ERR(dst) || ipv6_addr_any(&e->src6))
		return dst;
	wg_endpoint_forget_source(e);
	return route6(wg, sk, e, fl);
}

static int send6(struct wg_device *wg, struct sock *sk, struct sk_buff *skb, struct wg_endpoint *e,
		 u8 ds)
{
	struct flowi6 fl;
	struct dst_entry *dst;
	struct udphdr *uh;

	if (!IS_ENABLED(CONFIG_IPV6))
		return -EAFNOSUPPORT;
	dst = find_route6(wg, sk, e, &fl);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (dst->dev == wg->dev) {
		dst_release(dst);
		return -ELOOP;
	}
	uh = push_udp(skb, sk, e->addr6.sin6_port);
	uh->check = ~udp_v6_check(skb->len, &fl.saddr, &fl.daddr, 0);
	push_ipv6(skb, dst, &fl, ds);
	return is_lost(ip6_local_out(sock_net(sk), sk, skb));
}

/* Less than 0: the packet is still the caller's. Under RCU. */
static int send(struct wg_device *wg, struct sk_buff *skb, struct wg_endpoint *e, u8 ds)
{
	bool six = e->addr.sa_family == AF_INET6;
	struct sock *sk = six ? rcu_dereference(wg->sock6) : rcu_dereference(wg->sock4);

	if (e->addr.sa_family == AF_UNSPEC)
		return -EDESTADDRREQ;
	if (!sk)
		return -ENONET;
	if (skb->len > PAYLOAD_MAX)
		return -EMSGSIZE;
	skb_scrub_packet(skb, true);
	skb->mark = READ_ONCE(wg->fwmark);
	skb->ignore_df = 1; /* too large ones are cut in pieces */
	return six ? send6(wg, sk, skb, e, ds) : send4(wg, sk, skb, e, ds);
}

int wg_socket_send(struct wg_device *wg, struct sk_buff *skb, struct wg_endpoint *e, u8 ds)
{
	int ret;

	rcu_read_lock();
	ret = send(wg, skb, e, ds);
	rcu_read_unlock();
	if (ret < 0)
		kfree_skb(skb);
	return ret > 0 ? -ENOBUFS : ret;
}

/* Somebody may have changed it meanwhile. */
static void keep_forgotten(struct wg_peer *peer, const struct wg_endpoint *was,
			   const struct wg_endpoint *is)
{
	if (!wg_endpoint_equal(was, is) && wg_endpoint_equal(was, &peer->endpoint))
		peer->endpoint = *is;
}

int wg_socket_send_peer(struct wg_peer *peer, struct sk_buff *skb, u8 ds)
{
	struct wg_endpoint was, to;
	u32 messages = skb_shinfo(skb)->gso_segs ?: 1, len = skb->len;
	int ret;

	spin_lock_bh(&peer->lock);
	was = to = peer->endpoint;
	spin_unlock_bh(&peer->lock);
	ret = wg_socket_send(peer->device, skb, &to, ds);
	spin_lock_bh(&peer->lock);
	keep_forgotten(peer, &was, &to);
	if (ret == 0)
		wg_peer_count_sent(peer, messages, len);
	spin_unlock_bh(&peer->lock);
	return ret;
}

int wg_socket_send_message(struct wg_device *wg, const struct wg_endpoint *to, const u8 *message,
			   size_t len)
{
	struct sk_buff *skb = alloc_skb(WG_SOCKET_HEADROOM + len, GFP_ATOMIC);
	struct wg_endpoint e = *to;
	int ret;

	if (!skb)
		return -ENOMEM;
	skb_reserve(skb, WG_SOCKET_HEADROOM);
	skb_put_data(skb, message, len);
	local_bh_disable();
	ret = wg_socket_send(wg, skb, &e, HANDSHAKE_DS);
	local_bh_enable();
	return ret;
}

void wg_socket_roam(struct wg_peer *peer, const struct wg_endpoint *from)
{
	/* Most often it is where it was: nothing is written then. */
	if (!wg_endpoint_equal(&peer->endpoint, from))
		peer->endpoint = *from;
}

// SPDX-License-Identifier: GPL-2.0
#include "nesting.h"
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "../core/messages.h"

static DEFINE_PER_CPU(struct wg_nesting_note, transmitting);

static struct rhashtable sessions;

static const struct rhashtable_params session_params = {
	.key_len = sizeof(u32),
	.key_offset = offsetof(struct wg_nesting_session, remote_index),
	.head_offset = offsetof(struct wg_nesting_session, node),
	.automatic_shrinking = true,
};

int wg_nesting_init(void)
{
	return rhashtable_init(&sessions, &session_params);
}

void wg_nesting_exit(void)
{
	rhashtable_destroy(&sessions);
}

void wg_nesting_add(struct wg_nesting_session *s, u32 remote_index, struct wg_nesting *peer)
{
	s->remote_index = remote_index;
	if (!rhashtable_lookup_insert_fast(&sessions, &s->node, session_params))
		s->peer = peer;
}

void wg_nesting_remove(struct wg_nesting_session *s)
{
	if (s->peer)
		rhashtable_remove_fast(&sessions, &s->node, session_params);
}

/* A depth that nothing confirmed for a second is forgotten: the routes may have changed. */
static u8 recent_depth(const struct wg_nesting *n)
{
	u8 depth = READ_ONCE(n->depth);

	return depth && time_before(jiffies, READ_ONCE(n->seen) + HZ) ? depth : 0;
}

/* Returns where the UDP header of a packet is; 0 if it has none: it is of another protocol, or a
 * fragment other than the first. IPv6 extension headers other than a fragment's are not looked
 * through; this module sends none. */
static int find_udp(const struct sk_buff *skb)
{
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} buf;
	struct frag_hdr frag_buf;
	const struct frag_hdr *frag;
	const struct ipv6hdr *ip6;
	const struct iphdr *ip;

	if (skb->protocol == htons(ETH_P_IP)) {
		ip = skb_header_pointer(skb, 0, sizeof(*ip), &buf.v4);
		return ip && ip->protocol == IPPROTO_UDP && !(ip->frag_off & htons(IP_OFFSET)) ?
			       ip->ihl * 4 : 0;
	}
	ip6 = skb_header_pointer(skb, 0, sizeof(*ip6), &buf.v6);
	if (ip6 && ip6->nexthdr == IPPROTO_UDP)
		return sizeof(*ip6);
	if (!ip6 || ip6->nexthdr != NEXTHDR_FRAGMENT)
		return 0;
	frag = skb_header_pointer(skb, sizeof(*ip6), sizeof(*frag), &frag_buf);
	return frag && frag->nexthdr == IPPROTO_UDP && !(frag->frag_off & htons(IP6_OFFSET)) ?
		       sizeof(*ip6) + sizeof(*frag) : 0;
}

/* Returns how often a packet was encapsulated by this module, as far as its outermost layer
 * shows. */
static u8 shown_depth(const struct sk_buff *skb)
{
	const struct wg_nesting_session *s;
	const struct wg_message_data *m;
	u8 buf[sizeof(*m)], depth = 0;
	int at = find_udp(skb);
	u32 index;

	m = at ? skb_header_pointer(skb, at + (int)sizeof(struct udphdr), sizeof(*m), buf) : NULL;
	if (!m || wg_load_le32(m->type) != WG_MESSAGE_DATA)
		return 0;
	index = wg_load_le32(m->receiver);
	rcu_read_lock();
	s = rhashtable_lookup(&sessions, &index, session_params);
	/* The session may be about to be added. */
	if (s && READ_ONCE(s->peer))
		depth = recent_depth(READ_ONCE(s->peer)) + 1;
	rcu_read_unlock();
	return depth;
}

/* With PREEMPT_RT another task may transmit in between on the same processor; the note is not about
 * its packets. */
int wg_nesting_enter(struct wg_nesting *n, const struct sk_buff *skb)
{
	const struct wg_nesting_note *note = this_cpu_ptr(&transmitting);
	u8 depth = max_t(u8, note->task == current ? note->depth : 0, shown_depth(skb));

	if (depth >= WG_NESTING_MAX)
		return -ELOOP;
	if (depth >= recent_depth(n) && (depth || READ_ONCE(n->depth))) {
		WRITE_ONCE(n->seen, jiffies);
		WRITE_ONCE(n->depth, depth);
	}
	return 0;
}

struct wg_nesting_note wg_nesting_begin(const struct wg_nesting *n)
{
	struct wg_nesting_note *note = this_cpu_ptr(&transmitting), previous = *note;

	note->depth = (n ? recent_depth(n) : 0) + 1;
	note->task = current;
	return previous;
}

/* Another task's note, which stood here when this one began, may be out of date: that task may have
 * ended its transmission without finding its note. */
void wg_nesting_end(struct wg_nesting_note previous)
{
	struct wg_nesting_note *note = this_cpu_ptr(&transmitting);

	if (note->task != current)
		return;
	*note = previous.task == current ? previous : (struct wg_nesting_note){};
}

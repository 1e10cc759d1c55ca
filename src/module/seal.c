// SPDX-License-Identifier: GPL-2.0
/* Plain packets become outer packets. Each segment is written, with its checksum, to where it is
 * sealed. Messages of one length, with one shorter one behind them, become one UDP super-packet.
 * Their memory comes from large pieces, so that 64 of them are few fragments.
 *
 * A sealed packet keeps its sk_buff: the data are exchanged, and the owner, its charge, the hash of
 * the flow and the request for time stamps stay. So the sender has what it sent on its account
 * until the outer packet is freed, and queues below see the inner flow. Several packets become one
 * outer packet only if they are of one flow and one owner, who can be charged for the sum. */
#include <linux/if_vlan.h>
#include <linux/mm.h>
#include <net/sock.h>
#include <net/tcp.h>
#include "../core/messages.h"
#include "aead.h"
#include "device.h"
#include "keypair.h"
#include "send.h"
#include "socket.h"

#define ALIGNMENT 16
/* This many outer packets of other flows are looked at for one of the same flow. */
#define LOOK_BACK 8

/* Sealed messages, one behind the other. All but the last have `size` bytes, which has at most
 * that. */
struct messages {
	u32 count, size, len;
	u32 nr_frags;
	struct {
		struct page *page; /* a reference */
		u32 offset, len;
	} frags[MAX_SKB_FRAGS];
};

/* Makes room for `len` bytes in one piece, at f->offset. */
static bool find_room(struct page_frag *f, u32 len)
{
	/* Pages that nobody else has any more are warm: they come first, whatever their size. */
	if (skb_page_frag_refill(len, f, GFP_ATOMIC | __GFP_NOWARN) && f->offset + len <= f->size)
		return true;
	if (f->page)
		put_page(f->page);
	f->page = alloc_pages(GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN, get_order(len));
	f->offset = 0;
	f->size = f->page ? (u32)page_size(f->page) : 0;
	return f->page;
}

static bool messages_take(const struct messages *m, u32 len)
{
	return !m->count || (len <= m->size && m->len == m->count * m->size &&
			     m->count < WG_BATCH_SEGMENTS && m->len + len <= WG_BATCH_BYTES &&
			     m->nr_frags < MAX_SKB_FRAGS);
}

/* The message that is written to f->offset. */
static void add_message(struct messages *m, struct page_frag *f, u32 len)
{
	u32 n = m->nr_frags;

	if (n && m->frags[n - 1].page == f->page &&
	    m->frags[n - 1].offset + m->frags[n - 1].len == f->offset) {
		m->frags[n - 1].len += len;
	} else {
		get_page(f->page);
		m->frags[n].page = f->page;
		m->frags[n].offset = f->offset;
		m->frags[n].len = len;
		m->nr_frags++;
	}
	if (!m->count++)
		m->size = len;
	m->len += len;
	f->offset += len;
}

static void put_messages(struct messages *m)
{
	for (u32 i = 0; i < m->nr_frags; i++)
		put_page(m->frags[i].page);
	*m = (struct messages){};
}

/* Appends the messages to an outer packet, which has room for them. The truesize of a packet that
 * somebody was charged for stays what it is. */
static void move_messages(struct messages *m, struct sk_buff *outer)
{
	struct wg_gso *s = &wg_send_cb(outer)->gso;

	for (u32 i = 0; i < m->nr_frags; i++) {
		int n = skb_shinfo(outer)->nr_frags;
		u32 len = m->frags[i].len, truesize = outer->destructor ? 0 : len;

		if (skb_can_coalesce(outer, n, m->frags[i].page, (int)m->frags[i].offset)) {
			skb_coalesce_rx_frag(outer, n - 1, (int)len, truesize);
			put_page(m->frags[i].page);
		} else {
			skb_add_rx_frag(outer, n, m->frags[i].page, (int)m->frags[i].offset,
					(int)len, truesize);
		}
	}
	if (!s->count)
		s->size = m->size;
	s->count = (u16)(s->count + m->count);
	if (s->count > 1) {
		skb_shinfo(outer)->gso_size = (u16)s->size;
		skb_shinfo(outer)->gso_segs = (u16)s->count;
	}
	*m = (struct messages){};
}

/* Writes and seals the i-th segment at f->offset. Returns its length; 0: there is no memory, or the
 * packet cannot be read. */
static u32 seal_segment(struct wg_crypt_batch *t, struct sk_buff *skb, u32 i, struct page_frag *f)
{
	const struct wg_send_cb *cb = wg_send_cb(skb);
	const struct wg_keypair *k = &t->keypair->pair;
	u32 plain = wg_gso_segment_len(&cb->gso, i);
	u32 padded = (u32)wg_message_padded(plain, cb->mtu), len = padded + WG_DATA_OVERHEAD;
	struct wg_message_data *m;
	u8 *payload;

	if (!find_room(f, len))
		return 0;
	m = page_address(f->page) + f->offset;
	payload = (u8 *)(m + 1);
	if (!wg_segment_write(&cb->gso, skb, i, payload))
		return 0;
	memset(payload + plain, 0, padded - plain);
	wg_store_le32(m->type, WG_MESSAGE_DATA);
	wg_store_le32(m->receiver, k->remote_index);
	wg_store_le64(m->counter, cb->counter + i);
	wg_aead_seal(payload, payload, padded, NULL, 0, cb->counter + i, k->send_key);
	return len;
}

/* TCP's destructor is not exported. Its packets that are not to be cut, such as mere
 * acknowledgements, have others. */
static bool is_charged_to_tcp(const struct sk_buff *skb)
{
	return skb->sk && skb->destructor && skb->destructor != sock_wfree &&
	       skb->destructor != sock_efree &&
	       skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6) && sk_fullsock(skb->sk) &&
	       skb->sk->sk_protocol == IPPROTO_TCP;
}

/* Makes an outer packet of an empty one. Of the inner packet's state only the hash of its flow goes
 * on. The rest would be believed about the outer one: that it was redirected, that its neighbour
 * answers, where its inner headers are, which queue it is for. */
static void init_outer(struct sk_buff *skb, u8 ds)
{
	u32 hash = skb->hash;
	u8 l4_hash = skb->l4_hash, sw_hash = skb->sw_hash;

	skb_gso_reset(skb);
	compat_skb_clear_headers(skb);
	skb->hash = hash;
	skb->l4_hash = l4_hash;
	skb->sw_hash = sw_hash;
	skb_unset_mac_header(skb);
	if (skb_tailroom(skb) && skb_headroom(skb) < WG_SOCKET_HEADROOM)
		skb_reserve(skb, min_t(int, skb_tailroom(skb),
				       WG_SOCKET_HEADROOM - (int)skb_headroom(skb)));
	*wg_send_cb(skb) = (struct wg_send_cb){.ds = ds};
}

/* Makes an outer packet for messages that are not the last ones of `skb`. It takes over a part of
 * the owner's charge for `skb`. TCP's own destructor stays with the last part; sock_wfree() is the
 * one that the kernel hands on to each datagram when it cuts an outer super-packet. NULL: no
 * memory. */
static struct sk_buff *new_part(struct sk_buff *skb, const struct messages *m)
{
	const struct wg_send_cb *cb = wg_send_cb(skb);
	struct sk_buff *part = alloc_skb(WG_SOCKET_HEADROOM, GFP_ATOMIC | __GFP_NOWARN);
	u32 share = (u32)((u64)skb->truesize * m->count / cb->gso.count);

	if (!part)
		return NULL;
	skb_copy_header(part, skb);
	init_outer(part, cb->ds);
	if ((skb->destructor == sock_wfree || is_charged_to_tcp(skb)) && share &&
	    share < skb->truesize) {
		part->sk = skb->sk;
		part->destructor = sock_wfree;
		part->truesize = share;
		skb->truesize -= share;
	}
	return part;
}

/* Empties the packet, for sealed messages in place of its data. The pages of a sender who has lent
 * them are given back. Returns false if there is no memory; then nothing can be done with the
 * packet but free it. */
static bool become_outer(struct sk_buff *skb, u8 ds)
{
	/* Clones share the fragments; of a linear packet, trimming would not unshare them. */
	if (skb_unclone(skb, GFP_ATOMIC) || pskb_trim(skb, 0))
		return false;
	skb_zcopy_clear(skb, true);
	init_outer(skb, ds);
	return skb_headroom(skb) >= WG_SOCKET_PUSHED ||
	       !pskb_expand_head(skb, WG_SOCKET_HEADROOM, 0, GFP_ATOMIC);
}

/* Returns whether two packets may be one as far as others can tell. */
static bool is_same_flow(const struct sk_buff *outer, const struct sk_buff *skb)
{
	return outer->hash == skb->hash && outer->sk == skb->sk &&
	       outer->destructor == skb->destructor && outer->tstamp == skb->tstamp &&
	       wg_send_cb(outer)->ds == wg_send_cb(skb)->ds;
}

/* Joins the messages of `skb` to an outer packet of the same flow, which is then charged for both.
 * An owner who is not UDP, and time stamps, are for one packet each. */
static bool join_outer(struct sk_buff_head *done, struct sk_buff *skb, struct messages *m)
{
	struct sk_buff *outer;
	int left = LOOK_BACK;

	if ((skb->destructor && skb->destructor != sock_wfree) ||
	    skb_shinfo(skb)->tx_flags & SKBTX_ANY_TSTAMP)
		return false;
	skb_queue_reverse_walk(done, outer) {
		const struct wg_gso *s = &wg_send_cb(outer)->gso;

		if (!is_same_flow(outer, skb)) {
			if (--left)
				continue;
			return false;
		}
		if (m->size > s->size || (m->count > 1 && m->size != s->size) ||
		    outer->len != s->count * s->size || s->count + m->count > WG_BATCH_SEGMENTS ||
		    outer->len + m->len > WG_BATCH_BYTES ||
		    skb_shinfo(outer)->nr_frags + m->nr_frags > MAX_SKB_FRAGS ||
		    skb_shinfo(outer)->tx_flags & SKBTX_ANY_TSTAMP)
			return false;
		move_messages(m, outer);
		if (skb->destructor) {
			outer->truesize += skb->truesize;
			skb->destructor = NULL;
			skb->sk = NULL;
		}
		return true;
	}
	return false;
}

/* Makes an outer packet of the messages of `skb` so far, none of which is the last. */
static void push_part(struct sk_buff_head *done, struct sk_buff *skb, struct messages *m, u32 *lost)
{
	struct sk_buff *part = m->count ? new_part(skb, m) : NULL;

	if (part) {
		move_messages(m, part);
		__skb_queue_tail(done, part);
	} else {
		*lost += m->count;
		put_messages(m);
	}
}

/* Takes over the packet. Returns how many messages were lost for want of memory. */
static u32 seal_packet(struct wg_crypt_batch *t, struct sk_buff *skb, struct page_frag *f,
		       struct sk_buff_head *done)
{
	u32 count = wg_send_cb(skb)->gso.count, lost = 0;
	/* When a queue below cuts an outer super-packet, TCP's destructor would run at once, and
	 * TCP would believe that all has left. So the last message is an outer packet by itself,
	 * with that destructor. */
	bool last_alone = count > 1 && is_charged_to_tcp(skb);
	bool singly = READ_ONCE(t->keypair->peer->singly);
	struct messages m = {};

	/* A small packet follows the one before it, so that both can be in one fragment. */
	if (count > 1 || skb_queue_empty(done))
		f->offset = ALIGN(f->offset, ALIGNMENT);
	for (u32 i = 0; i < count; i++) {
		u32 len = seal_segment(t, skb, i, f);

		if (!len) {
			lost++;
			continue;
		}
		if (singly || !messages_take(&m, len) || (last_alone && i + 1 == count))
			push_part(done, skb, &m, &lost);
		add_message(&m, f, len);
	}
	if (m.count && !singly && lost + m.count == count && join_outer(done, skb, &m)) {
		consume_skb(skb);
	} else if (m.count && become_outer(skb, wg_send_cb(skb)->ds)) {
		move_messages(&m, skb);
		__skb_queue_tail(done, skb);
	} else {
		lost += m.count;
		put_messages(&m);
		kfree_skb(skb);
	}
	return lost;
}

void wg_send_seal(struct wg_crypt_batch *t, struct page_frag *frag)
{
	struct sk_buff_head done;
	struct sk_buff *skb;
	u32 lost = 0;

	__skb_queue_head_init(&done);
	while ((skb = __skb_dequeue(&t->packets)))
		lost += seal_packet(t, skb, frag, &done);
	if (lost)
		DEV_STATS_ADD(t->queue->device->dev, tx_dropped, lost);
	skb_queue_splice(&done, &t->packets);
}

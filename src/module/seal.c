// SPDX-License-Identifier: GPL-2.0
/* Each segment is written, with its checksum, to where it is sealed. Messages of one length, with
 * one shorter one behind them, become one UDP super-packet. Their memory comes from large pieces,
 * so that 64 of them are few fragments. */
#include <linux/mm.h>
#include "../core/messages.h"
#include "aead.h"
#include "device.h"
#include "keys.h"
#include "segment.h"
#include "send.h"
#include "socket.h"

#define PIECE_ORDER 3 /* pages come without delay up to this order */
#define ALIGNMENT   16

struct run {
	struct wg_train *train;
	struct page_frag *frag;
	struct sk_buff_head done;
	struct sk_buff *outer; /* NULL: none was begun */
	u32 size, count;       /* of its messages: the length of the first */
	u64 counter;	       /* of the packet at hand */
};

static struct page *new_page(unsigned int order, unsigned int least)
{
	struct page *p = NULL;

	if (order > least)
		p = alloc_pages(GFP_NOWAIT | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY, order);
	return p ?: alloc_pages(GFP_ATOMIC | __GFP_COMP | __GFP_NOWARN, least);
}

/* Makes room for `len` bytes in one piece. Pages that nobody else has any more are warm: they come
 * first. */
static bool refill(struct page_frag *f, u32 len)
{
	unsigned int least = get_order(len);

	if (f->page && page_ref_count(f->page) == 1 && len <= f->size) {
		f->offset = 0;
		return true;
	}
	if (f->page)
		put_page(f->page);
	f->offset = 0;
	f->page = new_page(PIECE_ORDER, least);
	f->size = f->page ? (u32)page_size(f->page) : 0;
	return f->page;
}

static u8 *find_room(struct page_frag *f, u32 len)
{
	if ((!f->page || f->offset + len > f->size) && !refill(f, len))
		return NULL;
	return (u8 *)page_address(f->page) + f->offset;
}

static void end_outer(struct run *r)
{
	struct sk_buff *skb = r->outer;

	r->outer = NULL;
	if (!skb)
		return;
	if (!r->count) {
		kfree_skb(skb);
		return;
	}
	if (r->count > 1) {
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
		skb_shinfo(skb)->gso_size = (u16)r->size;
		skb_shinfo(skb)->gso_segs = (u16)r->count;
	}
	__skb_queue_tail(&r->done, skb);
}

static bool begin_outer(struct run *r, u32 len, u8 ds)
{
	struct sk_buff *skb = alloc_skb(WG_SOCKET_HEADROOM, GFP_ATOMIC);

	if (!skb)
		return false;
	skb_reserve(skb, WG_SOCKET_HEADROOM);
	*wg_send_cb(skb) = (struct wg_send_cb){.ds = ds};
	r->outer = skb;
	r->size = len;
	r->count = 0;
	r->frag->offset = min_t(u32, ALIGN(r->frag->offset, ALIGNMENT), r->frag->size);
	return true;
}

static bool takes(const struct run *r, u32 len, u8 ds)
{
	struct sk_buff *skb = r->outer;

	return skb && wg_send_cb(skb)->ds == ds && len <= r->size && skb->len % r->size == 0 &&
	       r->count < WG_TRAIN_SEGMENTS && skb->len + len <= WG_TRAIN_BYTES &&
	       skb_shinfo(skb)->nr_frags < MAX_SKB_FRAGS;
}

/* Where the next message is to be written. */
static u8 *place(struct run *r, u32 len, u8 ds)
{
	if (!takes(r, len, ds)) {
		end_outer(r);
		if (!begin_outer(r, len, ds))
			return NULL;
	}
	return find_room(r->frag, len);
}

/* It is written. */
static void append(struct run *r, u32 len)
{
	struct sk_buff *skb = r->outer;
	struct page_frag *f = r->frag;
	int n = skb_shinfo(skb)->nr_frags;

	if (skb_can_coalesce(skb, n, f->page, f->offset)) {
		skb_frag_size_add(&skb_shinfo(skb)->frags[n - 1], len);
	} else {
		skb_fill_page_desc(skb, n, f->page, f->offset, len);
		get_page(f->page);
	}
	f->offset += len;
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	r->count++;
}

static bool seal_segment(struct run *r, const struct wg_super *s, u32 i,
			 const struct wg_send_cb *cb)
{
	const struct wg_keypair *k = &r->train->keys->pair;
	u32 plain = wg_segment_len(s, i), padded = (u32)wg_message_padded(plain, cb->mtu);
	u32 len = padded + WG_DATA_OVERHEAD;
	u8 *m = place(r, len, cb->ds), *payload;

	if (!m)
		return false;
	payload = m + WG_DATA_HEADER_LEN;
	if (!wg_segment_write(s, i, payload))
		return false;
	memset(payload + plain, 0, padded - plain);
	wg_store_le32(m, WG_MESSAGE_DATA);
	wg_store_le32(m + 4, k->remote_index);
	wg_store_le64(m + 8, r->counter + i);
	wg_aead_seal(payload, payload, padded, r->counter + i, k->send_key);
	append(r, len);
	return true;
}

static void seal_packet(struct run *r, struct sk_buff *skb)
{
	struct wg_send_cb cb = *wg_send_cb(skb);
	u32 sealed = 0, i;
	struct wg_super s;

	if (wg_segment_begin(&s, skb) && s.count == cb.segments)
		for (i = 0; i < s.count; i++)
			sealed += seal_segment(r, &s, i, &cb);
	if (sealed < cb.segments)
		DEV_STATS_ADD(r->train->lane->device->dev, tx_dropped, cb.segments - sealed);
	r->counter += cb.segments;
	consume_skb(skb);
}

void wg_send_seal(struct wg_train *t, struct page_frag *frag)
{
	struct run r = {.train = t, .frag = frag, .counter = t->counter};
	struct sk_buff *skb;

	__skb_queue_head_init(&r.done);
	while ((skb = __skb_dequeue(&t->packets)))
		seal_packet(&r, skb);
	end_outer(&r);
	skb_queue_splice(&r.done, &t->packets);
}

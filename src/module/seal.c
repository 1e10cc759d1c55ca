// SPDX-License-Identifier: GPL-2.0
/* Each segment is written, with its checksum, to where it is sealed. Messages of one length, with
 * one shorter one behind them, become one UDP super-packet. Their memory comes from large pieces,
 * so that 64 of them are few fragments. */
#include <linux/mm.h>
#include "../core/messages.h"
#include "aead.h"
#include "device.h"
#include "send.h"
#include "socket.h"

#define ALIGNMENT 16

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

static bool takes(const struct sk_buff *outer, u32 len, u8 ds)
{
	const struct wg_send_cb *cb = outer ? wg_send_cb(outer) : NULL;

	return cb && cb->ds == ds && len <= cb->super.size &&
	       outer->len == cb->super.count * cb->super.size &&
	       cb->super.count < WG_BATCH_SEGMENTS && outer->len + len <= WG_BATCH_BYTES &&
	       skb_shinfo(outer)->nr_frags < MAX_SKB_FRAGS;
}

static struct sk_buff *new_outer(struct sk_buff_head *done, u32 len, u8 ds)
{
	struct sk_buff *outer = alloc_skb(WG_SOCKET_HEADROOM, GFP_ATOMIC);

	if (!outer)
		return NULL;
	skb_reserve(outer, WG_SOCKET_HEADROOM);
	*wg_send_cb(outer) = (struct wg_send_cb){.super.size = len, .ds = ds};
	__skb_queue_tail(done, outer);
	return outer;
}

/* The message that is written to f->offset. */
static void append(struct sk_buff *outer, struct page_frag *f, u32 len)
{
	struct wg_gso *s = &wg_send_cb(outer)->super;
	int n = skb_shinfo(outer)->nr_frags;

	if (skb_can_coalesce(outer, n, f->page, f->offset)) {
		skb_coalesce_rx_frag(outer, n - 1, len, len);
	} else {
		get_page(f->page);
		skb_add_rx_frag(outer, n, f->page, f->offset, len, len);
	}
	f->offset += len;
	if (++s->count > 1) {
		skb_shinfo(outer)->gso_size = (u16)s->size;
		skb_shinfo(outer)->gso_segs = (u16)s->count;
	}
}

static bool seal_segment(struct wg_crypt_batch *t, struct sk_buff *skb, u32 i, struct page_frag *f,
			 struct sk_buff_head *done)
{
	const struct wg_send_cb *cb = wg_send_cb(skb);
	const struct wg_keypair *k = &t->keys->pair;
	u32 plain = wg_gso_segment_len(&cb->super, i);
	u32 padded = (u32)wg_message_padded(plain, cb->mtu), len = padded + WG_DATA_OVERHEAD;
	struct sk_buff *outer = skb_peek_tail(done);
	struct wg_message_data *m;
	u8 *payload;

	if (!takes(outer, len, cb->ds)) {
		outer = NULL;
		f->offset = ALIGN(f->offset, ALIGNMENT);
	}
	if (!find_room(f, len))
		return false;
	m = page_address(f->page) + f->offset;
	payload = (u8 *)(m + 1);
	if (!wg_segment_write(&cb->super, skb, i, payload))
		return false;
	memset(payload + plain, 0, padded - plain);
	wg_store_le32(m->type, WG_MESSAGE_DATA);
	wg_store_le32(m->receiver, k->remote_index);
	wg_store_le64(m->counter, cb->counter + i);
	wg_aead_seal(payload, payload, padded, NULL, 0, cb->counter + i, k->send_key);
	if (!outer)
		outer = new_outer(done, len, cb->ds);
	if (outer)
		append(outer, f, len);
	return outer;
}

void wg_send_seal(struct wg_crypt_batch *t, struct page_frag *frag)
{
	struct sk_buff_head done;
	struct sk_buff *skb;

	__skb_queue_head_init(&done);
	while ((skb = __skb_dequeue(&t->packets))) {
		u32 i, lost = 0;

		for (i = 0; i < wg_send_cb(skb)->super.count; i++)
			lost += !seal_segment(t, skb, i, frag, &done);
		if (lost)
			DEV_STATS_ADD(t->queue->device->dev, tx_dropped, lost);
		consume_skb(skb);
	}
	skb_queue_splice(&done, &t->packets);
}

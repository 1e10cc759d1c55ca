// SPDX-License-Identifier: GPL-2.0
/* A message is opened from where it lies to a packet of its own. If it lies in several pieces, it
 * is put together first. */
#include "../core/messages.h"
#include "aead.h"
#include "device.h"
#include "keypair.h"
#include "receive.h"

/* Returns `len` bytes at `at`, which never goes back: where they lie, or copied to `out` if they
 * are in several pieces. NULL: there are not so many. */
static const u8 *find_bytes(struct skb_seq_state *state, u32 at, u32 len, u8 *out)
{
	const u8 *piece;
	u32 got;

	for (u32 done = 0; done < len; done += got) {
		got = min(skb_seq_read(at + done, &piece, state), len - done);
		if (!got)
			return NULL;
		if (got == len)
			return piece;
		memcpy(out + done, piece, got);
	}
	return out;
}

/* Returns the inner packet of a message of `len` bytes. NULL: it is not authentic, or there is no
 * memory. */
static struct sk_buff *open_message(struct wg_crypt_batch *t, struct skb_seq_state *s, u32 at, u32 len, u8 ds)
{
	struct sk_buff *skb;
	const u8 *m;
	u64 counter;

	/* From what GRO leaves over, which is warm. It has left room for an Ethernet header to be
	 * followed by an aligned one: there is none. */
	local_bh_disable();
	skb = napi_alloc_skb(&t->queue->device->queues.cpus[smp_processor_id()].napi, len);
	local_bh_enable();
	m = skb ? find_bytes(s, at, len, skb->data - NET_IP_ALIGN) : NULL;
	if (!m)
		goto drop;
	counter = wg_load_le64(m + offsetof(struct wg_message_data, counter));
	skb_reserve(skb, WG_DATA_HEADER_LEN - NET_IP_ALIGN);
	if (!wg_aead_open(skb->data, m + WG_DATA_HEADER_LEN, len - WG_DATA_HEADER_LEN, NULL, 0,
			  counter, t->keypair->pair.receive_key))
		goto drop;
	__skb_put(skb, len - WG_DATA_OVERHEAD);
	*wg_receive_cb(skb) = (struct wg_receive_cb){.counter = counter, .ds = ds};
	return skb;
drop:
	kfree_skb(skb);
	return NULL;
}

static void open_outer(struct wg_crypt_batch *t, struct sk_buff *outer, struct sk_buff_head *inner)
{
	struct wg_receive_cb cb = *wg_receive_cb(outer);
	struct skb_seq_state state;
	struct sk_buff *skb;

	skb_prepare_seq_read(outer, 0, cb.end, &state);
	for (u32 at = cb.begin, len; at < cb.end; at += len) {
		len = min(cb.end - at, cb.size);
		skb = open_message(t, &state, at, len, cb.ds);
		if (skb)
			__skb_queue_tail(inner, skb);
	}
	skb_abort_seq_read(&state);
}

void wg_receive_open(struct wg_crypt_batch *t, struct page_frag *frag)
{
	struct sk_buff_head inner;
	struct sk_buff *skb;

	__skb_queue_head_init(&inner);
	while ((skb = __skb_dequeue(&t->packets))) {
		open_outer(t, skb, &inner);
		consume_skb(skb);
	}
	skb_queue_splice(&inner, &t->packets);
}

// SPDX-License-Identifier: GPL-2.0
/* A batch is in its queue, and until it is claimed in the list of one processor. queue->lock guards
 * all of it until it is claimed; then it is the processor's alone until it is done. */
#include "crypt-queue.h"
#include <linux/cpumask.h>
#include <linux/slab.h>
#include "device.h"
#include "receive.h"
#include "send.h"

/* So far back a batch that is still open is looked for: peers share queues. The others are bytes. */
enum { LOOK_BACK = 8, SMALL = 256, INLINE_MAX = 256 << 10 };

/* A quiet queue is served where it is; a busy one by all processors in turn. */
static unsigned int choose_cpu(const struct wg_crypt_queue *queue)
{
	if (list_is_singular(&queue->in_order))
		return smp_processor_id();
	return cpumask_any_and_distribute(cpu_online_mask, cpu_online_mask);
}

/* With one processor, a batch is worth handing over where it may grow. What is to be sealed and is a
 * batch already is not, nor what is small: that is sealed or opened sooner than handed over. What comes
 * in by the batch is, so that those it is for have their share of the processor. With PREEMPT_RT who has
 * BH off may be preempted, and frag_bh would be for more than one.
 *
 * Many at once, as those that waited for a session, would be long with BH off: the rest waits. */
static bool runs_inline(const struct wg_crypt_queue *queue, const struct sk_buff *skb, u32 segments)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && num_online_cpus() == 1 && queue->bytes < INLINE_MAX &&
	       (skb->len <= SMALL || (segments > 1 && !queue->receiving));
}

/* The last batch of the peer if it can take so much more. */
static struct wg_crypt_batch *find_open(struct wg_crypt_queue *queue, const struct wg_peer_keypair *keys, u32 segments,
				  const struct wg_endpoint *from)
{
	struct wg_crypt_batch *t;
	int left = LOOK_BACK;

	list_for_each_entry_reverse(t, &queue->in_order, in_order) {
		if (t->keys == keys && !t->claimed && t->count + segments <= WG_BATCH_SEGMENTS &&
		    (!from || wg_endpoint_equal(&t->from, from)))
			return t;
		if (t->keys->peer == keys->peer || !--left)
			break;
	}
	return NULL;
}

/* Under queue->lock, so that nobody claims it before it has its first packet. It is claimed already if
 * it is done here. */
static struct wg_crypt_batch *new_batch(struct wg_crypt_queue *queue, struct wg_peer_keypair *keys, bool is_inline,
				  const struct wg_endpoint *from)
{
	struct wg_crypt_batch *t = kmalloc(sizeof(*t), GFP_ATOMIC | __GFP_NOWARN);
	struct wg_crypt_cpu *c;
	unsigned int cpu;

	if (!t)
		return NULL;
	*t = (struct wg_crypt_batch){.queue = queue, .keys = wg_peer_keypair_get(keys), .claimed = is_inline};
	__skb_queue_head_init(&t->packets);
	if (from)
		t->from = *from;
	list_add_tail(&t->in_order, &queue->in_order);
	if (is_inline)
		return t;
	cpu = choose_cpu(queue);
	c = &queue->device->queues.cpus[cpu];
	if (llist_add(&t->to_work, &c->to_work))
		queue_work_on(cpu, queue->device->crypt_wq, &c->work);
	return t;
}

static void process(struct wg_crypt_batch *t, struct page_frag *frag)
{
	struct wg_crypt_queue *queue = t->queue;

	if (queue->receiving)
		wg_receive_open(t);
	else
		wg_send_seal(t, frag);
	/* From then on the batch may be gone at any moment. */
	smp_store_release(&t->done, true);
	/* For the worker the poll runs here and now, and not at some later softirq. */
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
}

bool wg_crypt_queue_add(struct wg_crypt_queue *queue, struct wg_peer_keypair *keys, struct sk_buff *packet, u32 segments,
		 const struct wg_endpoint *from)
{
	struct wg_crypt_batch *t = NULL;
	bool is_inline = false;

	spin_lock(&queue->lock);
	if (queue->bytes + packet->truesize <= WG_CRYPT_QUEUE_BYTES)
		t = find_open(queue, keys, segments, from) ?:
		    new_batch(queue, keys, runs_inline(queue, packet, segments), from);
	if (t) {
		is_inline = t->claimed;
		t->count += segments;
		t->bytes += packet->truesize;
		queue->bytes += packet->truesize;
		__skb_queue_tail(&t->packets, packet);
	}
	spin_unlock(&queue->lock);
	if (is_inline)
		process(t, &queue->device->queues.cpus[smp_processor_id()].frag_bh);
	return t;
}

static void work(struct work_struct *w)
{
	struct wg_crypt_cpu *c = container_of(w, struct wg_crypt_cpu, work);
	struct llist_node *list = llist_reverse_order(llist_del_all(&c->to_work));
	struct wg_crypt_batch *t, *next;

	llist_for_each_entry_safe(t, next, list, to_work) {
		spin_lock_bh(&t->queue->lock);
		t->claimed = true;
		spin_unlock_bh(&t->queue->lock);
		process(t, &c->frag);
		cond_resched();
	}
}

/* The next batch that is done, in order; its bytes are free again. NULL: none. */
static struct wg_crypt_batch *take(struct wg_crypt_queue *queue)
{
	struct wg_crypt_batch *t;

	spin_lock(&queue->lock);
	t = list_first_entry_or_null(&queue->in_order, struct wg_crypt_batch, in_order);
	/* What was done to it is to be seen. */
	if (t && smp_load_acquire(&t->done)) {
		list_del(&t->in_order);
		queue->bytes -= t->bytes;
	} else {
		t = NULL;
	}
	spin_unlock(&queue->lock);
	return t;
}

static void free_batch(struct wg_crypt_batch *t)
{
	__skb_queue_purge(&t->packets);
	wg_peer_keypair_put(t->keys);
	kfree(t);
}

static int poll(struct napi_struct *napi, int budget)
{
	struct wg_crypt_queue *queue = container_of(napi, struct wg_crypt_queue, napi);
	struct wg_crypt_batch *t;
	u32 n = 0;

	while (n < (u32)budget && (t = take(queue))) {
		n += queue->receiving ? wg_receive_deliver(t, napi) : wg_send_transmit(t);
		free_batch(t);
	}
	if (n >= (u32)budget)
		return budget;
	napi_complete_done(napi, (int)n);
	return (int)n;
}

static void init(struct wg_device *wg, struct wg_crypt_queue *queue, bool receiving)
{
	*queue = (struct wg_crypt_queue){.device = wg, .receiving = receiving};
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->in_order);
	netif_napi_add(wg->dev, &queue->napi, poll);
}

int wg_crypt_queues_init(struct wg_device *wg)
{
	struct wg_crypt_cpu *c = kvcalloc(nr_cpu_ids, sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	wg->queues.cpus = c;
	for (unsigned int i = 0; i < nr_cpu_ids; i++, c++) {
		init(wg, &c->send, false);
		init(wg, &c->receive, true);
		INIT_WORK(&c->work, work);
	}
	return 0;
}

void wg_crypt_queues_free(struct wg_device *wg)
{
	struct wg_crypt_cpu *c = wg->queues.cpus;

	if (!c)
		return;
	for (unsigned int i = 0; i < nr_cpu_ids; i++, c++) {
		__netif_napi_del(&c->send.napi);
		__netif_napi_del(&c->receive.napi);
		if (c->frag.page)
			put_page(c->frag.page);
		if (c->frag_bh.page)
			put_page(c->frag_bh.page);
	}
	synchronize_net();
	kvfree(wg->queues.cpus);
}

void wg_crypt_queues_up(struct wg_device *wg)
{
	for (unsigned int i = 0; i < nr_cpu_ids; i++) {
		napi_enable(&wg->queues.cpus[i].send.napi);
		napi_enable(&wg->queues.cpus[i].receive.napi);
	}
}

/* What is left is sealed or opened, but nobody may take it any more. */
static void empty(struct wg_crypt_queue *queue)
{
	struct wg_crypt_batch *t;

	napi_disable(&queue->napi);
	local_bh_disable();
	while ((t = take(queue)))
		free_batch(t);
	local_bh_enable();
}

void wg_crypt_queues_down(struct wg_device *wg)
{
	flush_workqueue(wg->crypt_wq);
	for (unsigned int i = 0; i < nr_cpu_ids; i++) {
		empty(&wg->queues.cpus[i].send);
		empty(&wg->queues.cpus[i].receive);
	}
}

// SPDX-License-Identifier: GPL-2.0
/* Locks nest in this order: queue->lock, then queues->lock or a processor's lock. All are taken
 * with BH off. */
#include "crypt-queue.h"
#include <linux/cpumask.h>
#include <linux/slab.h>
#include "device.h"

enum {
	/* A packet of at least so many bytes is handed over; a smaller one is sealed or opened
	 * sooner than that takes. */
	SMALL = 256,
	/* When a queue holds so many bytes, nothing more is done inline. This bounds the time with
	 * BH off when many packets come at once, such as those that waited for a session. */
	INLINE_MAX = 256 << 10,
};

/* On a machine with one processor, a batch is worth handing over if it may grow. A packet to be
 * sealed that is a batch by itself does not grow, and a small packet is not worth a switch to the
 * worker. What is received by the batch is handed over, so that the programs it is for get their
 * share of the processor. With PREEMPT_RT a context with BH off can be preempted by another one
 * that uses frag_bh. */
static bool runs_inline(const struct wg_crypt_queue *queue, const struct sk_buff *skb, u32 segments,
			bool receiving)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && num_online_cpus() == 1 &&
	       queue->bytes < INLINE_MAX && (skb->len <= SMALL || (segments > 1 && !receiving));
}

/* An empty queue takes any packet, so that no peer is shut out by others. */
static bool has_room(const struct wg_crypt_queue *queue, u32 bytes)
{
	const struct wg_crypt_queues *queues = &queue->device->queues;
	u32 busy = (u32)atomic_read(&queues->busy);

	if (atomic_long_read(&queues->bytes) > 2 * WG_CRYPT_DEVICE_BYTES)
		return false;
	return !queue->bytes ||
	       queue->bytes + bytes <= min_t(u32, WG_CRYPT_QUEUE_BYTES,
					     WG_CRYPT_DEVICE_BYTES / max(busy, 1U));
}

static void count_packet(struct wg_crypt_batch *t, u32 bytes)
{
	struct wg_crypt_queue *queue = t->queue;

	if (!queue->bytes)
		atomic_inc(&queue->device->queues.busy);
	queue->bytes += bytes;
	t->bytes += bytes;
	atomic_long_add(bytes, &queue->device->queues.bytes);
}

static void uncount_batch(const struct wg_crypt_batch *t)
{
	struct wg_crypt_queue *queue = t->queue;

	queue->bytes -= t->bytes;
	if (!queue->bytes)
		atomic_dec(&queue->device->queues.busy);
	atomic_long_sub(t->bytes, &queue->device->queues.bytes);
}

/* Returns the queue's latest batch if it can take so much more; else NULL. */
static struct wg_crypt_batch *find_open(struct wg_crypt_queue *queue,
					const struct wg_peer_keypair *keypair, u32 segments,
					const struct wg_endpoint *from)
{
	struct wg_crypt_batch *t;

	if (list_empty(&queue->waiting))
		return NULL;
	t = list_last_entry(&queue->waiting, struct wg_crypt_batch, waiting);
	if (!list_is_last(&t->in_order, &queue->in_order) || t->keypair != keypair ||
	    t->count + segments > WG_BATCH_SEGMENTS ||
	    (from && !wg_endpoint_equal(&t->from, from)))
		return NULL;
	return t;
}

static struct wg_crypt_batch *new_batch(struct wg_crypt_queue *queue,
					struct wg_peer_keypair *keypair,
					const struct wg_endpoint *from)
{
	struct wg_crypt_batch *t = kmalloc(sizeof(*t), GFP_ATOMIC | __GFP_NOWARN);

	if (!t)
		return NULL;
	*t = (struct wg_crypt_batch){.queue = queue, .keypair = queue->ops->get(keypair)};
	__skb_queue_head_init(&t->packets);
	INIT_LIST_HEAD(&t->waiting);
	if (from)
		t->from = *from;
	list_add_tail(&t->in_order, &queue->in_order);
	return t;
}

/* Returns how many queues have waiting batches. The caller holds queue->lock. */
static u32 list_for_work(struct wg_crypt_queue *queue)
{
	struct wg_crypt_queues *queues = &queue->device->queues;
	u32 n;

	spin_lock(&queues->lock);
	if (!queue->listed) {
		queue->listed = true;
		list_add_tail(&queue->work, &queues->work);
		queues->listed++;
	}
	n = queues->listed;
	spin_unlock(&queues->lock);
	return n;
}

/* A single waiting batch is worked off by the processor that has it, unless that processor's worker
 * was woken before and has not come to run. When more batches wait, all processors are woken in
 * turn. A worker goes on until no batch waits, whoever was woken for it. */
static void wake_worker(struct wg_device *wg, bool single)
{
	int cpu = smp_processor_id();

	if (single && queue_work_on(cpu, wg->crypt_wq, &wg->queues.cpus[cpu].work))
		return;
	cpu = (int)cpumask_any_and_distribute(cpu_online_mask, cpu_online_mask);
	queue_work_on(cpu, wg->crypt_wq, &wg->queues.cpus[cpu].work);
}

/* The batch waits for a worker from now on. The caller holds queue->lock. */
static void hand_over(struct wg_crypt_batch *t)
{
	struct wg_crypt_queue *queue = t->queue;
	bool first = list_empty(&queue->waiting);

	list_add_tail(&t->waiting, &queue->waiting);
	wake_worker(queue->device, list_for_work(queue) == 1 && first);
}

/* Takes the next waiting batch of the next queue that has one. NULL: no batch waits. */
static struct wg_crypt_batch *claim_batch(struct wg_crypt_queues *queues)
{
	struct wg_crypt_queue *queue;
	struct wg_crypt_batch *t;

	spin_lock_bh(&queues->lock);
	queue = list_first_entry_or_null(&queues->work, struct wg_crypt_queue, work);
	if (queue) {
		list_del(&queue->work);
		queues->listed--;
	}
	spin_unlock_bh(&queues->lock);
	if (!queue)
		return NULL;
	/* `listed` is still set, so nobody else claims a batch of this queue. */
	spin_lock_bh(&queue->lock);
	t = list_first_entry(&queue->waiting, struct wg_crypt_batch, waiting);
	list_del_init(&t->waiting);
	t->claimed = true;
	queue->listed = false;
	if (!list_empty(&queue->waiting))
		list_for_work(queue);
	spin_unlock_bh(&queue->lock);
	return t;
}

/* The caller holds queue->lock. */
static bool is_head_done(struct wg_crypt_queue *queue)
{
	const struct wg_crypt_batch *t =
		list_first_entry_or_null(&queue->in_order, struct wg_crypt_batch, in_order);

	return t && t->done;
}

/* Finished batches leave the queue by this processor. The caller holds queue->lock. */
static void let_leave(struct wg_crypt_queue *queue, struct wg_crypt_cpu *c)
{
	queue->leaving = true;
	spin_lock(&c->lock);
	list_add_tail(&queue->exit, &c->exit);
	spin_unlock(&c->lock);
}

static void process_batch(struct wg_crypt_batch *t, struct page_frag *frag)
{
	struct wg_crypt_queue *queue = t->queue;
	struct wg_device *wg = queue->device;

	queue->ops->crypt(t, frag);
	spin_lock_bh(&queue->lock);
	t->done = true;
	if (!queue->leaving && is_head_done(queue)) {
		struct wg_crypt_cpu *c = &wg->queues.cpus[smp_processor_id()];

		let_leave(queue, c);
		napi_schedule(&c->napi);
	}
	/* The queue may be gone at any moment now. For a worker the poll runs here. */
	spin_unlock_bh(&queue->lock);
}

bool wg_crypt_queue_add(struct wg_crypt_queue *queue, struct wg_peer_keypair *keypair,
			struct sk_buff *packet, u32 segments, const struct wg_endpoint *from)
{
	struct wg_crypt_batch *t = NULL;
	bool is_new = false;

	spin_lock(&queue->lock);
	if (has_room(queue, packet->truesize)) {
		t = find_open(queue, keypair, segments, from);
		if (!t) {
			t = new_batch(queue, keypair, from);
			is_new = t;
		}
	}
	if (!t) {
		spin_unlock(&queue->lock);
		return false;
	}
	if (is_new)
		t->claimed = runs_inline(queue, packet, segments, from);
	t->count += segments;
	count_packet(t, packet->truesize);
	__skb_queue_tail(&t->packets, packet);
	if (is_new && !t->claimed)
		hand_over(t);
	is_new &= t->claimed;
	spin_unlock(&queue->lock);
	if (is_new)
		process_batch(t, &queue->device->queues.cpus[smp_processor_id()].frag_bh);
	return true;
}

static void work_on_batches(struct work_struct *work)
{
	struct wg_crypt_cpu *c = container_of(work, struct wg_crypt_cpu, work);
	struct wg_device *wg = netdev_priv(c->napi.dev);
	struct wg_crypt_batch *t;

	while ((t = claim_batch(&wg->queues))) {
		process_batch(t, &c->frag);
		cond_resched();
	}
}

/* Returns the next queue with a finished batch. NULL: there is none. */
static struct wg_crypt_queue *next_leaving(struct wg_crypt_cpu *c)
{
	struct wg_crypt_queue *queue;

	spin_lock(&c->lock);
	queue = list_first_entry_or_null(&c->exit, struct wg_crypt_queue, exit);
	if (queue)
		list_del(&queue->exit);
	spin_unlock(&c->lock);
	return queue;
}

/* Takes the first batch, which is done, out of a queue that is leaving. */
static struct wg_crypt_batch *take_batch(struct wg_crypt_queue *queue)
{
	struct wg_crypt_batch *t;

	spin_lock(&queue->lock);
	t = list_first_entry(&queue->in_order, struct wg_crypt_batch, in_order);
	list_del(&t->in_order);
	uncount_batch(t);
	spin_unlock(&queue->lock);
	return t;
}

/* The batch has left: its queue is served again when the others have been, if it has another one.
 * The batch is freed last, since it holds the queue. */
static void finish_batch(struct wg_crypt_batch *t, struct wg_crypt_cpu *c)
{
	struct wg_crypt_queue *queue = t->queue;

	spin_lock(&queue->lock);
	queue->leaving = false;
	if (is_head_done(queue))
		let_leave(queue, c);
	spin_unlock(&queue->lock);
	__skb_queue_purge(&t->packets);
	queue->ops->put(t->keypair);
	kfree(t);
}

static int poll_batches(struct napi_struct *napi, int budget)
{
	struct wg_crypt_cpu *c = container_of(napi, struct wg_crypt_cpu, napi);
	struct wg_crypt_queue *queue;
	u32 n = 0;

	while (n < (u32)budget && (queue = next_leaving(c))) {
		struct wg_crypt_batch *t = take_batch(queue);

		n += queue->ops->leave(t, napi);
		finish_batch(t, c);
	}
	if (n >= (u32)budget)
		return budget;
	napi_complete_done(napi, (int)n);
	return (int)n;
}

static void init_queue(struct wg_crypt_queue *queue, struct wg_device *wg,
		       const struct wg_crypt_ops *ops)
{
	queue->device = wg;
	queue->ops = ops;
	spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->in_order);
	INIT_LIST_HEAD(&queue->waiting);
}

struct wg_crypt_pair *wg_crypt_pair_new(struct wg_device *wg)
{
	struct wg_crypt_pair *pair = kzalloc(sizeof(*pair), GFP_KERNEL);

	if (pair) {
		init_queue(&pair->send, wg, wg->queues.send);
		init_queue(&pair->receive, wg, wg->queues.receive);
	}
	return pair;
}

int wg_crypt_queues_init(struct wg_device *wg, const struct wg_crypt_ops *send,
			 const struct wg_crypt_ops *receive)
{
	struct wg_crypt_queues *queues = &wg->queues;

	spin_lock_init(&queues->lock);
	INIT_LIST_HEAD(&queues->work);
	queues->send = send;
	queues->receive = receive;
	queues->cpus = kvcalloc(nr_cpu_ids, sizeof(*queues->cpus), GFP_KERNEL);
	if (!queues->cpus)
		return -ENOMEM;
	for (unsigned int i = 0; i < nr_cpu_ids; i++) {
		struct wg_crypt_cpu *c = &queues->cpus[i];

		INIT_WORK(&c->work, work_on_batches);
		spin_lock_init(&c->lock);
		INIT_LIST_HEAD(&c->exit);
		/* A program that polls here busily finds nothing: no device brings the packets. */
		set_bit(NAPI_STATE_NO_BUSY_POLL, &c->napi.state);
		netif_napi_add(wg->dev, &c->napi, poll_batches);
	}
	return 0;
}

void wg_crypt_queues_free(struct wg_device *wg)
{
	struct wg_crypt_cpu *c = wg->queues.cpus;

	if (!c)
		return;
	for (unsigned int i = 0; i < nr_cpu_ids; i++, c++) {
		__netif_napi_del(&c->napi);
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
	for (unsigned int i = 0; i < nr_cpu_ids; i++)
		napi_enable(&wg->queues.cpus[i].napi);
}

void wg_crypt_queues_down(struct wg_device *wg)
{
	/* After this, each queue that is not empty has only finished batches, so it is leaving. */
	flush_workqueue(wg->crypt_wq);
	for (unsigned int i = 0; i < nr_cpu_ids; i++) {
		struct wg_crypt_cpu *c = &wg->queues.cpus[i];
		struct wg_crypt_queue *queue;

		napi_disable(&c->napi);
		local_bh_disable();
		while ((queue = next_leaving(c)))
			finish_batch(take_batch(queue), c);
		local_bh_enable();
	}
}

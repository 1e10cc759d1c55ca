// SPDX-License-Identifier: GPL-2.0
/* A train is in its lane, and until it is claimed in the list of one processor. lane->lock guards
 * all of it until it is claimed; then it is the processor's alone until it is done. */
#include "lane.h"
#include <linux/cpumask.h>
#include <linux/slab.h>
#include "device.h"
#include "receive.h"
#include "send.h"

/* So far back a train that is still open is looked for: peers share lanes. The others are bytes. */
enum { LOOK_BACK = 8, SMALL = 256, HERE_MAX = 256 << 10 };

/* A quiet lane is served where it is; a busy one by all processors in turn. */
static unsigned int choose_cpu(const struct wg_lane *lane)
{
	if (list_is_singular(&lane->in_order))
		return smp_processor_id();
	return cpumask_any_and_distribute(cpu_online_mask, cpu_online_mask);
}

/* With one processor, a train is worth handing over where it may grow. What is to be sealed and is a
 * train already is not, nor what is small: that is sealed or opened sooner than handed over. What comes
 * in by the train is, so that those it is for have their share of the processor. With PREEMPT_RT who has
 * BH off may be preempted, and frag_here would be for more than one.
 *
 * Many at once, as those that waited for a session, would be long with BH off: the rest waits. */
static bool is_done_here(const struct wg_lane *lane, const struct sk_buff *skb, u32 segments)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) && num_online_cpus() == 1 && lane->bytes < HERE_MAX &&
	       (skb->len <= SMALL || (segments > 1 && !lane->receiving));
}

/* The last train of the peer if it can take so much more. */
static struct wg_train *find_open(struct wg_lane *lane, const struct wg_keys *keys, u32 segments,
				  const struct wg_endpoint *from)
{
	struct wg_train *t;
	int left = LOOK_BACK;

	list_for_each_entry_reverse(t, &lane->in_order, in_order) {
		if (t->keys == keys && !t->claimed && t->count + segments <= WG_TRAIN_SEGMENTS &&
		    (!from || wg_endpoint_equal(&t->from, from)))
			return t;
		if (t->keys->peer == keys->peer || !--left)
			break;
	}
	return NULL;
}

/* Under lane->lock, so that nobody claims it before it has its first packet. It is claimed already if
 * it is done here. */
static struct wg_train *new_train(struct wg_lane *lane, struct wg_keys *keys, bool here,
				  const struct wg_endpoint *from)
{
	struct wg_train *t = kmalloc(sizeof(*t), GFP_ATOMIC | __GFP_NOWARN);
	struct wg_lane_cpu *c;
	unsigned int cpu;

	if (!t)
		return NULL;
	*t = (struct wg_train){.lane = lane, .keys = wg_keys_get(keys), .claimed = here};
	__skb_queue_head_init(&t->packets);
	if (from)
		t->from = *from;
	list_add_tail(&t->in_order, &lane->in_order);
	if (here)
		return t;
	cpu = choose_cpu(lane);
	c = &lane->device->lanes.cpus[cpu];
	if (llist_add(&t->to_work, &c->to_work))
		queue_work_on(cpu, lane->device->crypt_wq, &c->work);
	return t;
}

static void process(struct wg_train *t, struct page_frag *frag)
{
	struct wg_lane *lane = t->lane;

	if (lane->receiving)
		wg_receive_open(t);
	else
		wg_send_seal(t, frag);
	/* From then on the train may be gone at any moment. */
	smp_store_release(&t->done, true);
	/* For the worker the poll runs here and now, and not at some later softirq. */
	local_bh_disable();
	napi_schedule(&lane->napi);
	local_bh_enable();
}

bool wg_lane_add(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet, u32 segments,
		 const struct wg_endpoint *from)
{
	struct wg_train *t = NULL;
	bool here = false;

	spin_lock(&lane->lock);
	if (lane->bytes + packet->truesize <= WG_LANE_BYTES)
		t = find_open(lane, keys, segments, from) ?:
		    new_train(lane, keys, is_done_here(lane, packet, segments), from);
	if (t) {
		here = t->claimed;
		t->count += segments;
		t->bytes += packet->truesize;
		lane->bytes += packet->truesize;
		__skb_queue_tail(&t->packets, packet);
	}
	spin_unlock(&lane->lock);
	if (here)
		process(t, &lane->device->lanes.cpus[smp_processor_id()].frag_here);
	return t;
}

static void work(struct work_struct *w)
{
	struct wg_lane_cpu *c = container_of(w, struct wg_lane_cpu, work);
	struct llist_node *list = llist_reverse_order(llist_del_all(&c->to_work));
	struct wg_train *t, *next;

	llist_for_each_entry_safe(t, next, list, to_work) {
		spin_lock_bh(&t->lane->lock);
		t->claimed = true;
		spin_unlock_bh(&t->lane->lock);
		process(t, &c->frag);
		cond_resched();
	}
}

/* The next train that is done, in order; its bytes are free again. NULL: none. */
static struct wg_train *take(struct wg_lane *lane)
{
	struct wg_train *t;

	spin_lock(&lane->lock);
	t = list_first_entry_or_null(&lane->in_order, struct wg_train, in_order);
	/* What was done to it is to be seen. */
	if (t && smp_load_acquire(&t->done)) {
		list_del(&t->in_order);
		lane->bytes -= t->bytes;
	} else {
		t = NULL;
	}
	spin_unlock(&lane->lock);
	return t;
}

static void free_train(struct wg_train *t)
{
	__skb_queue_purge(&t->packets);
	wg_keys_put(t->keys);
	kfree(t);
}

static int poll(struct napi_struct *napi, int budget)
{
	struct wg_lane *lane = container_of(napi, struct wg_lane, napi);
	struct wg_train *t;
	u32 n = 0;

	while (n < (u32)budget && (t = take(lane))) {
		n += lane->receiving ? wg_receive_deliver(t, napi) : wg_send_transmit(t);
		free_train(t);
	}
	if (n >= (u32)budget)
		return budget;
	napi_complete_done(napi, (int)n);
	return (int)n;
}

static void init(struct wg_device *wg, struct wg_lane *lane, bool receiving)
{
	*lane = (struct wg_lane){.device = wg, .receiving = receiving};
	spin_lock_init(&lane->lock);
	INIT_LIST_HEAD(&lane->in_order);
	netif_napi_add(wg->dev, &lane->napi, poll);
}

int wg_lanes_init(struct wg_device *wg)
{
	struct wg_lane_cpu *c = kvcalloc(nr_cpu_ids, sizeof(*c), GFP_KERNEL);

	if (!c)
		return -ENOMEM;
	wg->lanes.cpus = c;
	for (unsigned int i = 0; i < nr_cpu_ids; i++, c++) {
		init(wg, &c->send, false);
		init(wg, &c->receive, true);
		INIT_WORK(&c->work, work);
	}
	return 0;
}

void wg_lanes_free(struct wg_device *wg)
{
	struct wg_lane_cpu *c = wg->lanes.cpus;

	if (!c)
		return;
	for (unsigned int i = 0; i < nr_cpu_ids; i++, c++) {
		__netif_napi_del(&c->send.napi);
		__netif_napi_del(&c->receive.napi);
		if (c->frag.page)
			put_page(c->frag.page);
		if (c->frag_here.page)
			put_page(c->frag_here.page);
	}
	synchronize_net();
	kvfree(wg->lanes.cpus);
}

void wg_lanes_up(struct wg_device *wg)
{
	for (unsigned int i = 0; i < nr_cpu_ids; i++) {
		napi_enable(&wg->lanes.cpus[i].send.napi);
		napi_enable(&wg->lanes.cpus[i].receive.napi);
	}
}

/* What is left is sealed or opened, but nobody may take it any more. */
static void empty(struct wg_lane *lane)
{
	struct wg_train *t;

	napi_disable(&lane->napi);
	local_bh_disable();
	while ((t = take(lane)))
		free_train(t);
	local_bh_enable();
}

void wg_lanes_down(struct wg_device *wg)
{
	flush_workqueue(wg->crypt_wq);
	for (unsigned int i = 0; i < nr_cpu_ids; i++) {
		empty(&wg->lanes.cpus[i].send);
		empty(&wg->lanes.cpus[i].receive);
	}
}

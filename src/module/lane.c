// SPDX-License-Identifier: GPL-2.0
/* A train is in its lane, and until it is claimed in the list of one processor. lane->lock guards
 * its state and, while it is open, all of it; then it is the processor's alone until it is done. */
#include "lane.h"
#include <linux/cpumask.h>
#include <linux/slab.h>
#include "device.h"
#include "receive.h"
#include "send.h"

/* So far back a train that is still open is looked for; peers share lanes. */
#define LOOK_BACK 8

static struct kmem_cache *trains;

int wg_lane_init(void)
{
	trains = KMEM_CACHE(wg_train, 0);
	return trains ? 0 : -ENOMEM;
}

void wg_lane_exit(void)
{
	kmem_cache_destroy(trains);
}

void wg_train_free(struct wg_train *t)
{
	__skb_queue_purge(&t->packets);
	wg_keys_put(t->keys);
	kmem_cache_free(trains, t);
}

/* A quiet lane is served where it is; a busy one by all processors in turn. */
static unsigned int choose_cpu(struct wg_lane *lane)
{
	struct wg_lanes *l = &lane->device->lanes;
	unsigned int cpu;

	if (list_is_singular(&lane->in_order))
		return smp_processor_id();
	cpu = cpumask_next(READ_ONCE(l->last_cpu), cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	WRITE_ONCE(l->last_cpu, cpu);
	return cpu;
}

/* Under lane->lock. */
static void give_to_cpu(struct wg_lane *lane, struct wg_train *t)
{
	unsigned int cpu = choose_cpu(lane);
	struct wg_crypt_cpu *c = per_cpu_ptr(lane->device->lanes.cpus, cpu);

	spin_lock(&c->lock);
	list_add_tail(&t->to_work, &c->to_work);
	spin_unlock(&c->lock);
	queue_work_on(cpu, lane->device->crypt_wq, &c->work);
}

static struct wg_train *add_train(struct wg_lane *lane, struct wg_keys *keys)
{
	struct wg_train *t = kmem_cache_alloc(trains, GFP_ATOMIC | __GFP_NOWARN);

	if (!t)
		return NULL;
	t->lane = lane;
	t->keys = wg_keys_get(keys);
	t->state = WG_TRAIN_OPEN;
	t->count = t->bytes = 0;
	__skb_queue_head_init(&t->packets);
	list_add_tail(&t->in_order, &lane->in_order);
	return t;
}

static void add_packet(struct wg_train *t, struct sk_buff *packet, u32 segments)
{
	t->count += segments;
	t->bytes += packet->truesize;
	t->lane->bytes += packet->truesize;
	__skb_queue_tail(&t->packets, packet);
}

/* The last train of the peer if it can take so much more. */
static struct wg_train *find_open(struct wg_lane *lane, const struct wg_keys *keys, u32 segments)
{
	struct wg_train *t;
	int left = LOOK_BACK;

	list_for_each_entry_reverse(t, &lane->in_order, in_order) {
		if (t->keys == keys && t->state == WG_TRAIN_OPEN &&
		    t->count + segments <= WG_TRAIN_SEGMENTS)
			return t;
		if (t->keys->peer == keys->peer || !--left)
			break;
	}
	return NULL;
}

static bool has_room(const struct wg_lane *lane, const struct sk_buff *packet)
{
	return lane->bytes + packet->truesize <= WG_LANE_BYTES;
}

static bool send_locked(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet,
			u32 segments, u64 counter)
{
	struct wg_train *t;

	if (!has_room(lane, packet))
		return false;
	t = find_open(lane, keys, segments);
	if (t && t->counter + t->count == counter) {
		add_packet(t, packet, segments);
		return true;
	}
	t = add_train(lane, keys);
	if (!t)
		return false;
	t->counter = counter;
	add_packet(t, packet, segments);
	give_to_cpu(lane, t);
	return true;
}

bool wg_lane_send(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet, u32 segments,
		  u64 counter)
{
	bool sent;

	spin_lock(&lane->lock);
	sent = send_locked(lane, keys, packet, segments, counter);
	spin_unlock(&lane->lock);
	return sent;
}

static bool receive_locked(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet,
			   const struct wg_endpoint *from, u32 segments)
{
	struct wg_train *t;

	if (!has_room(lane, packet))
		return false;
	t = find_open(lane, keys, segments);
	if (t && wg_endpoint_equal(&t->from, from)) {
		add_packet(t, packet, segments);
		return true;
	}
	t = add_train(lane, keys);
	if (!t)
		return false;
	t->from = *from;
	add_packet(t, packet, segments);
	give_to_cpu(lane, t);
	return true;
}

void wg_lane_receive(struct wg_lane *lane, struct wg_keys *keys, struct sk_buff *packet,
		     const struct wg_endpoint *from, u32 segments)
{
	bool taken;

	spin_lock(&lane->lock);
	taken = receive_locked(lane, keys, packet, from, segments);
	spin_unlock(&lane->lock);
	wg_keys_put(keys);
	if (taken)
		return;
	DEV_STATS_INC(lane->device->dev, rx_dropped);
	kfree_skb(packet);
}

static struct wg_train *first_done(struct wg_lane *lane)
{
	struct wg_train *t = list_first_entry_or_null(&lane->in_order, struct wg_train, in_order);

	return t && t->state == WG_TRAIN_DONE ? t : NULL;
}

bool wg_lane_enter(struct wg_lane *lane)
{
	bool entered;

	spin_lock(&lane->lock);
	entered = !lane->leaving && first_done(lane);
	if (entered)
		lane->leaving = true;
	spin_unlock(&lane->lock);
	return entered;
}

struct wg_train *wg_lane_take(struct wg_lane *lane)
{
	struct wg_train *t;

	spin_lock(&lane->lock);
	t = first_done(lane);
	if (t) {
		list_del(&t->in_order);
		lane->bytes -= t->bytes;
	} else {
		lane->leaving = false;
	}
	spin_unlock(&lane->lock);
	return t;
}

static struct wg_train *claim(struct wg_crypt_cpu *c)
{
	struct wg_train *t;

	spin_lock_bh(&c->lock);
	t = list_first_entry_or_null(&c->to_work, struct wg_train, to_work);
	if (t)
		list_del(&t->to_work);
	spin_unlock_bh(&c->lock);
	if (!t)
		return NULL;
	spin_lock_bh(&t->lane->lock);
	t->state = WG_TRAIN_CLAIMED;
	spin_unlock_bh(&t->lane->lock);
	return t;
}

/* From then on the train may be gone at any moment. */
static void set_done(struct wg_train *t)
{
	struct wg_lane *lane = t->lane;

	spin_lock_bh(&lane->lock);
	t->state = WG_TRAIN_DONE;
	spin_unlock_bh(&lane->lock);
}

static void process(struct wg_crypt_cpu *c, struct wg_train *t)
{
	struct wg_lane *lane = t->lane;

	if (!lane->receiving) {
		wg_send_seal(t, &c->frag);
		set_done(t);
		wg_send_leave(lane);
		return;
	}
	wg_receive_open(t);
	set_done(t);
	/* The poll then runs here and now, and not at some later softirq. */
	local_bh_disable();
	napi_schedule(&lane->napi);
	local_bh_enable();
}

static void work(struct work_struct *w)
{
	struct wg_crypt_cpu *c = container_of(w, struct wg_crypt_cpu, work);
	struct wg_train *t;

	while ((t = claim(c))) {
		process(c, t);
		cond_resched();
	}
}

static void init_lane(struct wg_device *wg, struct wg_lane *lane, bool receiving)
{
	lane->device = wg;
	spin_lock_init(&lane->lock);
	INIT_LIST_HEAD(&lane->in_order);
	lane->receiving = receiving;
	if (receiving)
		netif_napi_add(wg->dev, &lane->napi, wg_receive_poll);
}

static void init_cpus(struct wg_lanes *l)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct wg_crypt_cpu *c = per_cpu_ptr(l->cpus, cpu);

		spin_lock_init(&c->lock);
		INIT_LIST_HEAD(&c->to_work);
		INIT_WORK(&c->work, work);
	}
}

int wg_lanes_init(struct wg_device *wg)
{
	struct wg_lanes *l = &wg->lanes;
	u16 i;

	l->count = (u16)min_t(unsigned int, num_possible_cpus(), U16_MAX);
	l->send = kvcalloc(l->count, sizeof(*l->send), GFP_KERNEL);
	l->receive = kvcalloc(l->count, sizeof(*l->receive), GFP_KERNEL);
	l->cpus = alloc_percpu(struct wg_crypt_cpu);
	if (!l->send || !l->receive || !l->cpus) {
		l->count = 0;
		wg_lanes_free(wg);
		return -ENOMEM;
	}
	init_cpus(l);
	for (i = 0; i < l->count; i++) {
		init_lane(wg, &l->send[i], false);
		init_lane(wg, &l->receive[i], true);
	}
	return 0;
}

static void free_cpus(struct wg_lanes *l)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct wg_crypt_cpu *c = per_cpu_ptr(l->cpus, cpu);

		cancel_work_sync(&c->work);
		if (c->frag.page)
			put_page(c->frag.page);
	}
}

void wg_lanes_free(struct wg_device *wg)
{
	struct wg_lanes *l = &wg->lanes;
	u16 i;

	for (i = 0; i < l->count; i++)
		netif_napi_del(&l->receive[i].napi);
	if (l->count)
		free_cpus(l);
	free_percpu(l->cpus);
	kvfree(l->receive);
	kvfree(l->send);
	*l = (struct wg_lanes){0};
}

void wg_lanes_up(struct wg_device *wg)
{
	u16 i;

	for (i = 0; i < wg->lanes.count; i++)
		napi_enable(&wg->lanes.receive[i].napi);
}

/* What is left is opened, but nobody may take it any more. */
static void empty(struct wg_lane *lane)
{
	struct wg_train *t;

	local_bh_disable();
	while ((t = wg_lane_take(lane)))
		wg_train_free(t);
	local_bh_enable();
}

void wg_lanes_down(struct wg_device *wg)
{
	u16 i;

	flush_workqueue(wg->crypt_wq);
	for (i = 0; i < wg->lanes.count; i++) {
		napi_disable(&wg->lanes.receive[i].napi);
		empty(&wg->lanes.receive[i]);
	}
}

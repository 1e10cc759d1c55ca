// SPDX-License-Identifier: GPL-2.0
#include "chacha20poly1305-window.h"

#if WG_BATCH_X86
#include "chacha20poly1305-chain.h"

struct window {
	const struct wg_batch_engine *engine;
	const u8 *key;
	const struct wg_batch_packet *p;
	size_t n;
	/* The next block. */
	size_t packet;
	u32 off;
	bool skip[WG_BATCH_WINDOW];
	struct wg_batch_mac mac[WG_BATCH_WINDOW];
	u8 tag[WG_BATCH_WINDOW][WG_BATCH_TAG_LEN]; /* when opening */
	struct wg_batch_job job;
	/* Those whose blocks are in ks, and those that come next: what is stored there in words has
	 * to have left the store buffer when it is loaded in vectors. */
	struct wg_batch_lanes *now, *next;
	struct wg_batch_lanes lanes[2];
	_Alignas(64) u8 ks[WG_BATCH_LANES][WG_BATCH_BLOCK];
};

static void lanes_add(struct wg_batch_lanes *lanes, u64 nonce, u32 counter, size_t n)
{
	for (size_t end = lanes->n + n; lanes->n < end; lanes->n++) {
		lanes->counter[lanes->n] = counter++;
		lanes->low[lanes->n] = (u32)nonce;
		lanes->high[lanes->n] = (u32)(nonce >> 32);
	}
}

/* What `room` blocks, or fewer, can be used for. */
static struct wg_batch_use next_use(const struct window *w, size_t room)
{
	const struct wg_batch_packet *p = &w->p[w->packet];
	u32 most = (u32)room * WG_BATCH_BLOCK, off = w->off;
	u32 before = p->head > off ? p->head - off : 0; /* of the head */
	struct wg_batch_use use = {.dst = p->dst + off, .packet = (u8)w->packet};

	use.len = p->len - off < most ? p->len - off : most;
	if (p->src == p->dst + p->head) {
		use.src = use.dst;
	} else if (!before) {
		use.src = p->src + (off - p->head);
	} else if (before < WG_BATCH_BLOCK) {
		use.src = p->src;
		use.head = before;
	} else {
		before -= before % WG_BATCH_BLOCK;
		use.src = use.dst;
		use.len = use.len < before ? use.len : before;
	}
	return use;
}

/* Gives the lanes that are free something to do. */
static void window_fill(struct window *w, struct wg_batch_lanes *lanes)
{
	while (lanes->n < WG_BATCH_LANES && w->packet < w->n) {
		struct wg_batch_use *use = &lanes->use[lanes->uses];

		if (w->skip[w->packet] || w->off >= w->p[w->packet].len) {
			w->packet++;
			w->off = 0;
			continue;
		}
		*use = next_use(w, WG_BATCH_LANES - lanes->n);
		use->lane = (u8)lanes->n;
		lanes->uses++;
		lanes_add(lanes, w->p[w->packet].nonce, w->off / WG_BATCH_BLOCK + 1,
			  (use->len + WG_BATCH_BLOCK - 1) / WG_BATCH_BLOCK);
		w->off += use->len;
	}
}

static void window_next(struct window *w)
{
	struct wg_batch_lanes *filled = w->next;

	w->next = w->now;
	w->now = filled;
	w->next->n = w->next->uses = 0;
	window_fill(w, w->next);
}

/* The first lanes make the packets' one-time keys, the others begin with the text. */
static void window_begin(struct window *w, const struct wg_batch_packet *p, size_t n,
			 struct wg_batch_job *beside)
{
	w->p = p;
	w->n = n;
	w->packet = 0;
	w->off = 0;
	w->now = &w->lanes[0];
	w->next = &w->lanes[1];
	w->now->n = w->now->uses = 0;
	for (size_t i = 0; i < n; i++) {
		w->skip[i] = false;
		lanes_add(w->now, p[i].nonce, 0, 1);
	}
	window_fill(w, w->now);
	w->next->n = w->next->uses = 0;
	window_fill(w, w->next);
	w->engine->keystream(w->key, w->now, w->ks, beside);
}

/* The texts to sum, with the keys that the first blocks are. */
static void window_mac(struct window *w, bool opening)
{
	for (size_t i = 0; i < w->n; i++) {
		struct wg_batch_mac *m = &w->mac[i];
		const struct wg_batch_packet *p = &w->p[i];

		m->data = opening ? p->src : p->dst;
		m->tag = opening ? w->tag[i] : p->dst + p->len;
		m->len = p->len;
		for (size_t j = 0; j < sizeof(m->key); j += 8)
			wg_store_le64(m->key + j, wg_load_le64(w->ks[i] + j));
	}
	w->job = (struct wg_batch_job){.m = w->mac, .n = w->n};
}

/* Encrypts or decrypts the window, but for the packets to skip. */
static void window_apply(struct window *w, struct wg_batch_job *beside)
{
	w->engine->apply(w->now, w->ks);
	while (w->next->n) {
		window_next(w);
		w->engine->keystream(w->key, w->now, w->ks, beside);
		w->engine->apply(w->now, w->ks);
	}
}

/* Lanes that were filled before their packets turned out to be forged. */
static void lanes_skip(const struct window *w, struct wg_batch_lanes *lanes)
{
	for (size_t i = 0; i < lanes->uses; i++) {
		if (w->skip[lanes->use[i].packet])
			lanes->use[i].len = lanes->use[i].head = 0;
	}
}

static void window_check(struct window *w, bool *ok)
{
	chains_end(&w->job, w->engine->mac);
	for (size_t i = 0; i < w->n; i++) {
		ok[i] = wg_ct_declassify(
			wg_ct_equal(w->tag[i], w->p[i].src + w->p[i].len, WG_BATCH_TAG_LEN));
		w->skip[i] = !ok[i];
	}
	lanes_skip(w, w->now);
	lanes_skip(w, w->next);
}

/* Few packets, for what has to be checked beside nothing at either end of a batch is short then;
 * but enough to have lanes for three rounds, and such that few of the last round's lanes are
 * idle. Two packets of the usual MTU fill three times all lanes. */
static size_t window_len(const struct wg_batch_packet *p, size_t left)
{
	size_t n = 0, blocks = 0, idle = 0;

	while (n < left && n < WG_BATCH_WINDOW &&
	       (blocks < 3 * WG_BATCH_LANES || idle > blocks / 16)) {
		blocks += 1 + ((size_t)p[n].len + WG_BATCH_BLOCK - 1) / WG_BATCH_BLOCK;
		idle = (0 - blocks) % WG_BATCH_LANES;
		n++;
	}
	return n;
}

static void swap_windows(struct window **a, struct window **b)
{
	struct window *swap = *a;

	*a = *b;
	*b = swap;
}

/* The tags of a window are made beside the encryption of the one after it. */
static void seal_windows(struct window w[static 2], const struct wg_batch_packet *p, size_t n)
{
	struct window *now = &w[0], *before = &w[1];
	size_t done = 0;

	before->job = (struct wg_batch_job){.n = 0};
	for (;;) {
		window_begin(now, p + done, window_len(p + done, n - done), &before->job);
		window_mac(now, false);
		window_apply(now, &before->job);
		chains_end(&before->job, now->engine->mac);
		done += now->n;
		if (done == n)
			break;
		swap_windows(&now, &before);
	}
	chains_end(&now->job, now->engine->mac);
}

/* A window is checked beside the decryption of the one before it. */
static void open_windows(struct window w[static 2], const struct wg_batch_packet *p, size_t n,
			 bool *ok)
{
	struct window *now = &w[0], *next = &w[1];
	size_t done = 0;

	window_begin(now, p, window_len(p, n), NULL);
	window_mac(now, true);
	for (;;) {
		size_t begun = done + now->n;

		next->job = (struct wg_batch_job){.n = 0};
		if (begun < n) {
			window_begin(next, p + begun, window_len(p + begun, n - begun), &now->job);
			window_mac(next, true);
		}
		window_check(now, ok + done);
		window_apply(now, &next->job);
		if (begun == n)
			break;
		done = begun;
		swap_windows(&now, &next);
	}
}

/* What compilers had no register for when the engine ran. */
__attribute__((noinline)) static void wipe_below(void)
{
	u8 below[2048];

	wg_ct_wipe(below, sizeof(below));
}

/* A single packet is a single window. */
static void windows_wipe(struct window w[static 2], size_t n)
{
	wg_ct_wipe(w, n > 1 ? 2 * sizeof(*w) : sizeof(*w));
	wipe_below();
}

static void windows_init(struct window w[static 2], const struct wg_batch_engine *engine,
			 const u8 key[static 32])
{
	w[0].engine = w[1].engine = engine;
	w[0].key = w[1].key = key;
}

void wg_chacha20poly1305_window_seal(const struct wg_batch_engine *engine, const u8 key[static 32],
				     const struct wg_batch_packet *p, size_t n)
{
	struct window w[2];

	windows_init(w, engine, key);
	seal_windows(w, p, n);
	windows_wipe(w, n);
}

void wg_chacha20poly1305_window_open(const struct wg_batch_engine *engine, const u8 key[static 32],
				     const struct wg_batch_packet *p, size_t n, bool *ok)
{
	struct window w[2];

	windows_init(w, engine, key);
	open_windows(w, p, n, ok);
	windows_wipe(w, n);
}
#endif

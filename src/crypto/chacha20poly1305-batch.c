// SPDX-License-Identifier: GPL-2.0
/* Packets in windows of eight: their key blocks and their text are cut into ChaCha20 blocks that
 * fill the lanes whatever packet they are of, and the eight Poly1305 run side by side while the
 * window is still in the first-level cache. */
#include "chacha20poly1305-batch.h"
#include "chacha20poly1305-batch-private.h"
#include "chacha20poly1305.h"
#include "ct.h"

#if WG_BATCH_X86
#include <cpuid.h>
#endif

struct window {
	const struct wg_batch_engine *engine;
	const u8 *key;
	const struct wg_batch_packet *p;
	size_t n;
	/* The next block. */
	size_t packet;
	u32 off;
	bool skip[WG_BATCH_WINDOW];
	struct wg_batch_lane lane[WG_BATCH_LANES];
	struct wg_batch_mac mac[WG_BATCH_WINDOW];
	_Alignas(64) u8 ks[WG_BATCH_LANES][WG_BATCH_BLOCK];
};

static void lane_set(struct wg_batch_lane *lane, const struct wg_batch_packet *p, u32 off)
{
	u32 len = p->len - off < WG_BATCH_BLOCK ? p->len - off : WG_BATCH_BLOCK;

	lane->dst = p->dst + off;
	lane->nonce = p->nonce;
	lane->counter = off / WG_BATCH_BLOCK + 1;
	lane->len = len;
	lane->head = 0;
	if (p->src == p->dst + p->head || off + len <= p->head) {
		lane->src = lane->dst;
	} else if (off >= p->head) {
		lane->src = p->src + (off - p->head);
	} else {
		lane->src = p->src;
		lane->head = p->head - off;
	}
}

/* Gives the lanes from `used` on something to do; how many have then. */
static size_t window_fill(struct window *w, size_t used)
{
	while (used < WG_BATCH_LANES && w->packet < w->n) {
		if (w->skip[w->packet] || w->off >= w->p[w->packet].len) {
			w->packet++;
			w->off = 0;
			continue;
		}
		w->lane[used].packet = (u32)w->packet;
		lane_set(&w->lane[used++], &w->p[w->packet], w->off);
		w->off += WG_BATCH_BLOCK;
	}
	return used;
}

/* The first lanes make the packets' one-time keys, the others begin with the text. How many lanes
 * have something to do. */
static size_t window_begin(struct window *w, const struct wg_batch_packet *p, size_t n)
{
	size_t used;

	w->p = p;
	w->n = n;
	w->packet = 0;
	w->off = 0;
	for (size_t i = 0; i < n; i++) {
		w->skip[i] = false;
		w->lane[i] = (struct wg_batch_lane){.nonce = p[i].nonce};
	}
	used = window_fill(w, n);
	w->engine->keystream(w->key, w->lane, used, w->ks);
	for (size_t i = 0; i < n; i++)
		memcpy(w->mac[i].key, w->ks[i], sizeof(w->mac[i].key));
	return used;
}

static void window_rest(struct window *w)
{
	size_t used;

	while ((used = window_fill(w, 0))) {
		w->engine->keystream(w->key, w->lane, used, w->ks);
		w->engine->apply(w->lane, used, w->ks);
	}
}

static void window_seal(struct window *w, const struct wg_batch_packet *p, size_t n)
{
	size_t used = window_begin(w, p, n);

	w->engine->apply(w->lane + n, used - n, w->ks + n);
	window_rest(w);
	for (size_t i = 0; i < n; i++) {
		w->mac[i].data = p[i].dst;
		w->mac[i].len = p[i].len;
	}
	w->engine->mac(w->mac, n);
	for (size_t i = 0; i < n; i++)
		memcpy(p[i].dst + p[i].len, w->mac[i].tag, WG_BATCH_TAG_LEN);
}

static void window_open(struct window *w, const struct wg_batch_packet *p, size_t n, bool *ok)
{
	size_t used = window_begin(w, p, n);

	for (size_t i = 0; i < n; i++) {
		w->mac[i].data = p[i].src;
		w->mac[i].len = p[i].len;
	}
	w->engine->mac(w->mac, n);
	for (size_t i = 0; i < n; i++) {
		ok[i] = wg_ct_verdict(
			wg_ct_equal(w->mac[i].tag, p[i].src + p[i].len, WG_BATCH_TAG_LEN));
		w->skip[i] = !ok[i];
	}
	for (size_t i = n; i < used; i++) {
		if (w->skip[w->lane[i].packet])
			w->lane[i].len = 0;
	}
	w->engine->apply(w->lane + n, used - n, w->ks + n);
	window_rest(w);
}

#if WG_BATCH_X86
/* What the system saves of a thread's registers. */
static u64 saved_state(void)
{
	u32 low, high;

	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (u64)high << 32 | low;
}

#define STATE_AVX    0x06U
#define STATE_AVX512 0xe6U

static enum wg_batch_isa detect(void)
{
	const u32 need_b =
		bit_AVX512F | bit_AVX512DQ | bit_AVX512IFMA | bit_AVX512BW | bit_AVX512VL;
	u32 a, b, c, d;
	u64 saved;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX))
		return WG_BATCH_NONE;
	saved = saved_state();
	if ((saved & STATE_AVX) != STATE_AVX || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
	    !(b & bit_AVX2))
		return WG_BATCH_NONE;
	if ((saved & STATE_AVX512) == STATE_AVX512 && (b & need_b) == need_b && c & bit_AVX512VBMI2)
		return WG_BATCH_AVX512;
	return WG_BATCH_AVX2;
}

static const struct wg_batch_engine *engine_of(enum wg_batch_isa isa)
{
	switch (isa) {
	case WG_BATCH_NONE:
		break;
	case WG_BATCH_AVX2:
		return &wg_chacha20poly1305_avx2;
	case WG_BATCH_AVX512:
		return &wg_chacha20poly1305_avx512;
	}
	return NULL;
}
#else
static enum wg_batch_isa detect(void)
{
	return WG_BATCH_NONE;
}

static const struct wg_batch_engine *engine_of(enum wg_batch_isa isa)
{
	(void)isa;
	return NULL;
}
#endif

/* The processor is asked once, for in a virtual machine that takes microseconds. Plus one, so that 0
 * is "not asked yet". Threads that ask at the same time get the same answer. */
static int best, used;

enum wg_batch_isa wg_batch_isa(void)
{
	int isa = __atomic_load_n(&best, __ATOMIC_RELAXED);

	if (!isa) {
		isa = (int)detect() + 1;
		__atomic_store_n(&best, isa, __ATOMIC_RELAXED);
	}
	return (enum wg_batch_isa)(isa - 1);
}

bool wg_batch_use(enum wg_batch_isa isa)
{
	if (isa > wg_batch_isa())
		return false;
	__atomic_store_n(&used, (int)isa + 1, __ATOMIC_RELAXED);
	return true;
}

static const struct wg_batch_engine *engine(void)
{
	int isa = __atomic_load_n(&used, __ATOMIC_RELAXED);

	return engine_of(isa ? (enum wg_batch_isa)(isa - 1) : wg_batch_isa());
}

static void plain_seal(const u8 key[static 32], const struct wg_batch_packet *p)
{
	memmove(p->dst + p->head, p->src, p->len - p->head);
	wg_chacha20poly1305_seal(p->dst, p->dst, p->len, NULL, 0, p->nonce, key);
}

/* The two may overlap by a part; what is moved before the tag is known is still sealed. */
static bool plain_open(const u8 key[static 32], const struct wg_batch_packet *p)
{
	u8 *dst = p->dst;

	return wg_chacha20poly1305_open(dst, p->src, (size_t)p->len + WG_BATCH_TAG_LEN, NULL, 0,
					p->nonce, key);
}

static size_t window_len(size_t left)
{
	return left < WG_BATCH_WINDOW ? left : WG_BATCH_WINDOW;
}

void wg_chacha20poly1305_batch_seal(const u8 key[static 32], const struct wg_batch_packet *p,
				    size_t n)
{
	struct window w;

	w.engine = engine();
	w.key = key;
	if (!w.engine) {
		for (size_t i = 0; i < n; i++)
			plain_seal(key, &p[i]);
		return;
	}
	for (size_t i = 0, count; i < n; i += count) {
		count = window_len(n - i);
		window_seal(&w, p + i, count);
	}
	wg_ct_wipe(&w, sizeof(w));
}

void wg_chacha20poly1305_batch_open(const u8 key[static 32], const struct wg_batch_packet *p,
				    size_t n, bool *ok)
{
	struct window w;

	w.engine = engine();
	w.key = key;
	if (!w.engine) {
		for (size_t i = 0; i < n; i++)
			ok[i] = plain_open(key, &p[i]);
		return;
	}
	for (size_t i = 0, count; i < n; i += count) {
		count = window_len(n - i);
		window_open(&w, p + i, count, ok + i);
	}
	wg_ct_wipe(&w, sizeof(w));
}

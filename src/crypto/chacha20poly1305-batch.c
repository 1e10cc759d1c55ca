// SPDX-License-Identifier: GPL-2.0
/* Which instruction set the batch uses, and what takes its place where there is none. */
#include "chacha20poly1305-batch.h"

#include "chacha20poly1305-window.h"
#include "chacha20poly1305.h"

#if WG_BATCH_X86
#include <cpuid.h>
#endif

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
	    !(b & bit_AVX2) || !(b & bit_BMI2))
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
#endif

/* The processor is asked once, for in a virtual machine that takes microseconds. Plus one, so
 * that 0 is "not asked yet". Threads that ask at the same time get the same answer. */
static int best, chosen;

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
	__atomic_store_n(&chosen, (int)isa + 1, __ATOMIC_RELAXED);
	return true;
}

#if WG_BATCH_X86
static const struct wg_batch_engine *engine(void)
{
	int isa = __atomic_load_n(&chosen, __ATOMIC_RELAXED);

	return engine_of(isa ? (enum wg_batch_isa)(isa - 1) : wg_batch_isa());
}
#endif

static void plain_seal(const u8 key[static 32], const struct wg_batch_packet *p)
{
	memmove(p->dst + p->head, p->src, p->len - p->head);
	wg_chacha20poly1305_seal(p->dst, p->dst, p->len, NULL, 0, p->nonce, key);
}

static bool plain_open(const u8 key[static 32], const struct wg_batch_packet *p)
{
	return wg_chacha20poly1305_open(p->dst, p->src, (size_t)p->len + WG_BATCH_TAG_LEN, NULL, 0,
					p->nonce, key);
}

void wg_chacha20poly1305_batch_seal(const u8 key[static 32], const struct wg_batch_packet *p,
				    size_t n)
{
#if WG_BATCH_X86
	const struct wg_batch_engine *e = engine();

	if (e) {
		if (n)
			wg_chacha20poly1305_window_seal(e, key, p, n);
		return;
	}
#endif
	for (size_t i = 0; i < n; i++)
		plain_seal(key, &p[i]);
}

void wg_chacha20poly1305_batch_open(const u8 key[static 32], const struct wg_batch_packet *p,
				    size_t n, bool *ok)
{
#if WG_BATCH_X86
	const struct wg_batch_engine *e = engine();

	if (e) {
		if (n)
			wg_chacha20poly1305_window_open(e, key, p, n, ok);
		return;
	}
#endif
	for (size_t i = 0; i < n; i++)
		ok[i] = plain_open(key, &p[i]);
}

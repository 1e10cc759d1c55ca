// SPDX-License-Identifier: GPL-2.0
/* Arenas: what they hand out, and what their pages are when they get them and give them back. */
#include "../../../../src/lib/base/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

/* The address of memory that must be zero when its mapping goes, and how often that was seen. */
static const unsigned char *watched;
static size_t watched_len;
static int seen_clean, seen_dirty;

/* In the place of libc's, for the arena as for everybody. */
int munmap(void *addr, size_t len)
{
	uintptr_t from = (uintptr_t)addr, at = (uintptr_t)watched;

	if (watched && at >= from && at + watched_len <= from + len) {
		unsigned char any = 0;

		for (size_t i = 0; i < watched_len; i++)
			any |= watched[i];
		if (any)
			seen_dirty++;
		else
			seen_clean++;
	}
	return (int)syscall(SYS_munmap, addr, len);
}

static void memory_is_zeroed_aligned_and_ours_alone(void **state)
{
	static const size_t sizes[] = {1, 7, 8, 9, 64, 333, 5000, 16384, 100000, 3 << 20};
	enum { N = sizeof(sizes) / sizeof(sizes[0]) };
	struct wg_arena a = {0};
	unsigned char *p[N];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		p[i] = wg_arena_alloc(&a, sizes[i]);
		assert_int_equal((uintptr_t)p[i] % 8, 0);
		for (size_t at = 0; at < sizes[i]; at++)
			assert_int_equal(p[i][at], 0);
		memset(p[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < N; i++) {
		for (size_t at = 0; at < sizes[i]; at++)
			assert_int_equal(p[i][at], i + 1);
	}
	wg_arena_wipe(&a);
}

static void many_small_ones(void **state)
{
	struct wg_arena a = {0};
	uint32_t *first = wg_arena_alloc(&a, sizeof(*first)), *last = first;

	(void)state;
	*first = 0;
	for (uint32_t i = 1; i < 300000; i++) {
		last = wg_arena_alloc(&a, sizeof(*last));
		assert_int_equal(*last, 0);
		*last = i;
	}
	assert_int_equal(*first, 0);
	assert_int_equal(*last, 299999);
	wg_arena_wipe(&a);
}

static void strings_end(void **state)
{
	struct wg_arena a = {0};

	(void)state;
	assert_string_equal(wg_arena_strndup(&a, "abcdefgh", 8), "abcdefgh");
	assert_string_equal(wg_arena_strndup(&a, "abcdefgh", 2), "ab");
	assert_string_equal(wg_arena_strndup(&a, "", 0), "");
	wg_arena_wipe(&a);
}

/* The flags that the kernel keeps for the mapping that `p` is in. */
static void mapping_flags(const void *p, char *flags, size_t size)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long from, to;
	char line[512];
	int inside = 0;

	assert_non_null(f);
	flags[0] = '\0';
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = (uintptr_t)p >= from && (uintptr_t)p < to;
		else if (inside && !strncmp(line, "VmFlags:", 8))
			snprintf(flags, size, "%s", line);
	}
	fclose(f);
}

static void pages_stay_out_of_core_dumps(void **state)
{
	struct wg_arena a = {0};
	char flags[512];

	(void)state;
	mapping_flags(wg_arena_alloc(&a, 8), flags, sizeof(flags));
	assert_non_null(strstr(flags, " dd"));
	mapping_flags(wg_arena_alloc(&a, 1 << 20), flags, sizeof(flags));
	assert_non_null(strstr(flags, " dd"));
	wg_arena_wipe(&a);
}

static void wiped_before_given_back(void **state)
{
	struct wg_arena a = {0};
	unsigned char *old = wg_arena_alloc(&a, 300), *big = wg_arena_alloc(&a, 100000);

	(void)state;
	/* The newest chunk and one before it are counted in different ways. */
	memset(old, 0xaa, 300);
	memset(big, 0xbb, 100000);
	seen_clean = seen_dirty = 0;
	watched = big;
	watched_len = 100000;
	wg_arena_wipe(&a);
	old = wg_arena_alloc(&a, 300);
	big = wg_arena_alloc(&a, 100000);
	memset(old, 0xaa, 300);
	memset(big, 0xbb, 100000);
	watched = old;
	watched_len = 300;
	wg_arena_wipe(&a);
	watched = NULL;
	assert_int_equal(seen_dirty, 0);
	assert_int_equal(seen_clean, 2);
}

static void empty_after_wipe(void **state)
{
	struct wg_arena a = {0};

	(void)state;
	wg_arena_wipe(&a);
	wg_arena_alloc(&a, 1);
	wg_arena_wipe(&a);
	assert_null(a.chunks);
	assert_int_equal(*(unsigned char *)wg_arena_alloc(&a, 1), 0);
	wg_arena_wipe(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_ours_alone),
		cmocka_unit_test(many_small_ones),
		cmocka_unit_test(strings_end),
		cmocka_unit_test(pages_stay_out_of_core_dumps),
		cmocka_unit_test(wiped_before_given_back),
		cmocka_unit_test(empty_after_wipe),
	};

	return cmocka_run_group_tests_name("lib/arena", tests, NULL, NULL);
}

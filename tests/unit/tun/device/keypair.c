// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/device/keypair.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../fake.h"
#include <cmocka.h>

#define INDICES 20000

static void an_index_finds_its_peer_until_it_is_dropped(void **state)
{
	static u32 indices[INDICES];
	static struct peer peers[INDICES];
	struct index_table *t = index_table_new();

	(void)state;
	for (int i = 0; i < INDICES; i++)
		assert_true(index_add(t, &peers[i], &indices[i]));
	for (int i = 0; i < INDICES; i += 2)
		index_drop(t, indices[i]);
	for (int i = 0; i < INDICES; i++)
		assert_ptr_equal(index_peer(t, indices[i]), i % 2 ? &peers[i] : NULL);
	for (int i = 1; i < INDICES; i += 2)
		index_drop(t, indices[i]);
	for (int i = 0; i < INDICES; i++)
		assert_null(index_peer(t, indices[i]));
	index_table_free(t);
}

static void dropping_what_is_not_there_does_nothing(void **state)
{
	struct index_table *t = index_table_new();
	struct peer p;
	u32 index;

	(void)state;
	index_drop(t, 7);
	assert_true(index_add(t, &p, &index));
	index_drop(t, index + 64);
	assert_ptr_equal(index_peer(t, index), &p);
	index_table_free(t);
}

static void keys_are_found_with_a_reference(void **state)
{
	struct device *d = fake_device();
	struct peer p = {.device = d};
	struct keypair *k = keypair_new(&p);
	u32 index;

	(void)state;
	assert_true(index_add(d->indices, &p, &index));
	assert_null(index_keypair(d->indices, index));
	index_set_keypair(d->indices, index, k);
	assert_ptr_equal(index_keypair(d->indices, index), k);
	assert_int_equal(k->refs, 2);
	index_drop(d->indices, index);
	assert_null(index_keypair(d->indices, index));
	keypair_put(k);
	assert_int_equal(d->keypair_memory.live, 1);
	keypair_put(k);
	assert_int_equal(d->keypair_memory.live, 0);
	keypair_put(NULL);
	device_free(d);
}

static void ciphers_replace_the_keys(void **state)
{
	struct device *d = fake_device();
	struct peer p = {.device = d};
	struct keypair *k = keypair_new(&p);
	const u8 zeros[32] = {0};

	(void)state;
	memset(k->pair.send_key, 1, 32);
	memset(k->pair.receive_key, 2, 32);
	keypair_ready(k);
	assert_int_equal(k->send.key[31], 1);
	assert_int_equal(k->receive.key[31], 2);
	assert_memory_equal(k->pair.send_key, zeros, 32);
	assert_memory_equal(k->pair.receive_key, zeros, 32);
	keypair_put(k);
	device_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_index_finds_its_peer_until_it_is_dropped),
		cmocka_unit_test(dropping_what_is_not_there_does_nothing),
		cmocka_unit_test(keys_are_found_with_a_reference),
		cmocka_unit_test(ciphers_replace_the_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

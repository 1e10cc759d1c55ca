// SPDX-License-Identifier: GPL-2.0
/* Building devices: order, copies, and the key of zeros. */
#include "../../../../src/lib/device/model.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/crypto/blake2s.h"
#include "../../../../src/lib/base/cleanup.h"

static void peers_stay_in_order(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	const struct wg_peer *p;
	u8 n = 0;

	(void)state;
	assert_null(dev->peers);
	for (u8 i = 0; i < 3; i++) {
		struct wg_peer *peer = wg_device_add_peer(dev);

		assert_int_equal(peer->flags, 0);
		assert_null(peer->allowedips);
		peer->public_key[0] = i;
	}
	for (p = dev->peers; p; p = p->next)
		assert_int_equal(p->public_key[0], n++);
	assert_int_equal(n, 3);
	assert_int_equal(dev->n_peers, 3);
	assert_null(dev->last_peer->next);
}

static void allowedips_are_copies_in_order(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);
	u8 addr[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	const u8 same[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	const struct wg_allowedip *four, *six;

	(void)state;
	four = wg_peer_add_allowedip(dev, peer, AF_INET, addr, 9, WG_ALLOWEDIP_REMOVE_ME);
	six = wg_peer_add_allowedip(dev, peer, AF_INET6, addr, 127, 0);
	memset(addr, 0, sizeof(addr));
	assert_ptr_equal(peer->allowedips, four);
	assert_ptr_equal(four->next, six);
	assert_ptr_equal(peer->last_allowedip, six);
	assert_null(six->next);
	assert_memory_equal(four->addr, same, 4);
	assert_memory_equal(six->addr, same, 16);
	assert_int_equal(four->cidr, 9);
	assert_int_equal(four->flags, WG_ALLOWEDIP_REMOVE_ME);
	assert_int_equal(six->family, AF_INET6);
	assert_int_equal(six->cidr, 127);
}

/* Nobody has the private key of a hash of words. */
static void the_parting_key_is_a_hash(void **state)
{
	static const char words[] = "wirekit parting peer";
	struct wg_peer peer = {0}, hashed = {0};

	(void)state;
	wg_peer_set_parting(&peer);
	wg_blake2s(hashed.public_key, WG_KEY_LEN, words, sizeof(words) - 1, NULL, 0);
	hashed.public_key[WG_KEY_LEN - 1] &= 0x7f;
	assert_memory_equal(peer.public_key, hashed.public_key, WG_KEY_LEN);
	assert_int_equal(peer.flags, WG_PEER_HAS_PUBLIC_KEY);
}

static void the_parting_peer_is_dropped(void **state)
{
	(void)state;
	for (int at = 0; at < 3; at++) {
		cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();

		for (int i = 0; i < 3; i++)
			wg_device_add_peer(dev)->public_key[0] = (u8)i;
		for (struct wg_peer *p = dev->peers; p; p = p->next)
			if (p->public_key[0] == at)
				wg_peer_set_parting(p);
		wg_device_drop_parting(dev);
		assert_int_equal(dev->n_peers, 2);
		assert_int_equal(dev->peers->public_key[0], at == 0);
		assert_ptr_equal(dev->peers->next, dev->last_peer);
		assert_int_equal(dev->last_peer->public_key[0], at == 2 ? 1 : 2);
		assert_null(dev->last_peer->next);
	}
}

static void every_bit_counts_in_a_key(void **state)
{
	u8 key[WG_KEY_LEN] = {0};

	(void)state;
	assert_true(wg_key_is_zero(key));
	for (int bit = 0; bit < 8 * WG_KEY_LEN; bit++) {
		key[bit / 8] = (u8)(1 << bit % 8);
		assert_false(wg_key_is_zero(key));
		key[bit / 8] = 0;
	}
}

static void nothing_can_be_freed(void **state)
{
	struct wg_device *none = NULL;

	(void)state;
	wg_device_free(NULL);
	wg_device_freep(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_stay_in_order),
		cmocka_unit_test(allowedips_are_copies_in_order),
		cmocka_unit_test(the_parting_key_is_a_hash),
		cmocka_unit_test(the_parting_peer_is_dropped),
		cmocka_unit_test(every_bit_counts_in_a_key),
		cmocka_unit_test(nothing_can_be_freed),
	};

	return cmocka_run_group_tests_name("lib/model", tests, NULL, NULL);
}

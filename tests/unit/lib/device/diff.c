// SPDX-License-Identifier: GPL-2.0
/* The change from a device to a file. A small model of a data path carries out what a file says
 * (all of it, as syncconf means it), and what the difference says: both must end the same, and
 * then there must be nothing left to send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/device/diff.h"

/* Few of each, so that they meet often. */
#define KEYS     6
#define PARTING  KEYS /* stands for the key that is random */
#define PREFIXES 12
#define NOBODY   -1

struct model {
	u8 private_key;
	u16 port;
	u32 mark;
	struct {
		bool there;
		u8 psk;
		u16 keepalive, port;
	} peer[KEYS + 1];
	int owner[PREFIXES];
	bool kept[PREFIXES]; /* somebody has it before and after: nobody must not have it in between */
};

static void put_prefix(struct wg_device *dev, struct wg_peer *p, int prefix, bool host_bits, u8 flags)
{
	u8 addr[16] = {0};

	/* The same bytes as IPv4 and IPv6, with several lengths. */
	addr[0] = 0x20;
	addr[1] = (u8)(prefix / 4 << 4);
	addr[3] = host_bits ? 5 : 0;
	wg_peer_add_allowedip(dev, p, prefix & 1 ? AF_INET6 : AF_INET, addr, prefix & 2 ? 12 : 20,
			      flags);
}

static int prefix_of(const struct wg_allowedip *ip)
{
	return ip->addr[1] >> 4 << 2 | (ip->cidr == 12) << 1 | (ip->family == AF_INET6);
}

static struct wg_peer *put_peer(struct wg_device *dev, int key)
{
	struct wg_peer *p = wg_device_add_peer(dev);

	memset(p->public_key, key + 1, WG_KEY_LEN);
	p->flags = WG_PEER_HAS_PUBLIC_KEY;
	return p;
}

static void put_endpoint(struct wg_peer *p, u16 port)
{
	memset(&p->endpoint, 0, sizeof(p->endpoint));
	if (!port)
		return;
	p->endpoint.addr.sa_family = port & 1 ? AF_INET6 : AF_INET;
	p->endpoint.addr4.sin_port = port;
}

static void lose_prefixes(struct model *m, int key)
{
	for (int i = 0; i < PREFIXES; i++)
		if (m->owner[i] == key)
			m->owner[i] = NOBODY;
}

static int key_of(const struct wg_peer *p)
{
	for (size_t i = 1; i < WG_KEY_LEN; i++)
		if (p->public_key[i] != p->public_key[0])
			return PARTING;
	return p->public_key[0] - 1;
}

static void assert_no_gap(const struct model *m)
{
	for (int i = 0; i < PREFIXES; i++)
		assert_false(m->kept[i] && (m->owner[i] == NOBODY || m->owner[i] == PARTING));
}

static void apply_peer(struct model *m, const struct wg_peer *p)
{
	int key = key_of(p);

	if (p->flags & WG_PEER_REMOVE_ME) {
		m->peer[key].there = false;
		m->peer[key].psk = 0;
		m->peer[key].keepalive = m->peer[key].port = 0;
		lose_prefixes(m, key);
		return;
	}
	m->peer[key].there = true;
	if (p->flags & WG_PEER_HAS_PRESHARED_KEY)
		m->peer[key].psk = p->preshared_key[0];
	if (p->flags & WG_PEER_HAS_KEEPALIVE)
		m->peer[key].keepalive = p->keepalive;
	if (p->endpoint.addr.sa_family)
		m->peer[key].port = p->endpoint.addr4.sin_port;
	if (p->flags & WG_PEER_REPLACE_ALLOWEDIPS)
		lose_prefixes(m, key);
	assert_no_gap(m);
	for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next) {
		int i = prefix_of(ip);

		if (!(ip->flags & WG_ALLOWEDIP_REMOVE_ME))
			m->owner[i] = key;
		else if (m->owner[i] == key)
			m->owner[i] = NOBODY;
		assert_no_gap(m);
	}
}

static void apply(struct model *m, const struct wg_device *change)
{
	if (change->flags & WG_DEVICE_HAS_PRIVATE_KEY)
		m->private_key = change->private_key[0];
	if (change->flags & WG_DEVICE_HAS_LISTEN_PORT)
		m->port = change->listen_port ? change->listen_port : 999;
	if (change->flags & WG_DEVICE_HAS_FWMARK)
		m->mark = change->fwmark;
	for (const struct wg_peer *p = change->peers; p; p = p->next)
		apply_peer(m, p);
}

static void apply_change(struct model *m, const struct wg_device *change)
{
	for (int key = 0; key < KEYS && change->flags & WG_DEVICE_REPLACE_PEERS; key++) {
		memset(&m->peer[key], 0, sizeof(m->peer[key]));
		lose_prefixes(m, key);
	}
	apply(m, change);
}

/* What syncconf means: peers not in the file go, keys and intervals it lost go, then the file. */
static void sync(struct model *m, const struct wg_device *file)
{
	bool named[KEYS] = {false};
	struct model before = *m;

	for (const struct wg_peer *p = file->peers; p; p = p->next)
		named[p->public_key[0] - 1] = true;
	for (int key = 0; key < KEYS; key++) {
		if (!named[key]) {
			m->peer[key].there = false;
			m->peer[key].port = 0;
			lose_prefixes(m, key);
		}
		m->peer[key].psk = 0;
		m->peer[key].keepalive = 0;
	}
	apply(m, file);
	if (file->flags & WG_DEVICE_HAS_LISTEN_PORT && !file->listen_port)
		m->port = before.port;
}

/* The model as a data path reports it. */
static struct wg_device *report(const struct model *m, int from)
{
	struct wg_device *dev = wg_device_new();

	memset(dev->private_key, m->private_key, WG_KEY_LEN);
	dev->listen_port = m->port;
	dev->fwmark = m->mark;
	for (int n = 0; n < KEYS; n++) {
		int key = (n + from) % KEYS;
		struct wg_peer *p;

		if (!m->peer[key].there)
			continue;
		p = put_peer(dev, key);
		memset(p->preshared_key, m->peer[key].psk, WG_KEY_LEN);
		p->keepalive = m->peer[key].keepalive;
		put_endpoint(p, m->peer[key].port);
		for (int i = 0; i < PREFIXES; i++)
			if (m->owner[i] == key)
				put_prefix(dev, p, i, false, 0);
	}
	return dev;
}

static struct wg_device *random_file(void)
{
	struct wg_device *dev = wg_device_new();
	int n = rand() % 8;

	dev->flags = (u32)(rand() & (WG_DEVICE_REPLACE_PEERS | WG_DEVICE_HAS_PRIVATE_KEY |
				     WG_DEVICE_HAS_LISTEN_PORT | WG_DEVICE_HAS_FWMARK));
	memset(dev->private_key, rand() % 2, WG_KEY_LEN);
	dev->listen_port = (u16)(rand() % 3);
	dev->fwmark = (u32)rand() % 3;
	while (n--) {
		struct wg_peer *p = put_peer(dev, rand() % KEYS);
		bool signs = rand() % 4 == 0;

		p->flags |= rand() & (WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE);
		if (p->flags & WG_PEER_HAS_PRESHARED_KEY)
			memset(p->preshared_key, rand() % 3, WG_KEY_LEN);
		if (p->flags & WG_PEER_HAS_KEEPALIVE)
			p->keepalive = (u16)(rand() % 3);
		put_endpoint(p, (u16)(rand() % 3));
		if (!signs)
			p->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
		for (int i = rand() % 5; i; i--)
			put_prefix(dev, p, rand() % PREFIXES, rand() % 2,
				   signs && rand() % 2 ? WG_ALLOWEDIP_REMOVE_ME : 0);
	}
	return dev;
}

static struct wg_device *copy(const struct wg_device *from)
{
	struct wg_device *dev = wg_device_new();

	dev->flags = from->flags;
	memcpy(dev->private_key, from->private_key, WG_KEY_LEN);
	dev->listen_port = from->listen_port;
	dev->fwmark = from->fwmark;
	for (const struct wg_peer *p = from->peers; p; p = p->next) {
		struct wg_peer *to = put_peer(dev, p->public_key[0] - 1);

		to->flags = p->flags;
		to->keepalive = p->keepalive;
		to->endpoint = p->endpoint;
		memcpy(to->preshared_key, p->preshared_key, WG_KEY_LEN);
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next)
			wg_peer_add_allowedip(dev, to, ip->family, ip->addr, ip->cidr, ip->flags);
	}
	return dev;
}

static bool has_removals(const struct wg_device *change)
{
	for (const struct wg_peer *p = change->peers; p; p = p->next)
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next)
			if (ip->flags & WG_ALLOWEDIP_REMOVE_ME)
				return true;
	return false;
}

static void check(unsigned int round, struct model *device, const struct wg_device *file)
{
	struct wg_device *have = report(device, rand() % 2 ? rand() : 0), *change = copy(file);
	struct wg_device *parting = wg_device_new();
	struct model wanted = *device;
	struct wg_error err;
	bool changed;

	sync(&wanted, file);
	assert_int_equal(wg_diff(change, have, &changed, &err), 0);
	if (!changed)
		assert_memory_equal(device, &wanted, sizeof(wanted));
	if (round % 2) {
		wg_diff_avoid_removals(change, parting);
		assert_false(has_removals(change));
		assert_false(has_removals(parting));
	}
	if (!(change->flags & WG_DEVICE_REPLACE_PEERS))
		for (int i = 0; i < PREFIXES; i++)
			device->kept[i] = device->owner[i] != NOBODY && wanted.owner[i] != NOBODY;
	apply_change(device, change);
	apply_change(device, parting);
	memset(device->kept, 0, sizeof(device->kept));
	if (memcmp(device, &wanted, sizeof(wanted)))
		fail_msg("round %u ends in another state", round);
	wg_device_free(have);
	wg_device_free(change);
	wg_device_free(parting);

	have = report(device, rand() % 2 ? rand() : 0);
	change = copy(file);
	assert_int_equal(wg_diff(change, have, &changed, &err), 0);
	/* A file whose entries take prefixes from each other relatively may have more to say. */
	sync(&wanted, file);
	if (!memcmp(device, &wanted, sizeof(wanted)) && changed)
		fail_msg("round %u sends something to an unchanged device", round);
	wg_device_free(have);
	wg_device_free(change);
}

static void random_pairs(void **state)
{
	struct model device = {0};

	(void)state;
	srand(1);
	for (int i = 0; i < PREFIXES; i++)
		device.owner[i] = NOBODY;
	for (unsigned int round = 0; round < 20000; round++) {
		struct wg_device *file = random_file();

		check(round, &device, file);
		wg_device_free(file);
	}
}

/* No SET of what a device could be without: only additions, where nothing has to go. */
static void sends_only_what_differs(void **state)
{
	struct wg_device *have = wg_device_new(), *want = wg_device_new();
	struct wg_peer *p;
	struct wg_error err;
	bool changed;

	(void)state;
	for (int key = 0; key < 3; key++) {
		p = put_peer(have, key);
		put_prefix(have, p, key, false, 0);
		p = put_peer(want, key);
		p->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
		put_prefix(want, p, key, true, 0);
	}
	put_prefix(want, want->peers->next, 7, false, 0);
	put_peer(have, 3);
	want->flags = WG_DEVICE_REPLACE_PEERS;
	assert_int_equal(wg_diff(want, have, &changed, &err), 0);
	assert_true(changed);
	assert_int_equal(want->flags, 0);
	assert_int_equal(want->n_peers, 2);
	assert_int_equal(want->peers->public_key[0], 2);
	assert_int_equal(want->peers->flags, WG_PEER_HAS_PUBLIC_KEY);
	assert_int_equal(prefix_of(want->peers->allowedips), 7);
	assert_null(want->peers->allowedips->next);
	assert_int_equal(want->last_peer->public_key[0], 4);
	assert_int_equal(want->last_peer->flags, WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REMOVE_ME);
	wg_device_free(have);
	wg_device_free(want);
}

/* A peer whose list is replaced has none of it for a moment: of one that keeps something, only that is said
 * which goes, and to data paths that do not understand it, by a peer that takes it along. */
static void removes_one_by_one(void **state)
{
	struct wg_device *have = wg_device_new(), *want = wg_device_new(), *parting = wg_device_new();
	struct wg_peer *p = put_peer(have, 0);
	struct wg_error err;
	bool changed;

	(void)state;
	for (int i = 0; i < 3; i++)
		put_prefix(have, p, i, false, 0);
	put_prefix(have, put_peer(have, 1), 3, false, 0);
	p = put_peer(want, 0);
	p->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
	put_prefix(want, p, 1, false, 0);
	put_prefix(want, p, 4, false, 0);
	p = put_peer(want, 1);
	p->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
	put_prefix(want, p, 2, false, 0);
	assert_int_equal(wg_diff(want, have, &changed, &err), 0);
	p = want->peers;
	assert_int_equal(p->flags, WG_PEER_HAS_PUBLIC_KEY);
	assert_int_equal(prefix_of(p->allowedips), 4);
	assert_int_equal(prefix_of(p->last_allowedip), 0);
	assert_int_equal(p->last_allowedip->flags, WG_ALLOWEDIP_REMOVE_ME);
	assert_ptr_equal(p->allowedips->next, p->last_allowedip);
	/* All that the second one has goes. */
	assert_int_equal(p->next->flags, WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REPLACE_ALLOWEDIPS);
	wg_diff_avoid_removals(want, parting);
	assert_int_equal(want->n_peers, 2);
	assert_ptr_equal(p->allowedips, p->last_allowedip);
	assert_int_equal(parting->n_peers, 2);
	p = parting->peers;
	assert_int_equal(p->flags, WG_PEER_HAS_PUBLIC_KEY);
	assert_int_equal(prefix_of(p->allowedips), 0);
	assert_int_equal(p->allowedips->flags, 0);
	assert_true(wg_peer_is_parting(p));
	assert_true(wg_peer_is_parting(p->next));
	assert_int_equal(p->next->flags, WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REMOVE_ME);
	assert_null(p->next->next);
	wg_device_free(have);
	wg_device_free(want);
	wg_device_free(parting);
}

/* A program that was killed may have left the parting peer, and a file may have been saved from such a device. */
static void removes_the_parting_peer(void **state)
{
	struct wg_error err;
	bool changed;

	(void)state;
	for (int listed = 0; listed < 2; listed++) {
		struct wg_device *have = wg_device_new(), *want = wg_device_new();
		struct wg_peer *p;

		put_peer(have, 0);
		p = put_peer(have, 1);
		put_prefix(have, p, 1, false, 0);
		wg_peer_set_parting(p);
		put_peer(want, 0);
		if (listed)
			wg_peer_set_parting(put_peer(want, 1));
		assert_int_equal(wg_diff(want, have, &changed, &err), 0);
		assert_true(changed);
		assert_int_equal(want->n_peers, 1);
		assert_true(wg_peer_is_parting(want->peers));
		assert_int_equal(want->peers->flags, WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REMOVE_ME);
		wg_device_free(have);
		wg_device_free(want);
	}
}

/* One word for all, where none of the device's peers stays. */
static void replaces_where_none_stays(void **state)
{
	struct wg_device *have = wg_device_new(), *want = wg_device_new();
	struct wg_error err;
	bool changed;

	(void)state;
	put_peer(have, 0);
	put_peer(have, 1);
	put_prefix(want, put_peer(want, 2), 0, false, 0);
	assert_int_equal(wg_diff(want, have, &changed, &err), 0);
	assert_true(changed);
	assert_int_equal(want->flags, WG_DEVICE_REPLACE_PEERS);
	assert_int_equal(want->n_peers, 1);
	assert_int_equal(prefix_of(want->peers->allowedips), 0);
	wg_device_free(have);
	wg_device_free(want);
}

/* The data path ignores such a peer and its allowed IPs, so it must not be sent each time. */
static void skips_the_own_key(void **state)
{
	struct wg_device *have = wg_device_new(), *want = wg_device_new();
	struct wg_error err;
	bool changed;

	(void)state;
	have->flags = WG_DEVICE_HAS_PUBLIC_KEY;
	memset(have->public_key, 1, WG_KEY_LEN);
	put_prefix(have, put_peer(have, 1), 0, false, 0);
	put_prefix(want, put_peer(want, 1), 0, false, 0);
	put_prefix(want, put_peer(want, 0), 0, false, 0);
	assert_int_equal(wg_diff(want, have, &changed, &err), 0);
	assert_false(changed);
	wg_device_free(have);
	wg_device_free(want);
}

static void knows_clamped_keys(void **state)
{
	struct wg_device *have = wg_device_new(), *want = wg_device_new();
	struct wg_error err;
	bool changed;

	(void)state;
	memset(want->private_key, 0xff, WG_KEY_LEN);
	memset(have->private_key, 0xff, WG_KEY_LEN);
	have->private_key[0] = 0xf8;
	have->private_key[31] = 0x7f;
	want->flags = WG_DEVICE_HAS_PRIVATE_KEY;
	assert_int_equal(wg_diff(want, have, &changed, &err), 0);
	assert_false(changed);
	want->flags = WG_DEVICE_HAS_PRIVATE_KEY;
	have->private_key[5] = 0;
	assert_int_equal(wg_diff(want, have, &changed, &err), 0);
	assert_true(changed);
	/* Zeros remove the key; the clamped form of zeros is a key. */
	memset(want->private_key, 0, WG_KEY_LEN);
	memset(have->private_key, 0, WG_KEY_LEN);
	have->private_key[31] = 0x40;
	assert_int_equal(wg_diff(want, have, &changed, &err), 0);
	assert_true(changed);
	wg_device_free(have);
	wg_device_free(want);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_pairs),
		cmocka_unit_test(sends_only_what_differs),
		cmocka_unit_test(removes_one_by_one),
		cmocka_unit_test(removes_the_parting_peer),
		cmocka_unit_test(replaces_where_none_stays),
		cmocka_unit_test(skips_the_own_key),
		cmocka_unit_test(knows_clamped_keys),
	};

	return cmocka_run_group_tests_name("lib/diff", tests, NULL, NULL);
}

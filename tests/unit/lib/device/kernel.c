// SPDX-License-Identifier: GPL-2.0
/* SET_DEVICE and GET_DEVICE messages: as bytes, and as what a small model of the kernel makes of
 * them for every size of message. */
#include "../../../../src/lib/device/kernel.h"
#include <errno.h>
#include <linux/genetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"

#define BUF (64 * 1024)

static struct nlmsghdr *start(char *buf)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	genl->cmd = WG_CMD_SET_DEVICE;
	genl->version = WG_GENL_VERSION;
	return nlh;
}

static struct wg_device *named_device(const char *name)
{
	struct wg_device *dev = wg_device_new();

	strcpy(dev->name, name);
	return dev;
}

static struct wg_peer *add_peer(struct wg_device *dev, u32 number, u16 flags)
{
	struct wg_peer *peer = wg_device_add_peer(dev);

	wg_store_le32(peer->public_key, number);
	peer->public_key[31] = 0x40;
	peer->flags = WG_PEER_HAS_PUBLIC_KEY | flags;
	return peer;
}

static void add_ips(struct wg_device *dev, struct wg_peer *peer, u32 n, bool six)
{
	for (u32 i = 0; i < n; i++) {
		u8 addr[16] = {10, (u8)(i >> 16), (u8)(i >> 8), (u8)i};

		addr[15] = (u8)peer->public_key[0];
		wg_peer_add_allowedip(dev, peer, six ? AF_INET6 : AF_INET, addr, six ? 128 : 32, 0);
	}
}

/* Little-endian, as these machines are: netlink is in host order. */
static void test_golden_set(void **state)
{
	static const u8 want[] = {
		/* nlmsghdr and genlmsghdr */
		0xac, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0,
		/* IFNAME "wg0", LISTEN_PORT 51820, FWMARK 0xca6c, FLAGS REPLACE_PEERS */
		8, 0, 2, 0, 'w', 'g', '0', 0, 6, 0, 6, 0, 0x6c, 0xca, 0, 0, 8, 0, 7, 0, 0x6c, 0xca, 0, 0,
		8, 0, 5, 0, 1, 0, 0, 0,
		/* PEERS, peer 0 */
		0x78, 0, 8, 0x80, 0x74, 0, 0, 0x80,
		/* PUBLIC_KEY */
		0x24, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0x40,
		/* FLAGS REPLACE_ALLOWEDIPS | UPDATE_ONLY, ENDPOINT 192.0.2.1:9, KEEPALIVE 25 */
		8, 0, 3, 0, 6, 0, 0, 0, 0x14, 0, 4, 0, 2, 0, 0, 9, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0,
		6, 0, 5, 0, 25, 0, 0, 0,
		/* ALLOWEDIPS, number 0: FAMILY, IPADDR 10.0.0.0, CIDR_MASK 8, FLAGS REMOVE_ME */
		0x28, 0, 9, 0x80, 0x24, 0, 0, 0x80, 6, 0, 1, 0, 2, 0, 0, 0, 8, 0, 2, 0, 10, 0, 0, 0,
		5, 0, 3, 0, 8, 0, 0, 0, 8, 0, 4, 0, 1, 0, 0, 0};
	static const u8 ten[4] = {10};
	cleanup(wg_device_freep) struct wg_device *dev = named_device("wg0");
	static char buf[BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = start(buf);
	struct wg_kernel_writer w = {.dev = dev};
	struct wg_peer *peer = add_peer(dev, 7, WG_PEER_REPLACE_ALLOWEDIPS | WG_PEER_UPDATE_ONLY |
							WG_PEER_HAS_KEEPALIVE);

	(void)state;
	dev->flags = WG_DEVICE_HAS_LISTEN_PORT | WG_DEVICE_HAS_FWMARK | WG_DEVICE_REPLACE_PEERS;
	dev->listen_port = 51820;
	dev->fwmark = 0xca6c;
	peer->endpoint.addr4.sin_family = AF_INET;
	peer->endpoint.addr4.sin_port = htons(9);
	peer->endpoint.addr4.sin_addr.s_addr = htonl(0xc0000201);
	peer->keepalive = 25;
	wg_peer_add_allowedip(dev, peer, AF_INET, ten, 8, WG_ALLOWEDIP_REMOVE_ME);
	assert_int_equal(wg_kernel_write(&w, nlh, BUF), 0);
	assert_int_equal(nlh->nlmsg_len, sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
}

static void test_removed_peer_is_key_and_flag(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = named_device("wg0");
	static char buf[BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = start(buf);
	struct wg_kernel_writer w = {.dev = dev};
	struct wg_peer *peer = add_peer(dev, 1, WG_PEER_REMOVE_ME | WG_PEER_REPLACE_ALLOWEDIPS |
							WG_PEER_HAS_PRESHARED_KEY |
							WG_PEER_HAS_KEEPALIVE | WG_PEER_UPDATE_ONLY);

	(void)state;
	peer->endpoint.addr.sa_family = AF_INET;
	add_ips(dev, peer, 5, false);
	assert_int_equal(wg_kernel_write(&w, nlh, BUF), 0);
	assert_int_equal(nlh->nlmsg_len, 20 + 8 + 4 + 4 + 36 + 8);
	assert_int_equal(buf[20 + 8 + 4 + 4 + 36 + 4], WGPEER_F_REMOVE_ME);
}

/* The model kernel: peers by number, each with a list of allowed IPs and settings. What it checks:
 * settings come once, REPLACE_ALLOWEDIPS comes with the first part of a peer only. */
struct model {
	struct wg_device *dev;
	unsigned int messages, replaced_peers;
	bool port, key;
};

static struct wg_peer *model_peer(struct model *m, const u8 *key)
{
	struct wg_peer *peer = m->dev->last_peer;

	if (peer && !memcmp(peer->public_key, key, WG_KEY_LEN))
		return peer;
	peer = wg_device_add_peer(m->dev);
	memcpy(peer->public_key, key, WG_KEY_LEN);
	return peer;
}

static void model_ip(struct model *m, struct wg_peer *peer, const struct nlattr *nest)
{
	const struct nlattr *attr;
	const void *addr = NULL;
	u16 family = 0;
	u8 cidr = 0, flags = 0;

	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case WGALLOWEDIP_A_FAMILY:
			family = mnl_attr_get_u16(attr);
			break;
		case WGALLOWEDIP_A_IPADDR:
			addr = mnl_attr_get_payload(attr);
			break;
		case WGALLOWEDIP_A_CIDR_MASK:
			assert_int_equal(mnl_attr_get_payload_len(attr), 1);
			cidr = mnl_attr_get_u8(attr);
			break;
		case WGALLOWEDIP_A_FLAGS:
			flags = (u8)mnl_attr_get_u32(attr);
			break;
		default:
			fail();
		}
	}
	assert_non_null(addr);
	wg_peer_add_allowedip(m->dev, peer, (u8)family, addr, cidr, flags);
}

static void model_peer_attribute(struct model *m, struct wg_peer *peer, const struct nlattr *attr)
{
	const struct nlattr *ip;
	u32 flags;

	switch (mnl_attr_get_type(attr)) {
	case WGPEER_A_PUBLIC_KEY:
		break;
	case WGPEER_A_PRESHARED_KEY:
		assert_false(peer->flags & WG_PEER_HAS_PRESHARED_KEY);
		peer->flags |= WG_PEER_HAS_PRESHARED_KEY;
		memcpy(peer->preshared_key, mnl_attr_get_payload(attr), WG_KEY_LEN);
		break;
	case WGPEER_A_FLAGS:
		flags = mnl_attr_get_u32(attr);
		if (flags & WGPEER_F_REPLACE_ALLOWEDIPS) {
			assert_null(peer->allowedips);
			assert_false(peer->flags & WG_PEER_REPLACE_ALLOWEDIPS);
			peer->flags |= WG_PEER_REPLACE_ALLOWEDIPS;
		}
		if (flags & WGPEER_F_UPDATE_ONLY)
			peer->flags |= WG_PEER_UPDATE_ONLY;
		break;
	case WGPEER_A_ENDPOINT:
		assert_int_equal(peer->endpoint.addr.sa_family, 0);
		memcpy(&peer->endpoint, mnl_attr_get_payload(attr),
		       mnl_attr_get_payload_len(attr));
		break;
	case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL:
		assert_false(peer->flags & WG_PEER_HAS_KEEPALIVE);
		peer->flags |= WG_PEER_HAS_KEEPALIVE;
		peer->keepalive = mnl_attr_get_u16(attr);
		break;
	case WGPEER_A_ALLOWEDIPS:
		assert_true(attr->nla_type & NLA_F_NESTED);
		mnl_attr_for_each_nested(ip, attr)
			model_ip(m, peer, ip);
		break;
	default:
		fail();
	}
}

static void model_device_attribute(struct model *m, const struct nlattr *attr)
{
	const struct nlattr *nest, *sub;

	switch (mnl_attr_get_type(attr)) {
	case WGDEVICE_A_IFNAME:
		assert_string_equal(mnl_attr_get_str(attr), "wg0");
		break;
	case WGDEVICE_A_PRIVATE_KEY:
		assert_false(m->key);
		m->key = true;
		break;
	case WGDEVICE_A_LISTEN_PORT:
		assert_false(m->port);
		m->port = true;
		break;
	case WGDEVICE_A_FLAGS:
		assert_int_equal(m->messages, 0);
		m->replaced_peers++;
		break;
	case WGDEVICE_A_PEERS:
		mnl_attr_for_each_nested(nest, attr) {
			const struct nlattr *key = mnl_attr_get_payload(nest);
			struct wg_peer *peer;

			assert_int_equal(mnl_attr_get_type(key), WGPEER_A_PUBLIC_KEY);
			peer = model_peer(m, mnl_attr_get_payload(key));
			mnl_attr_for_each_nested(sub, nest)
				model_peer_attribute(m, peer, sub);
		}
		break;
	default:
		fail();
	}
}

static void model_take(struct model *m, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN)
		model_device_attribute(m, attr);
	m->messages++;
}

static void assert_same(const struct wg_device *a, const struct wg_device *b)
{
	const struct wg_peer *p = a->peers, *q = b->peers;

	assert_int_equal(a->n_peers, b->n_peers);
	for (; p; p = p->next, q = q->next) {
		const struct wg_allowedip *i = p->allowedips, *j = q->allowedips;

		assert_memory_equal(p->public_key, q->public_key, WG_KEY_LEN);
		assert_memory_equal(p->preshared_key, q->preshared_key, WG_KEY_LEN);
		assert_int_equal(p->flags & ~WG_PEER_HAS_PUBLIC_KEY, q->flags);
		assert_int_equal(p->keepalive, q->keepalive);
		assert_memory_equal(&p->endpoint, &q->endpoint, sizeof(p->endpoint));
		for (; i && j; i = i->next, j = j->next) {
			assert_int_equal(i->family, j->family);
			assert_int_equal(i->cidr, j->cidr);
			assert_memory_equal(i->addr, j->addr, wg_family_len(i->family));
		}
		assert_null(i);
		assert_null(j);
	}
}

/* False where the room is too small. */
static bool replay(const struct wg_device *dev, size_t room, unsigned int *messages)
{
	static char buf[BUF] __attribute__((aligned(8)));
	cleanup(wg_device_freep) struct wg_device *copy = named_device("wg0");
	struct wg_kernel_writer w = {.dev = dev};
	struct model m = {.dev = copy};
	int more;

	do {
		struct nlmsghdr *nlh = start(buf);

		more = wg_kernel_write(&w, nlh, room);
		if (more < 0)
			return false;
		assert_true(nlh->nlmsg_len <= room);
		model_take(&m, nlh);
		assert_true(m.messages < 10000);
	} while (more > 0);
	assert_int_equal(w.peers_done, dev->n_peers);
	assert_int_equal(m.replaced_peers, 1);
	assert_true(m.key && m.port);
	assert_same(dev, copy);
	*messages = m.messages;
	return true;
}

static struct wg_device *varied_device(void)
{
	struct wg_device *dev = named_device("wg0");
	struct wg_peer *peer;

	dev->flags = WG_DEVICE_REPLACE_PEERS | WG_DEVICE_HAS_PRIVATE_KEY | WG_DEVICE_HAS_LISTEN_PORT;
	add_ips(dev, add_peer(dev, 1, WG_PEER_REPLACE_ALLOWEDIPS), 9, false);
	add_peer(dev, 2, 0);
	peer = add_peer(dev, 3, WG_PEER_REPLACE_ALLOWEDIPS | WG_PEER_HAS_KEEPALIVE |
					WG_PEER_HAS_PRESHARED_KEY | WG_PEER_UPDATE_ONLY);
	peer->preshared_key[3] = 3;
	peer->keepalive = 3;
	peer->endpoint.addr6.sin6_family = AF_INET6;
	peer->endpoint.addr6.sin6_port = 3;
	add_ips(dev, peer, 7, true);
	add_ips(dev, peer, 4, false);
	add_ips(dev, add_peer(dev, 4, WG_PEER_HAS_PRESHARED_KEY), 1, true);
	add_peer(dev, 5, WG_PEER_REPLACE_ALLOWEDIPS);
	return dev;
}

static void test_every_split(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = varied_device();
	unsigned int messages = 0, most = 0, least = 0, worked = 0;

	(void)state;
	for (size_t room = 20; room < 1800; room++) {
		bool fits = replay(dev, room, &messages);

		assert_true(fits || !worked);
		if (!fits)
			continue;
		if (!worked++)
			most = messages;
		least = messages;
	}
	assert_true(worked > 1400);
	assert_true(most > 12);
	assert_int_equal(least, 1);
}

static void test_whole_peers_are_not_split(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = varied_device();
	static char buf[BUF] __attribute__((aligned(8)));
	struct wg_kernel_writer w = {.dev = dev};

	(void)state;
	/* Room for peer 1 and a little: peer 3 waits for a message of its own. */
	while (wg_kernel_write(&w, start(buf), 700) > 0)
		assert_false(w.split);
}

static void test_100000_allowed_ips(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = varied_device();
	unsigned int messages = 0;

	(void)state;
	add_ips(dev, add_peer(dev, 99, WG_PEER_REPLACE_ALLOWEDIPS), 100000, false);
	assert_true(replay(dev, BUF, &messages));
	/* 28 bytes each */
	assert_in_range(messages, 43, 45);
}

static void test_100000_peers(void **state)
{
	cleanup(wg_device_freep) struct wg_device *dev = varied_device();
	unsigned int messages = 0;

	(void)state;
	for (u32 i = 0; i < 100000; i++)
		add_ips(dev, add_peer(dev, 100 + i, WG_PEER_REPLACE_ALLOWEDIPS), 1, false);
	assert_true(replay(dev, BUF, &messages));
	assert_true(messages < 200);
}

static void put_reply_ip(struct nlmsghdr *nlh, u16 family, size_t len, u8 cidr)
{
	static const u8 addr[16] = {10, 1, 2, 3};
	struct nlattr *nest = mnl_attr_nest_start(nlh, 0);

	mnl_attr_put_u16(nlh, WGALLOWEDIP_A_FAMILY, family);
	mnl_attr_put(nlh, WGALLOWEDIP_A_IPADDR, len, addr);
	mnl_attr_put_u8(nlh, WGALLOWEDIP_A_CIDR_MASK, cidr);
	mnl_attr_nest_end(nlh, nest);
}

struct reply {
	u8 number;
	bool settings;
	u16 family;
	size_t len;
	u8 cidr;
	size_t endpoint_len;
};

static struct nlmsghdr *put_reply(char *buf, const struct reply *r)
{
	const struct {
		s64 sec, nsec;
	} t = {1700000000, 5};
	struct sockaddr_in6 sin6 = {.sin6_family = AF_INET6, .sin6_port = htons(1)};
	struct nlmsghdr *nlh = start(buf);
	struct nlattr *peers, *peer, *ips;
	u8 key[WG_KEY_LEN] = {r->number};

	mnl_attr_put_strz(nlh, WGDEVICE_A_IFNAME, "wg0");
	mnl_attr_put_u32(nlh, WGDEVICE_A_IFINDEX, 4);
	mnl_attr_put_u16(nlh, WGDEVICE_A_LISTEN_PORT, 51820);
	peers = mnl_attr_nest_start(nlh, WGDEVICE_A_PEERS);
	peer = mnl_attr_nest_start(nlh, 0);
	mnl_attr_put(nlh, WGPEER_A_PUBLIC_KEY, sizeof(key), key);
	if (r->settings) {
		mnl_attr_put_u16(nlh, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, 25);
		mnl_attr_put(nlh, WGPEER_A_LAST_HANDSHAKE_TIME, sizeof(t), &t);
		mnl_attr_put_u64(nlh, WGPEER_A_RX_BYTES, 1ULL << 40);
		mnl_attr_put(nlh, WGPEER_A_ENDPOINT, r->endpoint_len, &sin6);
	}
	ips = mnl_attr_nest_start(nlh, WGPEER_A_ALLOWEDIPS);
	put_reply_ip(nlh, r->family, r->len, r->cidr);
	mnl_attr_nest_end(nlh, ips);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, peers);
	return nlh;
}

static void test_split_peer_is_joined(void **state)
{
	const struct reply one = {1, true, AF_INET, 4, 32, sizeof(struct sockaddr_in6)};
	const struct reply again = {1, false, AF_INET6, 16, 128, 0};
	const struct reply two = {2, false, AF_INET, 4, 0, 0};
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	static char buf[BUF] __attribute__((aligned(8)));

	(void)state;
	assert_int_equal(wg_kernel_read(put_reply(buf, &one), dev), MNL_CB_OK);
	assert_int_equal(wg_kernel_read(put_reply(buf, &again), dev), MNL_CB_OK);
	assert_int_equal(wg_kernel_read(put_reply(buf, &two), dev), MNL_CB_OK);
	assert_string_equal(dev->name, "wg0");
	assert_int_equal(dev->listen_port, 51820);
	assert_int_equal(dev->n_peers, 2);
	assert_int_equal(dev->peers->keepalive, 25);
	assert_int_equal(dev->peers->handshake_sec, 1700000000);
	assert_int_equal(dev->peers->rx_bytes, 1ULL << 40);
	assert_int_equal(dev->peers->endpoint.addr.sa_family, AF_INET6);
	assert_int_equal(dev->peers->allowedips->next->family, AF_INET6);
	assert_null(dev->peers->allowedips->next->next);
	assert_int_equal(dev->last_peer->allowedips->cidr, 0);
}

static void test_bad_replies(void **state)
{
	static const struct reply bad[] = {
		{1, false, AF_INET, 4, 33, 0},  {1, false, AF_INET6, 16, 129, 0},
		{1, false, AF_INET, 16, 32, 0}, {1, false, AF_INET6, 4, 32, 0},
		{1, false, AF_UNIX, 4, 32, 0},  {1, true, AF_INET, 4, 32, 16},
		{1, true, AF_INET, 4, 32, 1},
	};
	static char buf[BUF] __attribute__((aligned(8)));

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();

		assert_int_equal(wg_kernel_read(put_reply(buf, &bad[i]), dev), MNL_CB_ERROR);
	}
}

/* `code`: what the kernel answered to a message of peers `from` to `to` out of `n`. */
struct refusal {
	size_t n, from, to;
	int code;
	bool removes_ip;
	const char *says;
};

static const struct refusal refusals[] = {
	/* Checked before anything is touched: nothing to tell apart. */
	{3, 1, 3, EPERM, false, "Unable to modify interface wg0: no"},
	{3, 1, 3, ENODEV, false, "Unable to modify interface wg0: no"},
	{0, 1, 0, EADDRINUSE, false,
	 "Unable to modify interface wg0: no; refused, perhaps applied in part: the interface's "
	 "settings"},
	{1, 1, 1, EINVAL, false,
	 "Unable to modify interface wg0: no; refused, perhaps applied in part: the interface's "
	 "settings and peer 1, beginning with AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA="},
	{1, 1, 1, EINVAL, true,
	 "Unable to modify interface wg0: no (removing single allowed IPs takes Linux 6.16 or "
	 "later); refused, perhaps applied in part: the interface's settings and peer 1, beginning "
	 "with AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA="},
	{9, 1, 2, ENOMEM, false,
	 "Unable to modify interface wg0: no; refused, perhaps applied in part: the interface's "
	 "settings and peers 1 to 2, beginning with AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=; "
	 "not applied: peers 3 to 9"},
	/* Behind other messages, even EPERM leaves something done. */
	{9, 3, 8, EPERM, false,
	 "Unable to modify interface wg0: no; applied: the interface's settings and peers 1 to 2; "
	 "refused, perhaps applied in part: peers 3 to 8, beginning with "
	 "AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=; not applied: peer 9"},
	{2, 2, 2, ENOMEM, false,
	 "Unable to modify interface wg0: no; applied: the interface's settings and peer 1; "
	 "refused, perhaps applied in part: peer 2, beginning with "
	 "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA="},
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		cleanup(wg_device_freep) struct wg_device *dev = named_device("wg0");
		struct wg_kernel_sent sent = {r->from == 1, r->from, r->to, NULL};
		static const u8 ten[4] = {10};
		struct wg_error err;

		for (u32 n = 1; n <= r->n; n++) {
			struct wg_peer *peer = add_peer(dev, n, 0);

			if (n == r->from)
				sent.first = peer;
			if (r->removes_ip)
				wg_peer_add_allowedip(dev, peer, AF_INET, ten, 8,
						      WG_ALLOWEDIP_REMOVE_ME);
		}
		wg_error_set(&err, "no");
		err.code = r->code;
		assert_int_equal(wg_kernel_refused(&err, dev, &sent), -1);
		assert_int_equal(err.code, r->code);
		assert_string_equal(err.text, r->says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_set),
		cmocka_unit_test(test_removed_peer_is_key_and_flag),
		cmocka_unit_test(test_every_split),
		cmocka_unit_test(test_whole_peers_are_not_split),
		cmocka_unit_test(test_100000_allowed_ips),
		cmocka_unit_test(test_100000_peers),
		cmocka_unit_test(test_split_peer_is_joined),
		cmocka_unit_test(test_bad_replies),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests_name("lib/kernel", tests, NULL, NULL);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* A device whose TUN queue is a socket pair, with peers that have a session and live on loopback:
 * the test is the kernel at one end and the peers at the other. Peer i has 10.0.0.i and a key of
 * its own for each direction. */
#ifndef TESTS_UNIT_TUN_RIG_H
#define TESTS_UNIT_TUN_RIG_H

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../../../src/crypto/chacha20poly1305.h"
#include "../../../src/tun/device/peers.h"
#include "../../../src/tun/path/offload.h"
#include "../../../src/tun/path/receive.h"
#include "../../../src/tun/path/send.h"
#include "inner.h"

enum {
	RIG_PEERS = 3,
	RIG_INDEX = 100, /* theirs: 100 + i */
	RIG_HEADER = sizeof(struct virtio_net_hdr),
};

struct rig_peer {
	struct peer *peer;
	struct keypair *keys;
	struct udp udp; /* the far end's */
	u8 send_key[32], receive_key[32]; /* ours */
	u32 index; /* ours */
	u16 port;
};

struct rig {
	struct device *device;
	int kernel, tun;
	struct udp udp;
	u16 port;
	struct sockets sockets; /* all closed: `udp` sends */
	struct send *send;
	struct receive *receive;
	struct rig_peer peers[RIG_PEERS];
};

static inline void rig_session(struct rig *r, u8 i)
{
	struct rig_peer *p = &r->peers[i];

	memset(p->send_key, 0x10 + i, 32);
	memset(p->receive_key, 0x20 + i, 32);
	p->keys = keypair_new(p->peer);
	assert_non_null(p->keys);
	memcpy(p->keys->pair.send_key, p->send_key, 32);
	memcpy(p->keys->pair.receive_key, p->receive_key, 32);
	p->keys->pair.created_at = device_now();
	p->keys->pair.remote_index = RIG_INDEX + i;
	assert_true(index_add(r->device->indices, p->peer, &p->index));
	p->keys->pair.local_index = p->index;
	p->keys->has_index = true;
	keypair_ready(p->keys);
	index_set_keypair(r->device->indices, p->index, p->keys);
	p->peer->remote.keys.active = &p->keys->pair;
}

static void rig_peer_add(struct rig *r, u8 i)
{
	const u8 ip[4] = {10, 0, 0, i};
	struct rig_peer *p = &r->peers[i];
	struct wg_error err;
	u8 key[32] = {i, 1};

	p->peer = peers_add(r->device, key);
	assert_non_null(p->peer);
	assert_true(peers_allow(r->device, p->peer, 4, ip, 32));
	assert_int_equal(udp_open(&p->udp, AF_INET, &p->port, 0, 1, &err), 0);
	p->peer->endpoint.addr4.sin_family = AF_INET;
	p->peer->endpoint.addr4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->peer->endpoint.addr4.sin_port = htons(p->port);
}

static void rig_begin(struct rig *r)
{
	struct wg_error err;
	int ends[2];

	memset(r, 0, sizeof(*r));
	r->device = device_new("rig", &err);
	assert_non_null(r->device);
	r->device->mtu = 1420;
	r->device->tun_gro = OFFLOAD_TUN_GRO | OFFLOAD_TUN_UDP_GRO;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	r->kernel = ends[0];
	r->tun = ends[1];
	assert_int_equal(udp_open(&r->udp, AF_INET, &r->port, 0, 1, &err), 0);
	r->send = calloc(1, sizeof(*r->send));
	r->receive = calloc(1, sizeof(*r->receive));
	r->send->device = r->receive->device = r->device;
	r->send->tun = r->receive->tun = r->tun;
	r->send->udp4 = r->send->udp6 = &r->udp;
	sockets_init(&r->sockets);
	r->send->sockets = &r->sockets;
	r->receive->tso = r->receive->uso = true;
	receive_init(r->receive);
	for (u8 i = 0; i < RIG_PEERS; i++)
		rig_peer_add(r, i);
}

static void rig_end(struct rig *r)
{
	for (u8 i = 0; i < RIG_PEERS; i++)
		udp_close(&r->peers[i].udp);
	udp_close(&r->udp);
	close(r->kernel);
	close(r->tun);
	free(r->send);
	free(r->receive);
	device_free(r->device);
}

/* A datagram of `payload` bytes between us, 10.0.0.200, and peer i, behind a struct virtio_net_hdr.
 * `number` is its first byte. */
static inline u32 rig_datagram(u8 *out, u8 i, bool from_peer, u32 payload, u8 number)
{
	const struct inner x = {.protocol = IPPROTO_UDP, .payload = payload};
	u8 *ip = out + RIG_HEADER;
	u32 len = inner_make(&x, ip);

	memset(out, 0, RIG_HEADER);
	inner_put32(ip + 12, from_peer ? 0x0a000000 + i : 0x0a0000c8);
	inner_put32(ip + 16, from_peer ? 0x0a0000c8 : 0x0a000000 + i);
	ip[28] = number;
	inner_fix(ip, len);
	return RIG_HEADER + len;
}

#endif

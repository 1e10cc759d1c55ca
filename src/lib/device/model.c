/* SPDX-License-Identifier: GPL-2.0 */
/* Building and releasing devices. Nothing here fails: the arena ends the program instead. */
#include "model.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "../base/alloc.h"
#include "../base/cleanup.h"
#include "../base/prefix-set.h"

struct wg_device *wg_device_new(void)
{
	struct wg_device *dev = wg_alloc(sizeof(*dev));

	mlock(dev, sizeof(*dev));
	return dev;
}

void wg_device_free(struct wg_device *dev)
{
	if (!dev)
		return;
	wg_arena_wipe(&dev->arena);
	explicit_bzero(dev, sizeof(*dev));
	free(dev);
}

void wg_device_freep(struct wg_device **dev)
{
	wg_device_free(*dev);
}

struct wg_peer *wg_device_add_peer(struct wg_device *dev)
{
	struct wg_peer *peer = wg_arena_alloc(&dev->arena, sizeof(*peer));

	if (dev->last_peer)
		dev->last_peer->next = peer;
	else
		dev->peers = peer;
	dev->last_peer = peer;
	dev->n_peers++;
	return peer;
}

struct wg_allowedip *wg_peer_add_allowedip(struct wg_device *dev, struct wg_peer *peer, u8 family,
					   const void *addr, u8 cidr, u8 flags)
{
	size_t len = wg_family_len(family);
	struct wg_allowedip *ip = wg_arena_alloc(&dev->arena, sizeof(*ip) + len);

	ip->family = family;
	ip->cidr = cidr;
	ip->flags = flags;
	memcpy(ip->addr, addr, len);
	if (peer->last_allowedip)
		peer->last_allowedip->next = ip;
	else
		peer->allowedips = ip;
	peer->last_allowedip = ip;
	return ip;
}

/* BLAKE2s of "wirekit parting peer", the highest bit cleared. As a point of the curve it has a private key that
 * nobody can find. */
static const u8 parting_key[WG_KEY_LEN] = {
	0xbf, 0x21, 0xf4, 0x84, 0xc2, 0x83, 0x44, 0x42, 0xc7, 0x2d, 0x07, 0xc3, 0xb2, 0xfc, 0xc5, 0x16,
	0x05, 0xaf, 0x8e, 0x61, 0x25, 0x69, 0xb2, 0x26, 0xf9, 0x96, 0xd5, 0x0e, 0x44, 0x48, 0xf0, 0x1e,
};

bool wg_peer_is_parting(const struct wg_peer *peer)
{
	return !memcmp(peer->public_key, parting_key, WG_KEY_LEN);
}

void wg_peer_set_parting(struct wg_peer *peer)
{
	memcpy(peer->public_key, parting_key, WG_KEY_LEN);
	peer->flags |= WG_PEER_HAS_PUBLIC_KEY;
}

void wg_device_drop_parting(struct wg_device *dev)
{
	struct wg_peer **link = &dev->peers;

	dev->last_peer = NULL;
	dev->n_peers = 0;
	while (*link) {
		if (wg_peer_is_parting(*link)) {
			*link = (*link)->next;
			continue;
		}
		dev->last_peer = *link;
		dev->n_peers++;
		link = &(*link)->next;
	}
}

static struct wg_prefix prefix_of(const struct wg_allowedip *ip)
{
	struct wg_prefix p = {.family = ip->family, .cidr = ip->cidr};

	memcpy(p.addr, ip->addr, wg_family_len(ip->family));
	return p;
}

void wg_peer_exclude(struct wg_device *dev, struct wg_peer *peer)
{
	cleanup(free_ptr) struct wg_prefix *in = NULL, *out = NULL, *left = NULL;
	struct wg_allowedip *ip = peer->allowedips, *next;
	size_t n = 0, n_in = 0, n_out = 0, n_left;

	if (!(peer->flags & WG_PEER_EXCLUDES))
		return;
	for (const struct wg_allowedip *a = ip; a; a = a->next)
		n++;
	in = wg_realloc(NULL, n, sizeof(*in));
	out = wg_realloc(NULL, n, sizeof(*out));
	peer->flags &= (u16)~WG_PEER_EXCLUDES;
	peer->allowedips = peer->last_allowedip = NULL;
	for (; ip; ip = next) {
		next = ip->next;
		ip->next = NULL;
		if (ip->flags & WG_ALLOWEDIP_EXCLUDE) {
			out[n_out++] = prefix_of(ip);
		} else if (ip->flags & WG_ALLOWEDIP_REMOVE_ME) {
			wg_peer_add_allowedip(dev, peer, ip->family, ip->addr, ip->cidr, ip->flags);
		} else {
			if (!ip->cidr)
				peer->rest_of_default[ip->family == AF_INET6] = true;
			in[n_in++] = prefix_of(ip);
		}
	}
	wg_prefix_subtract(in, n_in, out, n_out, &left, &n_left);
	for (size_t i = 0; i < n_left; i++)
		wg_peer_add_allowedip(dev, peer, left[i].family, left[i].addr, left[i].cidr, 0);
}

bool wg_key_is_zero(const u8 key[static WG_KEY_LEN])
{
	u8 any = 0;

	for (size_t i = 0; i < WG_KEY_LEN; i++)
		any |= key[i];
	return any == 0;
}

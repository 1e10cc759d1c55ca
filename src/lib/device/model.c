/* SPDX-License-Identifier: GPL-2.0 */
/* Building and releasing devices. Nothing here fails: the arena ends the program instead. */
#include "model.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "../base/alloc.h"

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

bool wg_key_is_zero(const u8 key[static WG_KEY_LEN])
{
	u8 any = 0;

	for (size_t i = 0; i < WG_KEY_LEN; i++)
		any |= key[i];
	return any == 0;
}

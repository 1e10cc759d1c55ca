/* SPDX-License-Identifier: GPL-2.0 */
/* A WireGuard device as the tools see it: what a file or a command line asks for, or what a data
 * path reports. The same shape serves both; flags say which fields mean something. All objects
 * live in the device's arena. */
#ifndef WG_LIB_MODEL_H
#define WG_LIB_MODEL_H

#include <net/if.h>
#include <netinet/in.h>
#include "../../port.h"
#include "../../uapi/wireguard.h"
#include "../base/arena.h"

enum wg_allowedip_flag {
	WG_ALLOWEDIP_REMOVE_ME = 1U << 0,
	/* "!" in a file or on a command line: what the peer's other allowed IPs have of it is taken away.
	 * wg_peer_exclude does so; data paths and wg_diff never see it. */
	WG_ALLOWEDIP_EXCLUDE = 1U << 1,
};

struct wg_allowedip {
	struct wg_allowedip *next;
	u8 family; /* AF_INET or AF_INET6 */
	u8 cidr;   /* prefix length, at most 32 or 128 */
	u8 flags;  /* enum wg_allowedip_flag */
	u8 addr[]; /* 4 or 16 bytes, network order; host bits as given */
};

union wg_endpoint {
	struct sockaddr addr; /* sa_family is 0 (AF_UNSPEC) where there is no endpoint */
	struct sockaddr_in addr4;
	struct sockaddr_in6 addr6;
};

enum wg_peer_flag {
	WG_PEER_REMOVE_ME = 1U << 0,
	WG_PEER_REPLACE_ALLOWEDIPS = 1U << 1,
	WG_PEER_HAS_PUBLIC_KEY = 1U << 2,
	WG_PEER_HAS_PRESHARED_KEY = 1U << 3, /* a key of zeros then means: remove it */
	WG_PEER_HAS_KEEPALIVE = 1U << 4,
	WG_PEER_UPDATE_ONLY = 1U << 5, /* do not create the peer if it is not there */
	WG_PEER_EXCLUDES = 1U << 6,    /* some of its allowed IPs are WG_ALLOWEDIP_EXCLUDE */
};

struct wg_peer {
	struct wg_peer *next;
	struct wg_allowedip *allowedips, *last_allowedip;
	u16 flags;     /* enum wg_peer_flag */
	u16 keepalive; /* seconds, 0 is off */
	/* After wg_peer_exclude: the allowed IPs of IPv4, of IPv6 are what is left of 0.0.0.0/0, of ::/0. */
	bool rest_of_default[2];
	u8 public_key[WG_KEY_LEN];
	u8 preshared_key[WG_KEY_LEN];
	union wg_endpoint endpoint;
	u32 handshake_nsec;
	s64 handshake_sec; /* of the last handshake, Unix time; 0 is never */
	u64 rx_bytes, tx_bytes;
};

enum wg_device_flag {
	WG_DEVICE_REPLACE_PEERS = 1U << 0,
	WG_DEVICE_HAS_PRIVATE_KEY = 1U << 1, /* a key of zeros then means: remove it */
	WG_DEVICE_HAS_PUBLIC_KEY = 1U << 2,
	WG_DEVICE_HAS_LISTEN_PORT = 1U << 3,
	WG_DEVICE_HAS_FWMARK = 1U << 4,
};

struct wg_device {
	char name[IFNAMSIZ];
	u32 ifindex; /* 0 where unknown: userspace, or not asked yet */
	u32 flags;   /* enum wg_device_flag */
	u8 private_key[WG_KEY_LEN];
	u8 public_key[WG_KEY_LEN];
	u32 fwmark;
	u16 listen_port;
	struct wg_peer *peers, *last_peer; /* in the order of the file or the data path */
	size_t n_peers;
	struct wg_arena arena;
};

struct wg_device *wg_device_new(void);
/* Wipes everything; NULL is allowed. */
void wg_device_free(struct wg_device *dev);
void wg_device_freep(struct wg_device **dev); /* for cleanup() */

/* Appends an empty peer and returns it. */
struct wg_peer *wg_device_add_peer(struct wg_device *dev);
/* Appends an allowed IP; copies 4 or 16 bytes of `addr`. */
struct wg_allowedip *wg_peer_add_allowedip(struct wg_device *dev, struct wg_peer *peer, u8 family,
					   const void *addr, u8 cidr, u8 flags);
/* Replaces the allowed IPs of a peer that has WG_PEER_EXCLUDES by the shortest list of prefixes for the
 * same addresses, and clears the flag. Those with WG_ALLOWEDIP_REMOVE_ME stay, in front. */
void wg_peer_exclude(struct wg_device *dev, struct wg_peer *peer);
static inline size_t wg_family_len(u8 family)
{
	return family == AF_INET6 ? 16 : 4;
}
/* Whether this is the parting peer: allowed IPs that a data path has to lose are given to it, because adding
 * one to a peer takes it from the peer that has it, and then it is removed (change.h). Its key is the same on
 * each device, and nobody has the private one. A program that was killed may leave the parting peer behind, so
 * it is never taken for a peer that somebody wants. */
bool wg_peer_is_parting(const struct wg_peer *peer);
/* Makes `peer` the parting peer: sets its key, and the flag that says so. */
void wg_peer_set_parting(struct wg_peer *peer);
/* Takes the parting peer, if it is there, out of a device that was read. */
void wg_device_drop_parting(struct wg_device *dev);
bool wg_key_is_zero(const u8 key[static WG_KEY_LEN]); /* constant time */

#endif

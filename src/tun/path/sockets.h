/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that only send, on the port that the workers' sockets receive on. A socket's buffer is
 * what a slow path fills; so each peer that has traffic has a socket of its own for as long as it
 * has, handshakes and keepalives share one, and cookie replies, which anybody can ask for, another
 * one.
 *
 * There are SOCKETS_PEERS sockets for peers and family at most, opened as they are needed. A peer
 * that finds none free is a guest of another one and may fill half of its buffer: the other half is
 * the owner's. A guest that finds no buffer below half takes the socket of an owner whose packets
 * have found it full for SOCKETS_LOSING, so that slow peers become the guests of each other; if
 * there is none, it sends by the worker's socket, of which guests may fill a quarter.
 *
 * None of this is there (all descriptors are -1) where the kernel cannot keep such sockets from
 * receiving (udp.h); then the workers' sockets send. A socket that cannot be opened is logged and
 * tried again. */
#ifndef WG_TUN_SOCKETS_H
#define WG_TUN_SOCKETS_H

#include <pthread.h>
#include "../../lib/base/error.h"
#include "../device/device.h"
#include "udp.h"

enum sockets_limit {
	SOCKETS_PEERS = 64,
	SOCKETS_SPARE = 2, /* this many are open and free, so that a new peer need not wait */
};
/* A peer that sent nothing for this long gives up its socket when another peer needs one. */
#define SOCKETS_IDLE (10 * WG_SECOND)
/* A guest looks for a better place this often. */
#define SOCKETS_STAY (WG_SECOND / 2)
/* A peer is slow if for this long it did not go without a full socket for more than SOCKETS_GAP.
 * The backlog that a new owner finds, at 1 Mbit/s, is gone by then. */
#define SOCKETS_LOSING (3 * WG_SECOND)
#define SOCKETS_GAP    WG_SECOND
/* A slow guest stays where it is for this long before it looks for a better place. */
#define SOCKETS_PARK (16 * WG_SECOND)

struct peer_socket {
	struct udp udp;
	const struct peer *owner; /* NULL: free. It is compared and never followed (atomic). */
	u64 used;		  /* the time of the last send (atomic) */
	u64 losing_until;	  /* the owner is slow until this time (atomic) */
};

struct socket_family {
	struct udp handshakes, cookies;
	struct peer_socket peers[SOCKETS_PEERS];
	u32 n; /* open ones of `peers` (atomic) */
	bool steers; /* the port's group can have such sockets, and they are wanted */
};

/* Opened, closed and swapped while config is written; but `n` grows while workers send. */
struct sockets {
	struct socket_family ipv4, ipv6;
	pthread_mutex_t lock; /* a leaf: who owns which socket */
	bool wanted;	      /* a worker found too few (atomic) */
	bool failed;	      /* control's: the last attempt to open some failed */
	bool noted;	      /* control's: it was logged that there can be none */
	u64 next;	      /* control's: then there is none before this time */
};

/* Closes all sockets. */
void sockets_init(struct sockets *s);
/* Opens the first sockets of one family, behind the workers' sockets, which have the port and can
 * steer (udp.h). What cannot be opened is logged, and sockets_grow() tries again. */
void sockets_open(struct sockets *s, int family, u16 port, u32 fwmark, u32 offloads);
/* The workers' sockets cannot steer, so there are no others. This is logged once. */
void sockets_do_without(struct sockets *s);
void sockets_close(struct socket_family *f);
/* Returns 0, or -1 with `err` set. */
int sockets_set_fwmark(const struct sockets *s, u32 fwmark, struct wg_error *err);
/* The control thread opens more sockets if a worker asked for them, or again if that failed a
 * second ago. Returns when it is to be called again; WG_NEVER: when a worker asks. */
u64 sockets_grow(struct sockets *s, u16 port, u32 fwmark, u32 offloads, u64 now);

/* Returns the socket for data to a peer's endpoint of `family`. The caller holds peer->lock and
 * reads config, or is the control thread. `shared` is used if there is none. *full: what is sent
 * now would be more than the peer's share. *grow: the control thread is to be woken, for
 * sockets_grow(). */
const struct udp *sockets_for_peer(struct sockets *s, int family, struct peer *peer,
				   const struct udp *shared, u64 now, bool *full, bool *grow);
/* Packets of the peer found the socket full that sockets_for_peer() gave. The caller holds
 * peer->lock. */
void sockets_found_full(struct sockets *s, int family, struct peer *peer, u64 now);
/* Returns the socket for a handshake message, a keepalive or, with `cookie`, a cookie reply. The
 * control thread calls it. */
const struct udp *sockets_for_message(const struct sockets *s, int family, bool cookie,
				      const struct udp *shared);

#endif

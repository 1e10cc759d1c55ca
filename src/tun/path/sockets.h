/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that only send, on the port that the workers' sockets receive on. A socket's buffer is
 * what a slow path fills; so each peer that has traffic has a socket of its own for as long as it
 * has, handshakes and keepalives share one, and cookie replies, which anybody can ask for, another
 * one.
 *
 * There are SOCKETS_PEERS sockets for peers and family at most, opened as they are needed. A peer
 * that finds none free is a guest on the emptiest of a few, and may fill half of its buffer: the
 * other half is its owner's.
 *
 * None of this is there (all descriptors are -1) where the kernel cannot keep such sockets from
 * receiving (udp.h); then the workers' sockets send. */
#ifndef WG_TUN_SOCKETS_H
#define WG_TUN_SOCKETS_H

#include <pthread.h>
#include "../../lib/error.h"
#include "../device/peer.h"
#include "udp.h"

enum sockets_limit {
	SOCKETS_PEERS = 64,
	SOCKETS_SPARE = 2, /* this many are open and free, so that a new peer need not wait */
};
/* A peer that sent nothing for this long gives up its socket when another peer needs one. */
#define SOCKETS_IDLE (10 * WG_SECOND)
/* A guest looks for a better place this often. */
#define SOCKETS_STAY (WG_SECOND / 2)

struct peer_socket {
	struct udp udp;
	const struct peer *owner; /* NULL: free. It is compared and never followed (atomic). */
	u64 used;		  /* the time of the last send (atomic) */
};

struct socket_family {
	struct udp handshakes, cookies;
	struct peer_socket peers[SOCKETS_PEERS];
	u32 n; /* open ones of `peers` (atomic) */
};

/* Opened, closed and swapped while config is written; but `n` grows while workers send. */
struct sockets {
	struct socket_family ipv4, ipv6;
	pthread_mutex_t lock; /* a leaf: who owns which socket */
	bool wanted;	      /* a worker found too few (atomic) */
};

/* All sockets are closed. */
void sockets_init(struct sockets *s);
/* Opens the first sockets of one family, behind the workers' sockets, which have the port. Best
 * effort: what cannot be opened stays closed. */
void sockets_open(struct socket_family *f, int family, u16 port, u32 fwmark,
		u32 offloads);
void sockets_close(struct socket_family *f);
/* Returns 0, or -1 with `err` set. */
int sockets_set_fwmark(const struct sockets *s, u32 fwmark, struct wg_error *err);
/* The control thread opens more sockets if a worker asked for them. */
void sockets_grow(struct sockets *s, u16 port, u32 fwmark,
		u32 offloads);

/* The socket for data to a peer's endpoint of `family`. The caller holds peer->lock and reads
 * config, or is the control thread. `shared` is used where there is none. *full: what is sent now
 * would be more than the peer's share. *grow: the control thread is to be woken, for
 * sockets_grow(). */
const struct udp *sockets_for_peer(struct sockets *s, int family, struct peer *peer,
				   const struct udp *shared, u64 now, bool *full, bool *grow);
/* The socket for a handshake message, a keepalive or, with `cookie`, a cookie reply. */
const struct udp *sockets_for_message(const struct sockets *s, int family, bool cookie,
				      const struct udp *shared);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* When the remembered source of a peer's endpoint is forgotten: where the kernel says that the address or
 * its way is gone (src/README.md, "Sticky sources"). Other changes of addresses and routes leave sources
 * alone, so that a peer behind NAT goes on hearing from the address that it spoke to.
 *
 * Messages of rtnetlink come in crowds and say only that something has changed. Half a second after
 * the first one the kernel is asked about the source of each peer, a few peers in a turn. What it says
 * now means something only beside what it said before, so it is also asked about sources that are new
 * (device->source_learnt). Between two checks there is half a second, or nine times as long as the
 * first one took, so that neither routes that change all the time nor peers that move take more than a
 * tenth of the control thread. */
#ifndef WG_TUN_SOURCES_H
#define WG_TUN_SOURCES_H

#include "../device/device.h"
#include "../device/peers.h"

struct sources {
	int netlink;  /* for questions; -1: none, then only addresses are checked */
	u64 due;      /* when the next check begins; WG_NEVER: there is no reason for one */
	u64 spent;	/* the time that this check took so far */
	u64 rest_until; /* no check begins before */
	bool checking; /* a check is going on */
	bool only_new; /* of new sources */
	struct peer_cursor cursor; /* the peer that is next */
	/* What the kernel said of one source in this check; family 0: nothing. */
	struct endpoint asked;
	bool has_source;
	u32 owner; /* the link that has the address; 0: unknown */
};

/* Opens the netlink socket; without it this does nothing. Call it before the sandbox, which forbids
 * it. */
void sources_open(struct sources *s);
/* Ends a check that is going on. Call it before the device is freed. */
void sources_close(struct sources *s, struct device *d);
/* Takes one message of rtnetlink: `p` is what follows its header. Messages that do not concern
 * routes are ignored. */
void sources_message(struct sources *s, u16 type, const u8 *p, size_t len);
/* Messages were lost, so anything may have changed. */
void sources_changed(struct sources *s);
/* Checks some peers if that is due. Returns when it is to be called again; 0: at once. */
u64 sources_work(struct sources *s, struct device *d, u64 now);

#endif

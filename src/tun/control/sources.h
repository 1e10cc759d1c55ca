/* SPDX-License-Identifier: GPL-2.0 */
/* When the remembered source of a peer's endpoint is forgotten: only where the kernel says that this
 * address, or this way, is gone. Other changes of addresses and routes leave sources alone, so that
 * a peer behind NAT goes on hearing from the address that it spoke to.
 *
 * Messages of rtnetlink come in crowds, so what they say is noted, and applied to all peers at most
 * twice a second. */
#ifndef WG_TUN_SOURCES_H
#define WG_TUN_SOURCES_H

#include "../device/device.h"

#define SOURCES_NOTES 16

/* A way that is gone: to `prefix`, by the link `ifindex`; with `others`, by all other links. */
struct sources_note {
	u8 family, bits;
	bool others;
	u8 prefix[16];
	u32 ifindex;
};

struct sources {
	struct sources_note notes[SOURCES_NOTES];
	u32 n;
	bool addresses; /* an address was removed */
	u64 due;	/* when the notes are applied; WG_NEVER: there are none */
};

void sources_init(struct sources *s);
/* One message about a link, an address or a route: `type` and `flags` are its header's, `p` is what
 * follows the header. Other messages are ignored. */
void sources_message(struct sources *s, struct device *d, u16 type, u16 flags, const u8 *p,
		     size_t len);
/* The kernel dropped messages. */
void sources_lost_messages(struct sources *s);
/* Applies the notes when they are due. This function returns when it wants to be called again. */
u64 sources_work(struct sources *s, struct device *d, u64 now);

#endif

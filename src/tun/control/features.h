/* SPDX-License-Identifier: GPL-2.0 */
/* The features of our link that a user may change by ethtool -K and that we, not the kernel, carry
 * out: a TUN device has no GRO of its own. The kernel itself honours the others (tso, gso,
 * tx-udp-segmentation), as it cuts super-packets before it gives them to us. */
#ifndef WG_TUN_FEATURES_H
#define WG_TUN_FEATURES_H

#include "../../port.h"

struct features {
	int fd;		/* any socket of the namespace; -1: nothing can be read */
	u32 n_blocks;	/* 32 features each */
	u32 gro, udp_forwarding; /* the numbers of the two features; FEATURES_NONE */
};

#define FEATURES_NONE (~0U)

/* The switches as they are set now. */
struct features_set {
	bool gro;	     /* "rx-gro": super-packets of TCP may be made */
	bool udp_forwarding; /* "rx-udp-gro-forwarding": of UDP, too */
};

/* Finds out how this kernel numbers its features. */
void features_open(struct features *f);
void features_close(struct features *f);
/* Reads the features of the link `name`. If that fails, as in a kernel without them, `set` gets the
 * defaults: GRO on, forwarding off. */
void features_read(const struct features *f, const char *name, struct features_set *set);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The TUN device: packets with struct virtio_net_hdr in front, super-packets both ways where the
 * kernel has them. */
#ifndef WG_TUN_TUNIF_H
#define WG_TUN_TUNIF_H

#include <net/if.h>
#include "../../lib/base/error.h"
#include "../../port.h"

/* Returns what this kernel has: super-packets of TCP and of UDP, both ways. */
struct tunif_offloads {
	bool tso, uso;
};

/* Makes a device with `n` queues, whose descriptors go to `fds` (non-blocking); `name` becomes what
 * the kernel made of it. Of `wanted` (enum offload) those of the TUN device that we read from are
 * asked for. */
int tunif_open(char name[static IFNAMSIZ], int *fds, unsigned int n, u32 wanted,
	       struct tunif_offloads *offloads, struct wg_error *err);
/* The state of the device, which is asked itself: it may be in another network namespace than we
 * are by now. */
enum tunif_state {
	TUNIF_GONE,
	TUNIF_DOWN,
	TUNIF_UP,
};
enum tunif_state tunif_state(int fd);

/* Identifies the network namespace that the device is in. */
struct tunif_netns {
	u64 device, inode;
};
/* Returns false where the kernel does not tell (before 5.2, or in a namespace of other owners). */
bool tunif_netns(int fd, struct tunif_netns *id);
/* Returns the number of the device in this namespace; 0: no device has its name. */
unsigned int tunif_index(int fd);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What a program in a network namespace sees of the file system, as with `ip netns exec'. */
#ifndef WG_QUICK_NETNS_EXEC_H
#define WG_QUICK_NETNS_EXEC_H

#include "../../lib/base/error.h"

/* Gives this process, which is in the namespace, a mount namespace of its own in which /sys shows that network
 * namespace and, where it has a name (else NULL), the files of /etc/netns/NAME stand in the place of those of
 * /etc. With a resolv.conf among them, the sockets of the host's own resolvers are hidden. */
int netns_exec_prepare(const char *name, struct wg_error *err);

#endif

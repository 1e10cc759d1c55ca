/* SPDX-License-Identifier: GPL-2.0 */
/* The SSH session that a command is run in: it would be cut by what blocks the host's own network. */
#ifndef WG_QUICK_SSH_H
#define WG_QUICK_SSH_H

#include "../../lib/base/prefix.h"

/* Whether an ancestor of this process, in this network namespace, was started with SSH_CONNECTION in its
 * environment, as sshd(8) does; *client is then the address that it names, with the length of a single
 * address. Programs that drop the environment, such as sudo, hide nothing. False also where /proc does not
 * tell. */
bool ssh_find_client(struct wg_prefix *client);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Giving up what is not needed any more, for ever. Once all is prepared the daemon is an
 * unprivileged user with two capabilities: CAP_NET_ADMIN, for marks on sockets, their buffers and
 * the TUN device, and CAP_NET_BIND_SERVICE, for a listen port below 1024 that may be asked for at
 * any time. */
#ifndef WG_TUN_SANDBOX_H
#define WG_TUN_SANDBOX_H

#include <sys/types.h>
#include "../../lib/error.h"
#include "../../port.h"

struct sandbox_user {
	uid_t uid;
	gid_t gid;
};

/* By name or number, from /etc/passwd. "nobody" is always there. */
int sandbox_find_user(struct sandbox_user *u, const char *name, struct wg_error *err);
/* The daemon, before it has threads. Who is not root stays who it is. */
int sandbox_enter(const struct sandbox_user *u, struct wg_error *err);
/* The keeper of the socket (uapi-socket.h): stays root, without any capability, with these two
 * descriptors only. */
bool sandbox_keeper(int folder, int pipe_fd);

/* The system call filters: any other call ends the process. They are of this process for ever.
 * False: this kernel, or this machine, has none. In builds with a sanitizer there are none: those
 * make calls of their own. */
bool sandbox_filter_daemon(void);
bool sandbox_filter_keeper(void);

#endif

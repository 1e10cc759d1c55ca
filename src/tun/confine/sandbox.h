/* SPDX-License-Identifier: GPL-2.0 */
/* Giving up privileges for good. Once all is prepared the daemon is an unprivileged user with two
 * capabilities: CAP_NET_ADMIN, for the marks and buffers of sockets and for the TUN device, and
 * CAP_NET_BIND_SERVICE, for a listen port below 1024 that may be asked for at any time.
 *
 * A place with few privileges (a container, a user namespace, an old kernel) may refuse some of
 * these steps. The daemon then takes all the other steps, goes on, and logs one sentence for each
 * step that was refused (LOGGER_ERROR). */
#ifndef WG_TUN_SANDBOX_H
#define WG_TUN_SANDBOX_H

#include <sys/types.h>
#include "../../lib/base/error.h"
#include "../../port.h"

struct sandbox_user {
	uid_t uid;
	gid_t gid;
	bool required; /* the user was named on the command line: not to become it is an error */
};

/* Looks up `name`, a name or a number, in /etc/passwd. NULL stands for "_wg-tun", the user that
 * packages of wg-tun create, and for "nobody" where the file does not have that; "nobody" is user and
 * group 65534 where the file does not have it either. None of these is required. Returns 0, or -1 with
 * err if there is no such user. */
int sandbox_find_user(struct sandbox_user *u, const char *name, struct wg_error *err);

/* Confines the calling process, which must not have other threads yet. A process that is not root
 * becomes another user only if that is required. Returns 0; or -1 with err if the user is required
 * and cannot be changed, or if capabilities cannot be given up. */
int sandbox_enter(const struct sandbox_user *u, struct wg_error *err);

/* Closes every descriptor from `from` on except `a` and `b`, of which each may be -1 for none. */
void sandbox_close_others(unsigned int from, int a, int b);

/* Confines the process that removes the socket (uapi-socket.h): it keeps its user, loses all
 * capabilities, and closes every descriptor except `folder` and `pipe_fd`. Does what is possible
 * and logs nothing: standard error is closed, too. */
void sandbox_enter_cleanup(int folder, int pipe_fd);

/* Install the system call filter of the daemon, and of the process that removes the socket: any
 * call that it does not list ends the process. A filter cannot be removed. no_new_privs must be
 * set. Return 0, or an errno value: ENOTSUP if there is no filter for this machine, or this is a
 * build with a sanitizer, which makes system calls of its own; EINVAL if the kernel has no
 * filters; others as the kernel gives them. */
int sandbox_filter_daemon(void);
int sandbox_filter_cleanup(void);

#endif

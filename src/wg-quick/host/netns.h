/* SPDX-License-Identifier: GPL-2.0 */
/* The network namespaces of a run. The process is in one at a time: that in which the tunnel's interface
 * is. The other one is the underlay: that of the encrypted packets. Without the keys Namespace and
 * UnderlayNamespace both are that in which the program was started, and nothing here does anything.
 *
 * What goes by the namespace of the process: netlink sockets when they are opened, /proc/sys/net, nftables,
 * and children when they are started. */
#ifndef WG_QUICK_NETNS_H
#define WG_QUICK_NETNS_H

#include <stddef.h>
#include "../../lib/base/error.h"
#include "../../lib/net/rtnl.h"
#include "../../port.h"

#define NETNS_DIR "/run/netns" /* where `ip netns` has the namespaces that it names */

/* Whether this can name a namespace: a file name, and no hidden one. */
bool netns_is_name(const char *s, size_t len);
/* The path of a namespace that is given by its name or, with a slash, by its path. Free it. */
char *netns_path(const char *where);
/* Opens the namespace of this path. err->code ENOENT: there is none, also where the file is there and is
 * not one, as before `ip netns` has mounted it. *fd is for close(). */
int netns_open(int *fd, const char *path, struct wg_error *err);
/* A number that no other namespace of this boot has; an inode number on kernels before 5.14. Of the
 * namespace that the process is in. */
u64 netns_cookie(void);

/* Enters a namespace; one that is made for it, without a name, which ends with the process; that in which the
 * program was started. The last one does nothing where the process has not left it. */
int netns_enter(int fd, struct wg_error *err);
int netns_enter_new(struct wg_error *err);
int netns_return(struct wg_error *err);
/* Enters the namespace of this cookie, which has lost its path: one in which a process is. 1 if there is one,
 * else 0. */
int netns_enter_lost(u64 cookie, struct wg_error *err);
/* Whether the process is in another namespace than it was started in. */
bool netns_is_away(void);
/* Whether it is in one that netns_enter_new has made, and that has no name yet. */
bool netns_is_new(void);

/* The underlay is the namespace of this path from now on; of NULL, that in which the program was started. */
int netns_set_underlay(const char *path, struct wg_error *err);
/* Whether the underlay is another namespace than that which the process is in. */
bool netns_has_underlay(void);
/* Enters the underlay for a while, and comes back. Both do nothing without one. */
int netns_underlay_begin(struct wg_error *err);
int netns_underlay_end(struct wg_error *err);
/* A socket in the underlay, and a descriptor of the namespace that the process is in: for links that are made
 * there and belong here. */
int netns_underlay_rtnl(struct wg_rtnl **rt, int *here, struct wg_error *err);

/* Gives the namespace that the process is in this name, as `ip netns attach` does, and sets its lo up. */
int netns_attach(const char *name, struct wg_error *err);
/* Takes the name from the namespace again, which then ends with its last user. The process has left it. What
 * is no namespace, and empty, was left by a netns_attach that was killed. */
int netns_detach(const char *name, struct wg_error *err);
/* Whether somebody else than this process is in the namespace that the process is in, or has put something
 * there: writes what, for a sentence, to `what`, or "". */
void netns_users(char *what, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The UAPI socket RUNSTATEDIR/wireguard/NAME.sock. It appears whole and private, replaces a socket
 * that no process serves, and is removed when the daemon ends, however it ends. The removal is a
 * process of its own (wg-tun-cleanup), since the daemon gives up the right to change the folder:
 * it keeps the daemon's first user, has no capabilities and the smallest system call filter, waits
 * for the daemon's end on a pipe, and removes the socket if that is still the daemon's. */
#ifndef WG_TUN_UAPI_SOCKET_H
#define WG_TUN_UAPI_SOCKET_H

#include <sys/types.h>
#include "../../lib/base/error.h"
#include "../control/events.h"

struct uapi_socket {
	struct event event; /* inotify: the folder changed; its fd is -1 if there is no inotify */
	struct events *events;
	char file[32];	    /* NAME.sock */
	int folder, fd;	    /* the folder, and the socket that listens */
	int cleanup_pipe;   /* our end: the other process waits until it is closed */
	pid_t cleanup_pid;
	dev_t device;	    /* with `inode`: what tells our socket from another of its name */
	ino_t inode;
};

/* Makes `s` such that uapi_socket_remove() does nothing. */
void uapi_socket_init(struct uapi_socket *s);
/* Returns 0 if no process listens for this name; -1 with err if one does (err->code is EBUSY), or
 * that cannot be found out. */
int uapi_socket_check(const char *name, struct wg_error *err);
/* Creates the folder and the socket, listens, and starts the other process. `s` is initialised.
 * Returns 0, or -1 with err; uapi_socket_remove() is to be called in both cases. Without inotify
 * it goes on, and logs that. */
int uapi_socket_open(struct uapi_socket *s, const char *name, struct wg_error *err);
/* Makes the loop stop when the socket is removed. Returns false with errno set if there is no
 * memory. */
bool uapi_socket_watch(struct uapi_socket *s, struct events *ev);
/* Has the socket removed, and waits until that is done, for two seconds at most. Clients stay
 * connected. `fd` stays open: it is the server's. */
void uapi_socket_remove(struct uapi_socket *s);

#endif

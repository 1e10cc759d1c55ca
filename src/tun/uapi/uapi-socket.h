/* SPDX-License-Identifier: GPL-2.0 */
/* The place of the UAPI socket: it appears whole and private, replaces one that nobody serves,
 * and goes with us, however we end. The last needs a process of its own: the daemon gives up
 * the right to change the folder. That one is root without capabilities, in the smallest
 * seccomp filter there is; it waits for the daemon's end on a pipe, removes the socket if it is
 * still ours, and ends. */
#ifndef WG_TUN_UAPI_SOCKET_H
#define WG_TUN_UAPI_SOCKET_H

#include <sys/types.h>
#include "../../lib/error.h"
#include "../control/events.h"

struct uapi_socket {
	struct event event; /* inotify: somebody removed our socket */
	struct events *events;
	char file[32];	    /* NAME.sock */
	int folder, fd;
	int keeper;	    /* our end of the keeper's pipe */
	pid_t keeper_pid;
	dev_t device;
	ino_t inode;
};

/* There is none yet, and uapi_socket_remove() does nothing. */
void uapi_socket_init(struct uapi_socket *s);
/* Whether somebody serves this name: an error then. */
int uapi_socket_check(const char *name, struct wg_error *err);
/* Makes the folder and the socket, listens, and starts the keeper. `s` is initialised; also
 * after an error, uapi_socket_remove() is due. */
int uapi_socket_open(struct uapi_socket *s, const char *name, struct wg_error *err);
/* Stops the loop when the socket is removed. */
bool uapi_socket_watch(struct uapi_socket *s, struct events *ev);
/* The socket is gone when this returns; whoever connected to it stays connected. */
void uapi_socket_remove(struct uapi_socket *s);

#endif

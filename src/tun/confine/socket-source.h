/* SPDX-License-Identifier: GPL-2.0 */
/* UDP sockets that belong to the user who started the daemon, usually root.
 *
 * The kernel lets a socket take part in a port that is shared (SO_REUSEPORT) if both belong to one
 * user. The daemon becomes "nobody", and so may others; so its sockets are created by a process
 * that stays root without capabilities (the one that removes the UAPI socket) and are handed over.
 * The daemon binds them and sets their options with its own capabilities. */
#ifndef WG_TUN_SOCKET_SOURCE_H
#define WG_TUN_SOCKET_SOURCE_H

/* The two ends of the connection; both are closed on exec. Returns 0, or -1 with errno set. */
int socket_source_open(int ends[2]);
/* In the process that stays root: creates sockets until the other end is closed. */
void socket_source_serve(int end);
/* In the daemon: sockets are asked for at this end from now on. -1: no more. */
void socket_source_use(int end);
/* Returns a new UDP socket of AF_INET or AF_INET6 that is closed on exec, or -1 with errno set.
 * Where the other process does not answer within a moment, the socket is one of our own, and the
 * process is not asked again. Only the control thread may call it. */
int socket_source_create(int family);

#endif

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
/* In the daemon: sockets are asked for at this end from now on. Call it before the daemon changes its
 * user, as the one that the other process has. -1: no more. */
void socket_source_use(int end);
/* Returns a new UDP socket of AF_INET or AF_INET6 that is closed on exec, or -1 with errno set. Waits
 * for the other process for a fifth of a second at most. If that does not answer, this function
 * fails with ETIMEDOUT, as do calls in the following half of a second, and then it is asked again
 * (later each time, 16 seconds at most); if it has ended, this function fails with EOWNERDEAD. Both are logged once. A socket of the
 * daemon's own would leave the port open to all processes of its user; so it is given only where
 * both processes have one user. Only the control thread may call it. */
int socket_source_create(int family);

#endif

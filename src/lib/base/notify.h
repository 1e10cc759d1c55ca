/* SPDX-License-Identifier: GPL-2.0 */
/* Tells a service manager how we are, by the protocol of sd_notify(3). */
#ifndef WG_LIB_NOTIFY_H
#define WG_LIB_NOTIFY_H

/* Connects to the socket that NOTIFY_SOCKET names, and removes that variable. Call it before the
 * sandbox, in which that socket cannot be reached. Returns a descriptor, or -1 if there is no
 * service manager. */
int wg_notify_open(void);
/* Sends lines of KEY=VALUE to the service manager; does nothing if fd is -1. */
void wg_notify_say(int fd, const char *state);
/* The same for what must not be lost: waits up to five seconds for a manager that is behind. Returns 0, or an errno
 * value. */
int wg_notify_wait(int fd, const char *state);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Telling a service manager how we are, by the protocol of sd_notify(3). */
#ifndef WG_TUN_NOTIFY_H
#define WG_TUN_NOTIFY_H

/* Connects to NOTIFY_SOCKET, which leaves the environment: -1 where there is none. Later there is
 * no right to connect any more. */
int notify_open(void);
void notify_say(int fd, const char *state);

#endif

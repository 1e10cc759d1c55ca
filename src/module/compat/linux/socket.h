/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_SOCKET_H
#define WG_COMPAT_LINUX_SOCKET_H

#include_next <linux/socket.h>

/* 6.19 */
#ifndef WG_HAVE_SOCKADDR_UNSIZED
#define sockaddr_unsized sockaddr
#endif

#endif

// SPDX-License-Identifier: GPL-2.0
#include "notify.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int wg_notify_open(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (len < 2 || len >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, path, len);
	unsetenv("NOTIFY_SOCKET");
	/* The name is an abstract one, whose first byte is NUL. */
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	len += offsetof(struct sockaddr_un, sun_path);
	if (connect(fd, (const struct sockaddr *)&addr, (socklen_t)len) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Best effort: a manager that does not listen is told nothing. */
void wg_notify_say(int fd, const char *state)
{
	if (fd >= 0)
		send(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT);
}

int wg_notify_wait(int fd, const char *state)
{
	const struct timeval limit = {.tv_sec = 5};

	if (fd < 0)
		return 0;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return send(fd, state, strlen(state), MSG_NOSIGNAL) < 0 ? errno : 0;
}

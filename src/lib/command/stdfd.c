// SPDX-License-Identifier: GPL-2.0
/* open() returns the lowest number that is free. */
#include "stdfd.h"
#include <fcntl.h>
#include <unistd.h>

void wg_sanitise_stdfd(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

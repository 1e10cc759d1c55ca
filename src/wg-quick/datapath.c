// SPDX-License-Identifier: GPL-2.0
#include "datapath.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "../lib/cleanup.h"

/* One line; empty where there is none. */
static void read_line(char *out, size_t size, const char *sys, const char *name)
{
	cleanup(close_fd) int fd = -1;
	char path[PATH_MAX];
	ssize_t n = -1;

	snprintf(path, sizeof(path), "%s/%s", sys, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, out, size - 1);
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

void datapath_describe(char *out, size_t size, const char *sys)
{
	char version[64], taint[32];

	read_line(version, sizeof(version), sys, "version");
	read_line(taint, sizeof(taint), sys, "taint");
	/* The kernel's letter for modules that were not built with it. */
	if (strchr(taint, 'O'))
		snprintf(out, size, "a module from outside of this kernel, wireguard %s", version);
	else
		snprintf(out, size, "the WireGuard of this kernel");
}

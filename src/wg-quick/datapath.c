// SPDX-License-Identifier: GPL-2.0
#include "datapath.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
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

void datapath_refusal(char *out, size_t size, const char *file, int error)
{
	switch (error) {
	case EKEYREJECTED:
	case ENOKEY:
	case EBADMSG:
		snprintf(out, size,
			 "%s is not signed with a key that this kernel knows (Secure Boot): "
			 "make the key known with `mokutil --import`",
			 file);
		return;
	case EPERM:
		snprintf(out, size,
			 "%s may not be loaded here (a container, or the kernel is locked "
			 "down and the module is not signed)",
			 file);
		return;
	case ENOEXEC:
		snprintf(out, size, "%s was built for another kernel", file);
		return;
	case ENOENT:
		snprintf(out, size, "%s needs other modules: see `modprobe wireguard`", file);
		return;
	default:
		snprintf(out, size, "%s cannot be loaded: %s", file, strerror(error));
	}
}

/* Where installers put one. The kernel unpacks it itself, if it can. */
static int find_module(char *path, size_t size, const char *modules)
{
	static const char *const folders[] = {"updates", "updates/dkms", "extra",
					      "kernel/drivers/net/wireguard"};
	static const char *const endings[] = {"", ".xz", ".zst", ".gz"};
	struct utsname kernel;

	if (uname(&kernel) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		for (size_t j = 0; j < sizeof(endings) / sizeof(*endings); j++) {
			int fd;

			snprintf(path, size, "%s/%s/%s/wireguard.ko%s", modules, kernel.release,
				 folders[i], endings[j]);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd >= 0)
				return fd;
		}
	}
	return -1;
}

int datapath_load(char *out, size_t size, const char *modules)
{
	char path[PATH_MAX];
	cleanup(close_fd) int fd = find_module(path, sizeof(path), modules);
	int flags;

	if (fd < 0)
		return -1;
	/* 4 is MODULE_INIT_COMPRESSED_FILE, since Linux 5.17. */
	flags = strcmp(strrchr(path, '.'), ".ko") == 0 ? 0 : 4;
	if (syscall(SYS_finit_module, fd, "", flags) == 0 || errno == EEXIST)
		return 0;
	datapath_refusal(out, size, path, errno);
	return 1;
}

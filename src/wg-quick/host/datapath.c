// SPDX-License-Identifier: GPL-2.0
#include "datapath.h"
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "../../lib/base/cleanup.h"

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

/* Where installers put one. */
static bool find_module(char *path, size_t size, const char *root)
{
	static const char *const folders[] = {"updates", "updates/dkms", "extra",
					      "kernel/drivers/net/wireguard"};
	static const char *const endings[] = {"", ".xz", ".zst", ".gz"};
	struct utsname kernel;

	if (uname(&kernel) < 0)
		return false;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		for (size_t j = 0; j < sizeof(endings) / sizeof(*endings); j++) {
			snprintf(path, size, "%s/lib/modules/%s/%s/wireguard.ko%s", root,
				 kernel.release, folders[i], endings[j]);
			if (access(path, F_OK) == 0)
				return true;
		}
	}
	return false;
}

/* The mode that is in force is in brackets. */
static bool wants_signatures(const char *root)
{
	char lockdown[64], enforce[8];

	read_line(lockdown, sizeof(lockdown), root, "sys/kernel/security/lockdown");
	read_line(enforce, sizeof(enforce), root, "sys/module/module/parameters/sig_enforce");
	return enforce[0] == 'Y' || (*lockdown && !strstr(lockdown, "[none]"));
}

/* Whoever wants a link is told the same as if there was no module. To try it oneself would be against
 * the will of an administrator who has forbidden it. */
void datapath_refusal(char *out, size_t size, const char *root)
{
	char path[PATH_MAX];

	*out = '\0';
	if (wants_signatures(root) && find_module(path, sizeof(path), root))
		snprintf(out, size,
			 "%s was not loaded: this kernel wants it signed with a key that it "
			 "knows (Secure Boot); `mokutil --import` makes a key known",
			 path);
}

// SPDX-License-Identifier: GPL-2.0
#include "netns-exec.h"
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../port.h"

/* The C library asks these before it reads resolv.conf (nss-resolve, nscd): they are sockets of files, which no
 * network namespace keeps apart, and answer by the servers of the host. */
static const char *const resolvers[] = {
	"/run/systemd/resolve/io.systemd.Resolve", "/run/nscd/socket", "/var/run/nscd/socket",
};

static int bind(const char *from, const char *over, struct wg_error *err)
{
	if (mount(from, over, "none", MS_BIND, NULL))
		return wg_error_errno(err, errno, "cannot mount %s over %s", from, over);
	return 0;
}

static int bind_files(const char *name, struct wg_error *err)
{
	cleanup(free_ptr) char *folder = wg_format("/etc/netns/%s", name);
	DIR *dir = opendir(folder);
	bool has_resolv = false;
	struct dirent *e;
	int ret = 0;

	while (dir && !ret && (e = readdir(dir))) {
		cleanup(free_ptr) char *from = wg_format("%s/%s", folder, e->d_name);
		cleanup(free_ptr) char *over = wg_format("/etc/%s", e->d_name);

		if (e->d_name[0] == '.' || strstr(e->d_name, ".wg-quick-"))
			continue;
		has_resolv |= !strcmp(e->d_name, "resolv.conf");
		ret = bind(from, over, err);
	}
	if (dir)
		closedir(dir);
	for (size_t i = 0; !ret && has_resolv && i < sizeof(resolvers) / sizeof(*resolvers); i++)
		if (!access(resolvers[i], F_OK))
			ret = bind("/dev/null", resolvers[i], err);
	return ret;
}

int netns_exec_prepare(const char *name, struct wg_error *err)
{
	if (unshare(CLONE_NEWNS) || mount("", "/", "none", MS_SLAVE | MS_REC, NULL))
		return wg_error_errno(err, errno, "cannot create a mount namespace");
	/* In a container it may stay as it is: then /sys/class/net shows the links of the host. */
	(void)mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return name ? bind_files(name, err) : 0;
}

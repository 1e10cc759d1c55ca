// SPDX-License-Identifier: GPL-2.0
#include "netns.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "namespaces.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define SELF "/proc/self/ns/net"

/* Descriptors, -1 where not open. */
static int home = -1;     /* the namespace in which the program was started, once it was left */
static int underlay = -1; /* that of the key UnderlayNamespace */
static int inside = -1;   /* while in the underlay: the namespace to come back to */
static bool away, is_new;

bool netns_is_name(const char *s, size_t len)
{
	return len && len <= NAME_MAX && *s != '.' && *s != '-' && !memchr(s, '/', len) && !memchr(s, '\0', len);
}

char *netns_path(const char *where)
{
	return strchr(where, '/') ? wg_format("%s", where) : wg_format(NETNS_DIR "/%s", where);
}

int netns_open(int *out, const char *path, struct wg_error *err)
{
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*out = -1;
	if (fd < 0) {
		wg_error_errno(err, errno, "cannot open the network namespace %s", path);
		return -1;
	}
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
		wg_error_set(err, "%s is no network namespace", path);
		err->code = ENOENT;
		return -1;
	}
	*out = steal_fd(&fd);
	return 0;
}

u64 netns_cookie(void)
{
	cleanup(close_fd) int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	u64 cookie = 0;
	socklen_t len = sizeof(cookie);
	struct stat st;

	if (s >= 0 && !getsockopt(s, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) && cookie)
		return cookie;
	return stat(SELF, &st) ? 0 : st.st_ino;
}

static int remember_home(struct wg_error *err)
{
	if (home < 0)
		home = open(SELF, O_RDONLY | O_CLOEXEC);
	return home < 0 ? wg_error_errno(err, errno, "cannot open " SELF) : 0;
}

int netns_enter(int fd, struct wg_error *err)
{
	if (remember_home(err) < 0)
		return -1;
	if (setns(fd, CLONE_NEWNET))
		return wg_error_errno(err, errno, "cannot enter the network namespace");
	away = true;
	is_new = false;
	return 0;
}

int netns_enter_new(struct wg_error *err)
{
	if (remember_home(err) < 0)
		return -1;
	if (unshare(CLONE_NEWNET))
		return wg_error_errno(err, errno, "cannot create a network namespace");
	away = is_new = true;
	return 0;
}

int netns_return(struct wg_error *err)
{
	if (!away)
		return 0;
	if (setns(home, CLONE_NEWNET))
		return wg_error_errno(err, errno, "cannot come back into this network namespace");
	away = is_new = false;
	return 0;
}

bool netns_is_away(void)
{
	return away;
}

bool netns_is_new(void)
{
	return is_new;
}

struct lost {
	u64 cookie;
	int fd;
};

static int find_lost(void *ctx, struct wg_error *err)
{
	struct lost *l = ctx;

	(void)err;
	if (netns_cookie() != l->cookie)
		return 0;
	l->fd = open(SELF, O_RDONLY | O_CLOEXEC);
	return 1;
}

int netns_enter_lost(u64 cookie, struct wg_error *err)
{
	struct lost l = {.cookie = cookie, .fd = -1};
	int found = namespaces_visit(find_lost, &l, err);

	if (found > 0 && l.fd >= 0) {
		found = netns_enter(l.fd, err) < 0 ? -1 : 1;
		close(l.fd);
	}
	return found;
}

int netns_set_underlay(const char *path, struct wg_error *err)
{
	close_fd(&underlay);
	underlay = -1;
	return path ? netns_open(&underlay, path, err) : 0;
}

/* -1: both are the same. */
static int underlay_fd(void)
{
	int fd = underlay >= 0 ? underlay : away ? home : -1;
	struct stat ours, theirs;

	if (fd < 0 || fstat(fd, &theirs) || stat(SELF, &ours) || ours.st_ino == theirs.st_ino)
		return -1;
	return fd;
}

bool netns_has_underlay(void)
{
	return underlay_fd() >= 0;
}

int netns_underlay_begin(struct wg_error *err)
{
	int fd = underlay_fd();

	if (fd < 0)
		return 0;
	inside = open(SELF, O_RDONLY | O_CLOEXEC);
	if (inside >= 0 && !setns(fd, CLONE_NEWNET))
		return 0;
	wg_error_errno(err, errno, "cannot enter the network namespace of the encrypted packets");
	close_fd(&inside);
	inside = -1;
	return -1;
}

int netns_underlay_end(struct wg_error *err)
{
	int ret = 0;

	if (inside < 0)
		return 0;
	if (setns(inside, CLONE_NEWNET))
		ret = wg_error_errno(err, errno, "cannot come back into the network namespace of the tunnel");
	close_fd(&inside);
	inside = -1;
	return ret;
}

int netns_underlay_rtnl(struct wg_rtnl **rt, int *here, struct wg_error *err)
{
	struct wg_error ignored;
	int ret;

	*here = open(SELF, O_RDONLY | O_CLOEXEC);
	if (*here < 0)
		return wg_error_errno(err, errno, "cannot open " SELF);
	if (netns_underlay_begin(err) < 0)
		return -1;
	ret = wg_rtnl_open(rt, err);
	return netns_underlay_end(ret < 0 ? &ignored : err) < 0 ? -1 : ret;
}

/* `ip netns` wants the folder to be a mount that is shared, so that other mount namespaces see what is mounted
 * in it, and stop seeing it. */
static int make_folder(struct wg_error *err)
{
	if (mkdir(NETNS_DIR, 0755) && errno != EEXIST)
		return wg_error_errno(err, errno, "cannot create the folder " NETNS_DIR);
	if (!mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return 0;
	if (errno != EINVAL || mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL) ||
	    mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return wg_error_errno(err, errno, "cannot mount " NETNS_DIR);
	return 0;
}

static int set_lo_up(struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;

	if (wg_rtnl_open(&rt, err) < 0)
		return -1;
	wg_rtnl_link_set(rt, 1, 0, true); /* lo is the first link of each namespace */
	return wg_rtnl_commit(rt, NULL, err) < 0 ? wg_error_prefix(err, "cannot set lo up") : 0;
}

int netns_attach(const char *name, struct wg_error *err)
{
	cleanup(free_ptr) char *path = netns_path(name);
	cleanup(close_fd) int fd = -1;

	if (make_folder(err) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot create %s", path);
	if (mount(SELF, path, "none", MS_BIND, NULL)) {
		wg_error_errno(err, errno, "cannot mount a network namespace on %s", path);
		unlink(path);
		return -1;
	}
	is_new = false;
	return set_lo_up(err);
}

int netns_detach(const char *name, struct wg_error *err)
{
	cleanup(free_ptr) char *path = netns_path(name);
	struct wg_error ignored;
	struct stat st;
	int fd;

	if (netns_open(&fd, path, &ignored) < 0) {
		if (!lstat(path, &st) && S_ISREG(st.st_mode) && !st.st_size && !(st.st_mode & 0777))
			unlink(path);
		return 0;
	}
	close(fd);
	if (umount2(path, MNT_DETACH) && errno != EINVAL)
		return wg_error_errno(err, errno, "cannot unmount %s", path);
	if (unlink(path) && errno != ENOENT)
		return wg_error_errno(err, errno, "cannot remove %s", path);
	return 0;
}

/* Links that the kernel makes in each namespace itself, as their modules are loaded. */
static bool is_kernels(const struct wg_link *l)
{
	static const char *const names[] = {"lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0",
					    "sit0", "ip6tnl0", "ip6gre0"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(l->name, names[i]))
			return true;
	return false;
}

static pid_t find_process(void)
{
	DIR *dir = opendir("/proc");
	struct stat ours, theirs;
	pid_t found = 0;
	struct dirent *e;

	while (dir && !found && (e = readdir(dir))) {
		char path[PATH_MAX];
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		snprintf(path, sizeof(path), "/proc/%s/ns/net", e->d_name);
		if (pid > 0 && pid != getpid() && !stat(SELF, &ours) && !stat(path, &theirs) &&
		    ours.st_ino == theirs.st_ino)
			found = pid;
	}
	if (dir)
		closedir(dir);
	return found;
}

void netns_users(char *what, size_t size)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	cleanup(free_ptr) struct wg_link *list = NULL;
	struct wg_error err;
	pid_t pid = find_process();
	size_t n = 0;

	*what = '\0';
	if (pid)
		snprintf(what, size, "process %d is in it", (int)pid);
	else if (wg_rtnl_open(&rt, &err) < 0 || wg_rtnl_links(rt, NULL, &list, &n, &err) < 0)
		snprintf(what, size, "%.100s", err.text);
	for (size_t i = 0; !*what && i < n; i++)
		if (!is_kernels(&list[i]))
			snprintf(what, size, "interface `%s' is in it", list[i].name);
}

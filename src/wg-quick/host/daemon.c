// SPDX-License-Identifier: GPL-2.0
/* /proc/PID/environ is what a process was started with; a daemon that forks keeps it. Its children
 * have it too, so the TUN device that is open decides: /proc/PID/fdinfo names it. */
#include "daemon.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../../lib/base/cleanup.h"
#include "../../lib/base/wait.h"

#define END_WAIT_MS 2000

static void close_dir(DIR *const *d)
{
	if (*d)
		closedir(*d);
}

/* Whether a list of NUL-ended strings, which may be long, has this one. */
static bool file_has_string(const char *path, const char *wanted)
{
	cleanup(close_file) FILE *f = fopen(path, "re");
	cleanup(free_ptr) char *s = NULL;
	size_t room = 0;

	while (f && getdelim(&s, &room, '\0', f) > 0)
		if (!strcmp(s, wanted))
			return true;
	return false;
}

static bool has_marker(pid_t pid, const char *marker)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	return *marker && file_has_string(path, marker);
}

/* Whether the TUN device behind descriptor `number` of this process is in our network namespace. */
static bool is_here(pid_t pid, int number)
{
	cleanup(close_fd) int process = (int)syscall(SYS_pidfd_open, pid, 0);
	cleanup(close_fd) int fd = (int)syscall(SYS_pidfd_getfd, process, number, 0);
	cleanup(close_fd) int ns = fd < 0 ? -1 : ioctl(fd, TUNGETDEVNETNS);
	struct stat theirs, ours;

	return ns >= 0 && !fstat(ns, &theirs) && !stat("/proc/self/ns/net", &ours) &&
	       theirs.st_ino == ours.st_ino;
}

/* Fills *d with the first TUN device that this process holds. */
static bool find_tun(pid_t pid, struct daemon *d)
{
	cleanup(close_dir) DIR *dir = NULL;
	char path[PATH_MAX], line[128];
	struct dirent *e;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		cleanup(close_file) FILE *f = NULL;

		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", (int)pid, e->d_name);
		f = fopen(path, "re");
		while (f && fgets(line, sizeof(line), f)) {
			if (sscanf(line, "iff: %15s", d->ifname) != 1)
				continue;
			d->pid = pid;
			d->here = is_here(pid, (int)strtol(e->d_name, NULL, 10));
			return true;
		}
	}
	return false;
}

bool daemon_find(const char *marker, struct daemon *d)
{
	cleanup(close_dir) DIR *dir = *marker ? opendir("/proc") : NULL;
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid > 0 && has_marker(pid, marker) && find_tun(pid, d))
			return true;
	}
	return false;
}

int daemon_end(pid_t pid, const char *marker, struct wg_error *err)
{
	cleanup(close_fd) int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct wg_wait wait;

	/* From here on the number means this process; is it the one that was found? */
	if (fd < 0 || !has_marker(pid, marker))
		return fd < 0 && errno != ESRCH ? wg_error_errno(err, errno, "cannot end process %d",
								 (int)pid) : 0;
	for (int signo = SIGTERM;; signo = SIGKILL) {
		if (syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0) && errno != ESRCH)
			return wg_error_errno(err, errno, "cannot end process %d", (int)pid);
		wg_wait_begin(&wait, NULL, END_WAIT_MS);
		if (wg_wait_fd(&wait, fd, POLLIN) == WG_WAIT_READY)
			return 0;
		if (signo == SIGKILL)
			return wg_error_set(err, "process %d does not end", (int)pid);
	}
}

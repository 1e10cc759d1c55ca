// SPDX-License-Identifier: GPL-2.0
/* The folder's lock (flock) is held while a socket is looked at and replaced or removed, so that
 * one that ends never takes the socket of one that begins. */
#include "uapi-socket.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../lib/cleanup.h"
#include "../confine/sandbox.h"

#define FOLDER	RUNSTATEDIR "/wireguard"
#define BACKLOG 64

static int address(struct sockaddr_un *addr, const char *file, struct wg_error *err)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if ((size_t)snprintf(addr->sun_path, sizeof(addr->sun_path), FOLDER "/%s", file) >=
	    sizeof(addr->sun_path))
		return wg_error_set(err, "the path %s is too long for a socket", FOLDER);
	return 0;
}

/* 1: somebody listens, 0: the place is free, or has what nobody listens on. */
static int is_served(const char *file, struct wg_error *err)
{
	cleanup(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un addr;

	if (fd < 0)
		return wg_error_errno(err, errno, "cannot make a socket");
	if (address(&addr, file, err) < 0)
		return -1;
	if (!connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) || errno == EAGAIN)
		return 1;
	if (errno == ECONNREFUSED || errno == ENOENT)
		return 0;
	return wg_error_errno(err, errno, "cannot look at %s", addr.sun_path);
}

static void file_of(char file[static 32], const char *name)
{
	snprintf(file, 32, "%s.sock", name);
}

static int taken(const char *name, struct wg_error *err)
{
	wg_error_set(err, "%s is taken: %s/%s.sock is served already", name, FOLDER, name);
	err->code = EBUSY;
	return -1;
}

int uapi_socket_check(const char *name, struct wg_error *err)
{
	char file[32];
	int served;

	file_of(file, name);
	served = is_served(file, err);
	return served > 0 ? taken(name, err) : served;
}

static int open_folder(struct wg_error *err)
{
	int fd;

	if (mkdir(FOLDER, 0700) < 0 && errno != EEXIST)
		return wg_error_errno(err, errno, "cannot make the folder %s", FOLDER);
	fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot open the folder %s", FOLDER);
	flock(fd, LOCK_EX);
	return fd;
}

/* Bound under another name first: who finds the socket can connect to it, or may not. */
static int make(struct uapi_socket *s, struct wg_error *err)
{
	char draft[48];
	struct sockaddr_un addr;
	mode_t mask;
	int ret;

	snprintf(draft, sizeof(draft), ".%s.new", s->file);
	if (address(&addr, draft, err) < 0)
		return -1;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlinkat(s->folder, draft, 0);
	mask = umask(0177);
	ret = s->fd < 0 ? -1 : bind(s->fd, (const struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	if (ret < 0 || listen(s->fd, BACKLOG) < 0)
		return wg_error_errno(err, errno, "cannot make a socket in %s", FOLDER);
	if (renameat(s->folder, draft, s->folder, s->file) < 0) {
		wg_error_errno(err, errno, "cannot make %s/%s", FOLDER, s->file);
		unlinkat(s->folder, draft, 0);
		return -1;
	}
	return 0;
}

static void remove_if_ours(const struct uapi_socket *s)
{
	struct stat st;

	flock(s->folder, LOCK_EX);
	if (!fstatat(s->folder, s->file, &st, AT_SYMLINK_NOFOLLOW) && st.st_dev == s->device &&
	    st.st_ino == s->inode)
		unlinkat(s->folder, s->file, 0);
}

/* In the keeper. It holds nothing of the daemon's but the folder and the pipe. */
static void keep(const struct uapi_socket *s, int pipe_fd)
{
	char byte;
	ssize_t n;

	prctl(PR_SET_NAME, "wg-tun-cleanup");
	if (sandbox_keeper(s->folder, pipe_fd))
		do
			n = read(pipe_fd, &byte, 1);
		while (n < 0 && errno == EINTR);
	remove_if_ours(s);
	_exit(0);
}

static int start_keeper(struct uapi_socket *s, struct wg_error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return wg_error_errno(err, errno, "cannot make a pipe");
	s->keeper_pid = fork();
	if (s->keeper_pid == 0) {
		close(ends[1]);
		keep(s, ends[0]);
	}
	close(ends[0]);
	s->keeper = ends[1];
	if (s->keeper_pid < 0)
		return wg_error_errno(err, errno, "cannot start a process");
	return 0;
}

static int open_locked(struct uapi_socket *s, const char *name, struct wg_error *err)
{
	int served = is_served(s->file, err);
	struct stat st;

	if (served)
		return served > 0 ? taken(name, err) : -1;
	if (!fstatat(s->folder, s->file, &st, AT_SYMLINK_NOFOLLOW) && !S_ISSOCK(st.st_mode))
		return wg_error_set(err, "%s/%s is there and no socket", FOLDER, s->file);
	if (make(s, err) < 0)
		return -1;
	if (fstatat(s->folder, s->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return wg_error_errno(err, errno, "cannot look at %s/%s", FOLDER, s->file);
	s->device = st.st_dev;
	s->inode = st.st_ino;
	if (start_keeper(s, err) < 0) {
		remove_if_ours(s);
		return -1;
	}
	return 0;
}

static int open_inotify(struct uapi_socket *s, struct wg_error *err)
{
	s->event.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->event.fd < 0 ||
	    inotify_add_watch(s->event.fd, FOLDER,
			      IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF) < 0)
		return wg_error_errno(err, errno, "cannot watch %s", FOLDER);
	return 0;
}

void uapi_socket_init(struct uapi_socket *s)
{
	memset(s, 0, sizeof(*s));
	s->folder = s->fd = s->keeper = s->event.fd = -1;
}

int uapi_socket_open(struct uapi_socket *s, const char *name, struct wg_error *err)
{
	int ret;

	file_of(s->file, name);
	s->folder = open_folder(err);
	if (s->folder < 0)
		return -1;
	ret = open_locked(s, name, err);
	if (ret == 0)
		ret = open_inotify(s, err);
	flock(s->folder, LOCK_UN);
	return ret;
}

static bool is_about(const struct uapi_socket *s, const struct inotify_event *e, const char *name)
{
	return e->mask & (IN_DELETE_SELF | IN_IGNORED | IN_Q_OVERFLOW) ||
	       (e->len && !strcmp(name, s->file));
}

static void folder_changed(struct event *ev)
{
	struct uapi_socket *s = (struct uapi_socket *)ev;
	char buf[4096];
	struct inotify_event e;
	ssize_t n = read(ev->fd, buf, sizeof(buf));

	for (size_t at = 0; n > 0 && at + sizeof(e) <= (size_t)n; at += sizeof(e) + e.len) {
		memcpy(&e, buf + at, sizeof(e));
		if (is_about(s, &e, buf + at + sizeof(e)))
			s->events->stop = true;
	}
}

bool uapi_socket_watch(struct uapi_socket *s, struct events *ev)
{
	s->events = ev;
	s->event.ready = folder_changed;
	return events_add(ev, &s->event, EVENTS_IN);
}

void uapi_socket_remove(struct uapi_socket *s)
{
	close_fd(&s->keeper);
	while (s->keeper_pid > 0 && waitpid(s->keeper_pid, NULL, 0) < 0 && errno == EINTR)
		;
	close_fd(&s->event.fd);
	close_fd(&s->folder);
}

// SPDX-License-Identifier: GPL-2.0
/* The folder's lock (flock) is held while a socket is inspected and then replaced or removed, so
 * that a daemon that ends never removes the socket of one that begins. */
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
#include "../../lib/base/cleanup.h"
#include "../confine/sandbox.h"
#include "../confine/socket-source.h"
#include "../report/logger.h"

#define FOLDER	RUNSTATEDIR "/wireguard"
#define BACKLOG 64

/* How long the end of the other process is awaited: it may have been stopped, or killed by a limit
 * of its container. It takes well below a millisecond. */
#define END_TRIES 200
#define END_PAUSE 10000 /* microseconds between two tries */

static int socket_address(struct sockaddr_un *addr, const char *file, struct wg_error *err)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if ((size_t)snprintf(addr->sun_path, sizeof(addr->sun_path), FOLDER "/%s", file) >=
	    sizeof(addr->sun_path))
		return wg_error_set(err, "the path %s is too long for a socket: build with a "
				    "shorter RUNSTATEDIR", FOLDER);
	return 0;
}

/* Returns 1 if a process listens on the socket `file` of the folder, 0 if none does or there is no
 * such file, -1 with err if that cannot be found out. */
static int is_served(const char *file, struct wg_error *err)
{
	cleanup(close_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un addr;

	if (fd < 0)
		return wg_error_errno(err, errno, "cannot create a socket");
	if (socket_address(&addr, file, err) < 0)
		return -1;
	if (!connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) || errno == EAGAIN)
		return 1;
	if (errno == ECONNREFUSED || errno == ENOENT)
		return 0;
	return wg_error_errno(err, errno, "cannot connect to %s", addr.sun_path);
}

static void socket_file(char file[static 32], const char *name)
{
	snprintf(file, 32, "%s.sock", name);
}

static int refuse_name(const char *name, struct wg_error *err)
{
	wg_error_set(err, "%s is taken: another process serves %s/%s.sock", name, FOLDER, name);
	err->code = EBUSY;
	return -1;
}

int uapi_socket_check(const char *name, struct wg_error *err)
{
	char file[32];
	int served;

	socket_file(file, name);
	served = is_served(file, err);
	return served > 0 ? refuse_name(name, err) : served;
}

/* A parent that is not there is made, too: a container may have no /run at all. */
static int make_folder(void)
{
	if (mkdir(FOLDER, 0700) == 0 || errno == EEXIST)
		return 0;
	if (errno == ENOENT && mkdir(RUNSTATEDIR, 0755) == 0)
		return mkdir(FOLDER, 0700);
	return -1;
}

/* Says what would help: in containers these folders are often read-only, or another user's. */
static int explain_folder(int error, const char *what, struct wg_error *err)
{
	wg_error_errno(err, error, "cannot %s the folder %s", what, FOLDER);
	if (error == EROFS || error == EACCES || error == EPERM || error == ENOENT) {
		size_t len = strlen(err->text);

		snprintf(err->text + len, sizeof(err->text) - len,
			 ": the socket for wg(8) needs a folder that can be written, as by mounting a "
			 "tmpfs there");
	}
	return -1;
}

static int open_folder(struct wg_error *err)
{
	int fd;

	if (make_folder() < 0)
		return explain_folder(errno, "create", err);
	fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return explain_folder(errno, "open", err);
	flock(fd, LOCK_EX);
	return fd;
}

/* The socket is bound under another name and renamed once it listens: a client that finds its final
 * name can connect, and its mode is right from the first moment. */
static int make_socket(struct uapi_socket *s, struct wg_error *err)
{
	char draft[48];
	struct sockaddr_un addr;
	mode_t mask;
	int ret;

	snprintf(draft, sizeof(draft), ".%s.new", s->file);
	if (socket_address(&addr, draft, err) < 0)
		return -1;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlinkat(s->folder, draft, 0);
	mask = umask(0177);
	ret = s->fd < 0 ? -1 : bind(s->fd, (const struct sockaddr *)&addr, sizeof(addr));
	umask(mask);
	if (ret < 0)
		return explain_folder(errno, "create a socket in", err);
	if (listen(s->fd, BACKLOG) < 0 || renameat(s->folder, draft, s->folder, s->file) < 0) {
		wg_error_errno(err, errno, "cannot create %s/%s", FOLDER, s->file);
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

/* The process that removes the socket. Until the daemon, which holds the other end of the pipe,
 * ends, it creates the daemon's UDP sockets (socket-source.h). It has no other descriptor of the
 * daemon's but the folder. */
static void run_cleanup(const struct uapi_socket *s, int pipe_fd)
{
	prctl(PR_SET_NAME, "wg-tun-cleanup");
	sandbox_enter_cleanup(s->folder, pipe_fd);
	socket_source_serve(pipe_fd);
	remove_if_ours(s);
	_exit(0);
}

static int start_cleanup(struct uapi_socket *s, struct wg_error *err)
{
	int ends[2];

	if (socket_source_open(ends) < 0)
		return wg_error_errno(err, errno, "cannot create a pair of sockets");
	s->cleanup_pid = fork();
	if (s->cleanup_pid == 0) {
		close(ends[1]);
		run_cleanup(s, ends[0]);
	}
	close(ends[0]);
	s->cleanup_pipe = ends[1];
	socket_source_use(s->cleanup_pipe);
	if (s->cleanup_pid < 0)
		return wg_error_errno(err, errno, "cannot start a process");
	return 0;
}

static int open_locked(struct uapi_socket *s, const char *name, struct wg_error *err)
{
	int served = is_served(s->file, err);
	struct stat st;

	if (served)
		return served > 0 ? refuse_name(name, err) : -1;
	if (!fstatat(s->folder, s->file, &st, AT_SYMLINK_NOFOLLOW) && !S_ISSOCK(st.st_mode))
		return wg_error_set(err, "%s/%s is not a socket: remove it or choose another "
				    "name", FOLDER, s->file);
	if (make_socket(s, err) < 0)
		return -1;
	if (fstatat(s->folder, s->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return wg_error_errno(err, errno, "cannot find %s/%s", FOLDER, s->file);
	s->device = st.st_dev;
	s->inode = st.st_ino;
	if (start_cleanup(s, err) < 0) {
		remove_if_ours(s);
		return -1;
	}
	return 0;
}

/* A user may have a few of these only (fs.inotify.max_user_instances), and all containers of root
 * share them: the daemon does without. */
static void open_inotify(struct uapi_socket *s)
{
	s->event.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (s->event.fd >= 0 &&
	    inotify_add_watch(s->event.fd, FOLDER,
			      IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF) >= 0)
		return;
	logger_say(LOGGER_ERROR, "cannot watch %s: %s: the daemon does not end when its socket is "
		   "removed", FOLDER, strerror(errno));
	close_fd(&s->event.fd);
	s->event.fd = -1;
}

void uapi_socket_init(struct uapi_socket *s)
{
	memset(s, 0, sizeof(*s));
	s->folder = s->fd = s->cleanup_pipe = s->event.fd = -1;
}

int uapi_socket_open(struct uapi_socket *s, const char *name, struct wg_error *err)
{
	int ret;

	socket_file(s->file, name);
	s->folder = open_folder(err);
	if (s->folder < 0)
		return -1;
	ret = open_locked(s, name, err);
	if (ret == 0)
		open_inotify(s);
	flock(s->folder, LOCK_UN);
	return ret;
}

/* Events that were lost may have been about our socket, which this process may not search for. */
static bool is_about(const struct uapi_socket *s, const struct inotify_event *e, const char *name)
{
	return e->mask & (IN_DELETE_SELF | IN_IGNORED) ||
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
		if (e.mask & IN_Q_OVERFLOW)
			logger_say(LOGGER_ERROR, "the kernel dropped events of %s: the daemon does "
				   "not end if its socket was removed just now", FOLDER);
		if (is_about(s, &e, buf + at + sizeof(e)))
			s->events->stop = true;
	}
}

bool uapi_socket_watch(struct uapi_socket *s, struct events *ev)
{
	s->events = ev;
	s->event.ready = folder_changed;
	if (s->event.fd < 0)
		return true;
	return events_add(ev, &s->event, EVENTS_IN);
}

void uapi_socket_remove(struct uapi_socket *s)
{
	socket_source_use(-1);
	close_fd(&s->cleanup_pipe);
	for (int i = 0; s->cleanup_pid > 0 && i < END_TRIES; i++) {
		pid_t ended = waitpid(s->cleanup_pid, NULL, WNOHANG);

		if (ended > 0 || (ended < 0 && errno != EINTR))
			break;
		usleep(END_PAUSE);
	}
	close_fd(&s->event.fd);
	close_fd(&s->folder);
}

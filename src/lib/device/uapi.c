// SPDX-License-Identifier: GPL-2.0
/* The sockets of userspace implementations: finding them, and one request and answer each. */
#include "uapi.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "../../crypto/curve25519.h"
#include "../base/alloc.h"
#include "../base/cleanup.h"
#include "../base/secret.h"
#include "../base/wait.h"

#define SOCKET_DIR    RUNSTATEDIR "/wireguard/"
#define SOCKET_SUFFIX ".sock"
#define BUF_SIZE      (64 * 1024)
/* How long a daemon may make no progress with a request or its answer. Our own and wireguard-go take
 * less than a second for ten thousand peers. */
#define SILENCE_MS 10000
#define DAEMON     "the userspace implementation"
#define RETRY_MS   10 /* until the queue of connections has room */

/* A socket as two streams, whose buffers are ours: they are wiped. */
struct stream {
	int fd;
	FILE *in, *out;
	char *buf; /* two of BUF_SIZE */
	struct wg_wait wait;
	enum wg_wait_result ended; /* READY until the wait was given up */
};

static const volatile int *watched;

void wg_uapi_watch(const volatile int *stop)
{
	watched = stop;
}

static bool name_is_good(const char *name)
{
	return name[0] && strlen(name) < IFNAMSIZ && !strchr(name, '/');
}

static void socket_address(struct sockaddr_un *addr, const char *name)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	snprintf(addr->sun_path, sizeof(addr->sun_path), SOCKET_DIR "%s" SOCKET_SUFFIX, name);
}

/* A connected descriptor that does not block, or a negative errno value: EAGAIN if a daemon is there
 * whose queue of connections is full. */
static int connect_to(const char *name)
{
	cleanup(close_fd) int fd = -1;
	struct sockaddr_un addr;
	struct stat st;

	if (!name_is_good(name))
		return -ENODEV;
	socket_address(&addr, name);
	/* What a folder holds that we may not look into is not there for us: ask the kernel. */
	if (lstat(addr.sun_path, &st) < 0)
		return errno == EACCES ? -ENOENT : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EBADF;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)&addr, sizeof(addr)))
		return steal_fd(&fd);
	if (errno == ECONNREFUSED) {
		unlink(addr.sun_path);
		return -ECONNREFUSED;
	}
	return -errno;
}

/* Whether a call that failed is worth trying again: it was interrupted, or it had to wait, and the
 * wait has not been given up. */
static bool try_again(struct stream *s, short events)
{
	if (errno == EINTR)
		return true;
	if (errno != EAGAIN)
		return false;
	s->ended = wg_wait_fd(&s->wait, s->fd, events);
	errno = EAGAIN;
	return s->ended == WG_WAIT_READY;
}

/* A peer that hung up is an error to report, not a signal to die of. All or nothing is sent: stdio takes a
 * part for an error, and drops the rest. */
static ssize_t send_all(void *cookie, const char *data, size_t len)
{
	struct stream *s = cookie;
	size_t sent = 0;

	while (sent < len) {
		ssize_t n = s->ended == WG_WAIT_READY
				    ? send(s->fd, data + sent, len - sent, MSG_NOSIGNAL)
				    : -1;

		if (n < 0 && (s->ended != WG_WAIT_READY || !try_again(s, POLLOUT)))
			return 0;
		if (n > 0)
			sent += (size_t)n;
		wg_wait_again(&s->wait);
	}
	return (ssize_t)len;
}

static ssize_t receive_some(void *cookie, char *data, size_t len)
{
	struct stream *s = cookie;
	ssize_t n;

	do
		n = s->ended == WG_WAIT_READY ? recv(s->fd, data, len, 0) : -1;
	while (n < 0 && s->ended == WG_WAIT_READY && try_again(s, POLLIN));
	wg_wait_again(&s->wait);
	return n;
}

static void stream_close(struct stream *s)
{
	close_file(&s->out);
	close_file(&s->in);
	close_fd(&s->fd);
	if (s->buf)
		wg_secret_wipe(s->buf, (size_t)2 * BUF_SIZE);
	free(s->buf);
}

/* Returns 0, or -1 with err, a sentence about the daemon or errno's text. */
static int stream_connect(struct stream *s, const char *name, struct wg_error *err)
{
	wg_wait_begin(&s->wait, watched, SILENCE_MS);
	while ((s->fd = connect_to(name)) == -EAGAIN) {
		s->ended = wg_wait_nap(&s->wait, RETRY_MS);
		if (s->ended != WG_WAIT_READY)
			return wg_wait_error(&s->wait, s->ended, DAEMON, err);
	}
	if (s->fd >= 0)
		return 0;
	wg_error_set(err, "%s", strerror(-s->fd));
	err->code = -s->fd;
	return -1;
}

static int stream_open(struct stream *s, const char *name, struct wg_error *err)
{
	if (stream_connect(s, name, err) < 0)
		return -1;
	s->in = fopencookie(s, "r", (cookie_io_functions_t){.read = receive_some});
	s->out = fopencookie(s, "w", (cookie_io_functions_t){.write = send_all});
	if (!s->in || !s->out)
		wg_alloc_failed();
	s->buf = wg_alloc((size_t)2 * BUF_SIZE);
	wg_secret_lock(s->buf, (size_t)2 * BUF_SIZE);
	setvbuf(s->in, s->buf, _IOFBF, BUF_SIZE);
	setvbuf(s->out, s->buf + BUF_SIZE, _IOFBF, BUF_SIZE);
	return 0;
}

/* Reads the answer. If the wait was given up, that is the reason, and not the broken answer. */
static int stream_read(struct stream *s, struct wg_device *dev, struct wg_error *err)
{
	int ret = wg_uapi_read(s->in, dev, err);

	if (ret < 0 && s->ended != WG_WAIT_READY)
		return wg_wait_error(&s->wait, s->ended, DAEMON, err);
	return ret;
}

bool wg_uapi_has(const char *name)
{
	cleanup(close_fd) int fd = connect_to(name);

	return fd >= 0 || fd == -EACCES || fd == -EPERM || fd == -EAGAIN;
}

int wg_uapi_list(struct wg_names *names, struct wg_error *err)
{
	const size_t suffix = strlen(SOCKET_SUFFIX);
	const struct dirent *ent;
	DIR *dir = opendir(SOCKET_DIR);

	if (!dir && errno == ENOENT)
		return 0;
	if (!dir)
		return wg_error_errno(err, errno, "Unable to list interfaces: cannot open %s",
				      SOCKET_DIR);
	while ((ent = readdir(dir))) {
		size_t len = strlen(ent->d_name);
		char name[IFNAMSIZ];

		if (len <= suffix || len - suffix >= sizeof(name) ||
		    strcmp(ent->d_name + len - suffix, SOCKET_SUFFIX))
			continue;
		memcpy(name, ent->d_name, len - suffix);
		name[len - suffix] = '\0';
		if (wg_uapi_has(name))
			wg_names_add(names, name);
	}
	closedir(dir);
	return 0;
}

/* The protocol does not carry it. */
static void derive_public_key(struct wg_device *dev)
{
	if (!(dev->flags & WG_DEVICE_HAS_PRIVATE_KEY))
		return;
	wg_curve25519_public(dev->public_key, dev->private_key);
	dev->flags |= WG_DEVICE_HAS_PUBLIC_KEY;
}

int wg_uapi_get(struct wg_device **dev, const char *name, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *fresh = wg_device_new();
	cleanup(stream_close) struct stream s = {.fd = -1};

	if (stream_open(&s, name, err) < 0)
		return wg_error_prefix(err, "Unable to access interface %s", name);
	strcpy(fresh->name, name);
	fputs("get=1\n\n", s.out);
	fflush(s.out);
	if (stream_read(&s, fresh, err) < 0)
		return wg_error_prefix(err, "Unable to access interface %s", name);
	derive_public_key(fresh);
	*dev = steal_ptr(&fresh);
	return 0;
}

/* An answer may come before the whole request is out: then it says what was refused. */
int wg_uapi_set(const struct wg_device *dev, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *answer = wg_device_new();
	cleanup(stream_close) struct stream s = {.fd = -1};
	int code;

	if (stream_open(&s, dev->name, err) < 0)
		return wg_error_prefix(err, "Unable to modify interface %s", dev->name);
	wg_uapi_write(s.out, dev);
	fflush(s.out);
	if (stream_read(&s, answer, err) == 0)
		return 0;
	code = err->code;
	wg_error_prefix(err, "Unable to modify interface %s", dev->name);
	snprintf(err->text + strlen(err->text), sizeof(err->text) - strlen(err->text),
		 "; what stood before the refused setting may have been applied");
	err->code = code;
	return -1;
}

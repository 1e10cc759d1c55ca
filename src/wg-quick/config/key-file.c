// SPDX-License-Identifier: GPL-2.0
/* A key file is opened without waiting, so that a pipe that nobody writes to holds nobody up for long,
 * and a device or a folder is refused before it is read. */
#include "key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/printable.h"
#include "../../lib/base/secret.h"
#include "../../lib/conf/conf-quote.h"
#include "../../lib/conf/value.h"

/* The most bytes that are read: the 44 of a key, and room for white space around it. */
#define SIZE_MAX_READ 512
#define PIPE_SECONDS  10

static const char credential[] = "%d/";

static bool is_credential(const char *value, size_t len)
{
	return len >= strlen(credential) && !memcmp(value, credential, strlen(credential));
}

bool key_file_is_absent_credential(const char *value, size_t len)
{
	return is_credential(value, len) && !getenv("CREDENTIALS_DIRECTORY");
}

char *key_file_path(const struct config *c, const char *value, size_t len)
{
	const char *slash = strrchr(c->path, '/'), *given = getenv("CREDENTIALS_DIRECTORY");
	int folder = slash ? (int)(slash - c->path) + 1 : 0;

	if (is_credential(value, len)) {
		value += strlen(credential);
		len -= strlen(credential);
		return given ? wg_format("%s/%.*s", given, (int)len, value)
			     : wg_format("/run/credentials/wg-quick@%s.service/%.*s", c->name, (int)len, value);
	}
	if (*value == '/')
		return wg_strndup(value, len);
	return wg_format("%.*s%.*s", folder, c->path, (int)len, value);
}

static s64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (s64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads until the end of the file, or until the buffer is full. Returns the length, or -1 with errno. */
static ssize_t read_all(int fd, bool is_pipe, char buf[static SIZE_MAX_READ])
{
	s64 end = now_ms() + PIPE_SECONDS * 1000;
	size_t n = 0;

	while (n < SIZE_MAX_READ) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		s64 left = end - now_ms();
		ssize_t got;

		if (left <= 0 || !poll(&p, 1, (int)left)) {
			errno = ETIMEDOUT;
			return -1;
		}
		got = read(fd, buf + n, SIZE_MAX_READ - n);
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return -1;
		/* A pipe without a writer is at its end only if there has been one. */
		if (!got && (n || p.revents & POLLHUP || !is_pipe))
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	return (ssize_t)n;
}

/* The folder keeps strangers out as well as the file's own mode does. */
static void check_mode(const struct config *c, const char *path, const struct stat *st)
{
	cleanup(free_ptr) char *folder = wg_strndup(path, strlen(path));
	char *slash = strrchr(folder, '/');
	struct stat above = {.st_mode = S_IRWXO};

	if (slash)
		slash[slash == folder] = '\0';
	if (S_ISREG(st->st_mode) && (!slash || !stat(folder, &above)) &&
	    st->st_mode & above.st_mode & S_IRWXO)
		wg_log_say(c->log, WG_LOG_WARNING, "`%s' is world accessible", path);
}

static int parse_text(u8 key[static WG_KEY_LEN], char *buf, size_t n, const char *shown, struct wg_error *err)
{
	bool is_cut = n == SIZE_MAX_READ;
	size_t start = 0, at;

	while (n && wg_conf_is_space(buf[n - 1]))
		n--;
	while (start < n && wg_conf_is_space(buf[start]))
		start++;
	if (is_cut || wg_value_key(key, buf + start, n - start, &at, err))
		return wg_error_set(err, "%s does not hold a key: expected 44 characters of base64, as `wg genkey' "
				    "writes them", shown);
	return 0;
}

static int read_open(u8 key[static WG_KEY_LEN], const struct config *c, int fd, const char *path,
		     const char *shown, struct wg_error *err)
{
	char buf[SIZE_MAX_READ];
	struct stat st;
	ssize_t n;
	int ret;

	if (fstat(fd, &st))
		return wg_error_errno(err, errno, "cannot read %s", shown);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return wg_error_set(err, "%s is neither a regular file nor a pipe", shown);
	check_mode(c, path, &st);
	wg_secret_lock(buf, sizeof(buf));
	n = read_all(fd, S_ISFIFO(st.st_mode), buf);
	ret = n < 0 ? wg_error_errno(err, errno, "cannot read %s", shown)
		    : parse_text(key, buf, (size_t)n, shown, err);
	wg_secret_wipe(buf, sizeof(buf));
	return ret;
}

static int read_path(u8 key[static WG_KEY_LEN], const struct config *c, const char *path, struct wg_error *err)
{
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char shown[PATH_MAX];
	int code = errno;

	wg_printable(shown, sizeof(shown), path);
	return fd < 0 ? wg_error_errno(err, code, "cannot open %s", shown) : read_open(key, c, fd, path, shown, err);
}

int key_file_read(u8 key[static WG_KEY_LEN], const struct config *c, const char *value, size_t len,
		  struct wg_error *err)
{
	cleanup(free_ptr) char *path = key_file_path(c, value, len);
	cleanup(free_ptr) char *text = wg_strndup(value, len);
	int ret;

	if (!len)
		ret = wg_error_set(err, "no value: expected the path of a file that holds the key");
	else if (wg_conf_path_may_be_key(text))
		ret = wg_error_set(err, "expected the path of a file that holds the key, not the key");
	else
		ret = read_path(key, c, path, err);
	if (ret)
		err->reason = WG_CODE_KEY_FILE;
	return ret;
}

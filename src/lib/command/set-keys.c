// SPDX-License-Identifier: GPL-2.0
/* The files that the arguments of `wg set` name. An error shows nothing of what is in them. */
#include "set-keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include "../base/cleanup.h"
#include "../base/encoding.h"
#include "../base/printable.h"
#include "../base/secret.h"
#include "../conf/conf.h"
#include "../conf/value.h"

#define READ_SIZE 256

/* Reads until `size` bytes are there or the file ends. */
static ssize_t read_up_to(int fd, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, buf + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* What follows the key's text may be white space only. */
static int check_rest(const struct set_key_file *file, char *buf, struct wg_error *err)
{
	ssize_t n;

	do {
		n = read_up_to(file->fd, buf, READ_SIZE);
		if (n < 0)
			return wg_error_errno(err, errno, "cannot read %s file %s", file->option,
					      file->path);
		for (ssize_t i = 0; i < n; i++)
			if (!wg_conf_is_space(buf[i]))
				return wg_error_set(err, "Found trailing character in key file: %s",
						    file->path);
	} while (n == READ_SIZE);
	return 0;
}

static int parse_key_file(const struct set_key_file *file, char *buf, struct wg_error *err)
{
	ssize_t n = read_up_to(file->fd, buf, WG_KEY_BASE64_LEN);
	size_t at;

	if (n < 0)
		return wg_error_errno(err, errno, "cannot read %s file %s", file->option, file->path);
	if (!n) {
		memset(file->key, 0, WG_KEY_LEN);
		return 0;
	}
	if (wg_value_key(file->key, buf, (size_t)n, &at, err))
		return wg_error_prefix(err, "%s file %s", file->option, file->path);
	return check_rest(file, buf, err);
}

/* A key in place of the path must not end up in a log, not even a misspelt one. */
static int cannot_open(const struct set_key_file *file, struct wg_error *err)
{
	char shown[PATH_MAX];
	int code = errno;

	if (wg_conf_path_may_be_key(file->path))
		return wg_error_set(err, "%s takes the path of a file that holds the key, not the key",
				    file->option);
	return wg_error_errno(err, code, "cannot open %s file %s", file->option,
			       wg_printable(shown, sizeof(shown), file->path));
}

static int read_key_file(struct set_key_file *file, struct wg_error *err)
{
	char buf[READ_SIZE];
	int ret;

	file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return cannot_open(file, err);
	wg_secret_lock(buf, sizeof(buf));
	ret = parse_key_file(file, buf, err);
	wg_secret_wipe(buf, sizeof(buf));
	close_fd(&file->fd);
	return ret;
}

/* One after the other: there may be more than may be open. */
int set_keys_read(const struct set_args *a, struct wg_error *err)
{
	wg_secret_guard();
	for (struct set_key_file *file = a->key_files; file; file = file->next)
		if (read_key_file(file, err))
			return -1;
	return 0;
}

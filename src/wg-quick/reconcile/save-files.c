// SPDX-License-Identifier: GPL-2.0
/* Each text is written to a file beside the old one, which then takes its place: after a failure or a
 * crash one of them is there whole. A file that cannot be replaced, as where it is a mount point or in a
 * folder that is read-only, is overwritten, from the file beside it or else from memory. */
#include "save-files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/secret.h"

/* Writes a text to an empty file. Returns an errno value, 0 for success. */
static int write_all(int fd, const char *text, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0 && errno != EINTR)
			return errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) ? errno : 0;
}

/* The new file has the old one's owner and mode. */
static int keep_owner(int fd, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT ? 0 : errno;
	if (fchown(fd, st.st_uid, st.st_gid) || fchmod(fd, st.st_mode & 0777))
		return errno;
	return 0;
}

static void sync_folder(const char *path)
{
	cleanup(free_ptr) char *dir = wg_strndup(path, (size_t)(strrchr(path, '/') - path) + 1);
	cleanup(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		fsync(fd); /* best effort: the new file is whole in any case */
}

/* Copies `len` bytes from the start of one file to the start of another, which then ends there. */
static int copy_bytes(int to, int from, off_t len)
{
	char buf[8192];
	off_t at = 0;
	int code = 0;

	while (!code && at < len) {
		ssize_t n = pread(from, buf, sizeof(buf), at), put = 0;

		if (n < 0 && errno == EINTR)
			continue;
		code = n < 0 ? errno : n ? 0 : EIO;
		while (!code && put < n) {
			ssize_t m = pwrite(to, buf + put, (size_t)(n - put), at + put);

			if (m >= 0)
				put += m;
			else if (errno != EINTR)
				code = errno;
		}
		at += put;
	}
	wg_secret_wipe(buf, sizeof(buf));
	if (!code && (ftruncate(to, len) || fsync(to)))
		code = errno;
	return code;
}

static off_t length_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? -1 : st.st_size;
}

/* Overwrites the file with the text in `text_fd`. If that fails, what it held before is put back.
 * Returns an errno value, 0 for success. */
static int overwrite(const char *path, int text_fd)
{
	cleanup(close_fd) int fd = open(path, O_RDWR | O_CLOEXEC);
	cleanup(close_fd) int old = memfd_create("old", MFD_CLOEXEC);
	off_t before, after = length_of(text_fd);
	int code;

	if (fd < 0 || old < 0)
		return errno;
	before = length_of(fd);
	if (before < 0 || after < 0)
		return EIO;
	code = copy_bytes(old, fd, before);
	/* A disk that is too full says so before anything is changed, where it can. */
	if (!code && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, after) &&
	    (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
		code = errno;
	if (code)
		return code;
	code = copy_bytes(fd, text_fd, after);
	if (code)
		(void)copy_bytes(fd, old, before);
	return code;
}

/* Whether an error says that no other file can take the place of this one: it is a mount point, its
 * folder cannot be written to, or its owner cannot be given to another file. */
static bool wants_overwriting(int code)
{
	return code == EBUSY || code == EXDEV || code == EROFS || code == EACCES ||
	       code == EPERM || code == EINVAL;
}

/* One file that is to be written. */
struct new_file {
	const char *name; /* as the configuration has it, for messages */
	char *path;       /* what that is, or points to: a symbolic link stays one */
	char *temporary; /* the file beside it; NULL: the text is in memory only */
	int fd;          /* of the new text */
	const char *before;
	size_t before_len;
};

struct save_files {
	struct new_file *list;
	size_t n;
};

static void forget_temporary(struct new_file *f)
{
	if (f->temporary)
		unlink(f->temporary);
	free(f->temporary);
	f->temporary = NULL;
}

void save_files_freep(struct save_files **sp)
{
	struct save_files *s = *sp;

	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		forget_temporary(&s->list[i]);
		close_fd(&s->list[i].fd);
		free(s->list[i].path);
	}
	free(s->list);
	free(s);
}

/* Makes the file beside the old one, whole and with its owner. Its name is gone again if that fails.
 * Returns an errno value, 0 for success. */
static int write_beside(struct new_file *f, const char *text, size_t len)
{
	int code;

	f->temporary = wg_format("%s.XXXXXX", f->path);
	f->fd = mkostemp(f->temporary, O_CLOEXEC);
	if (f->fd < 0) {
		code = errno;
		free(f->temporary);
		f->temporary = NULL;
		return code;
	}
	code = write_all(f->fd, text, len);
	if (!code)
		code = keep_owner(f->fd, f->path);
	if (code)
		forget_temporary(f);
	return code;
}

static int keep_in_memory(struct new_file *f, const char *text, size_t len)
{
	close_fd(&f->fd);
	f->fd = memfd_create("text", MFD_CLOEXEC);
	return f->fd < 0 ? errno : write_all(f->fd, text, len);
}

/* Whether the file could be overwritten. */
static int can_write(const char *path)
{
	cleanup(close_fd) int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? errno : 0;
}

static int prepare_file(struct new_file *f, const char *text, size_t len, struct wg_error *err)
{
	int code = write_beside(f, text, len);

	if (wants_overwriting(code)) {
		code = can_write(f->path);
		if (!code)
			code = keep_in_memory(f, text, len);
	}
	return code ? wg_error_errno(err, code, "cannot save to %s", f->name) : 0;
}

int save_files_prepare(struct save_files **out, const struct edit *e, struct wg_error *err)
{
	struct save_files *s = *out = wg_alloc(sizeof(*s));
	size_t n = edit_n_files(e);

	s->list = wg_alloc((n + 1) * sizeof(*s->list));
	for (size_t i = 0; i < n; i++) {
		struct new_file *f = &s->list[s->n];
		size_t len;
		char *text = edit_after(e, i, &len);
		int ret;

		if (!text)
			continue;
		*f = (struct new_file){.name = edit_path(e, i), .fd = -1};
		f->path = realpath(f->name, NULL);
		if (!f->path)
			f->path = wg_strndup(f->name, strlen(f->name));
		f->before = edit_before(e, i, &f->before_len);
		s->n++;
		ret = prepare_file(f, text, len, err);
		wg_secret_wipe(text, len);
		free(text);
		if (ret)
			return -1;
	}
	return 0;
}

static int commit_file(struct new_file *f)
{
	int code = EXDEV;

	if (f->temporary && !rename(f->temporary, f->path)) {
		free(f->temporary);
		f->temporary = NULL;
		sync_folder(f->path);
		return 0;
	}
	if (f->temporary)
		code = errno;
	/* The new text lies beside it, or in memory, whole, until the old one is overwritten. */
	return wants_overwriting(code) ? overwrite(f->path, f->fd) : code;
}

/* Gives a file that was written what it held before, as far as that can be done. */
static void put_back(const struct new_file *f)
{
	cleanup(close_fd) int old = memfd_create("old", MFD_CLOEXEC);

	if (old >= 0 && !write_all(old, f->before, f->before_len))
		(void)overwrite(f->path, old);
}

int save_files_commit(struct save_files *s, struct wg_error *err)
{
	for (size_t i = 0; i < s->n; i++) {
		int code = commit_file(&s->list[i]);

		if (!code)
			continue;
		wg_error_errno(err, code, "cannot save to %s", s->list[i].name);
		while (i-- > 0)
			put_back(&s->list[i]);
		return -1;
	}
	return 0;
}

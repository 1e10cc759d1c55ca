/* SPDX-License-Identifier: GPL-2.0 */
/* `wg-quick save`: the file anew, from what the tunnel is now. The text is written to a file beside
 * the old one, which then takes its place: after a failure or a crash one of them is there whole. A
 * file that cannot be replaced, as where it is a mount point or in a folder that is read-only, is
 * overwritten, from the file beside it or else from memory. */
#include "save-running.h"

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
#include "../../lib/device/backend.h"
#include "../../lib/device/uapi.h"
#include "../../lib/net/rtnl.h"
#include "../config/saved.h"
#include "../config/shares.h"
#include "../host/progress.h"
#include "../plan/netstate.h"

/* Writes the text to an empty file. Returns an errno value, 0 for success. */
static int write_all(int fd, const struct config *c, const struct running *now)
{
	char buf[8192]; /* ours, so that it can be wiped */
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0), bad, code;
	FILE *f = own < 0 ? NULL : fdopen(own, "w");

	if (!f) {
		code = errno;
		close_fd(&own);
		return code;
	}
	setvbuf(f, buf, _IOFBF, sizeof(buf));
	saved_write(f, c, now);
	errno = 0;
	bad = fflush(f) || ferror(f) || fsync(fd);
	code = bad ? errno ?: EIO : 0;
	fclose(f);
	wg_secret_wipe(buf, sizeof(buf));
	return code;
}

/* The new file has the old one's owner, and no more of its mode than the owner's part. */
static int keep_owner(int fd, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno == ENOENT ? 0 : errno;
	if (fchown(fd, st.st_uid, st.st_gid) || fchmod(fd, st.st_mode & 0600))
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

/* Makes the file beside the old one, whole and with its owner. Its name is gone again if that fails.
 * Returns an errno value, 0 for success. */
static int write_beside(const struct config *c, const struct running *now, char *temporary, int *fd)
{
	int code;

	*fd = mkostemp(temporary, O_CLOEXEC);
	if (*fd < 0)
		return errno;
	code = write_all(*fd, c, now);
	if (!code)
		code = keep_owner(*fd, c->path);
	if (code)
		unlink(temporary);
	return code;
}

static int overwrite_file(const struct config *c, const struct running *now)
{
	cleanup(close_fd) int text = memfd_create("text", MFD_CLOEXEC);
	int code;

	if (text < 0)
		return errno;
	code = write_all(text, c, now);
	return code ? code : overwrite(c->path, text);
}

static int replace_file(const struct config *c, const struct running *now, struct wg_error *err)
{
	cleanup(free_ptr) char *temporary = wg_format("%s.XXXXXX", c->path);
	cleanup(close_fd) int fd = -1;
	int code = write_beside(c, now, temporary, &fd);

	if (!code && rename(temporary, c->path)) {
		code = errno;
		/* The new text lies beside it, whole, until the old one is overwritten. */
		if (wants_overwriting(code))
			code = overwrite(c->path, fd);
		unlink(temporary);
	} else if (wants_overwriting(code)) {
		code = overwrite_file(c, now);
	}
	if (code)
		return wg_error_errno(err, code, "cannot save to %s", c->path);
	sync_folder(c->path);
	return 0;
}

static int not_wireguard(const char *name, struct wg_error *err)
{
	return wg_error_set(err, "`%s' is not a WireGuard interface", name);
}

/* The link of the tunnel, by its index where that is known: it may have another name. A userspace data
 * path is asked by the name that it began with if it has not followed. */
static int find_running(struct wg_rtnl *rt, const struct config *c, u32 ifindex, struct wg_link *link,
		        const char **device, struct wg_error *err)
{
	int found = ifindex ? wg_rtnl_link_by_index(rt, ifindex, link, err)
			    : wg_rtnl_link(rt, c->name, link, err);

	if (found < 0)
		return -1;
	if (!found)
		return not_wireguard(c->name, err);
	*device = strcmp(link->kind, "wireguard") && !wg_uapi_has(link->name) ? c->name : link->name;
	return 0;
}

static bool has_ipv6(const struct wg_prefix *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].family == AF_INET6)
			return true;
	}
	return false;
}

static bool added_ipv6(const struct state *st)
{
	for (size_t i = 0; i < st->steps.n; i++) {
		const struct step *s = &st->steps.steps[i];

		if (s->kind == STEP_ADDRESS && s->prefix.family == AF_INET6)
			return true;
	}
	return false;
}

/* Appends the file's IPv6 addresses if the link could not have them: IPv6 is off for it now, or it
 * was when the tunnel came up. They have not been removed by anybody, so the file keeps them. */
static void keep_ipv6(const struct config *c, const struct state *st, const struct wg_link *link,
		      struct wg_prefix **list, size_t *n)
{
	bool off = !netstate_has_ipv6(link->name) || link->mtu < 1280;

	if (has_ipv6(*list, *n) || (!off && (!st || added_ipv6(st))))
		return;
	for (size_t i = 0; i < c->n_addresses; i++) {
		if (c->addresses[i].family != AF_INET6)
			continue;
		*list = wg_realloc(*list, *n + 1, sizeof(**list));
		(*list)[(*n)++] = c->addresses[i];
	}
}

int save_running(const struct config *c, const struct state *st, u32 ifindex, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	cleanup(free_ptr) struct wg_prefix *addresses = NULL;
	struct running now = { 0 };
	const char *device = c->name;
	struct wg_link link;

	if (wg_rtnl_open(&rt, err) || find_running(rt, c, ifindex, &link, &device, err))
		return -1;
	if (wg_backend_get(&dev, device, err))
		return err->code == ENODEV || err->code == EOPNOTSUPP ? not_wireguard(device, err)
								      : -1;
	wg_device_drop_parting(dev);
	shares_spread(c, dev);
	/* Link-local addresses that the kernel made it will make again. */
	if (wg_rtnl_addresses(rt, link.index, false, &addresses, &now.n_addresses, err))
		return -1;
	keep_ipv6(c, st, &link, &addresses, &now.n_addresses);
	now.dev = dev;
	now.addresses = addresses;
	now.mtu = link.mtu;
	progress_command("wg showconf %s", device);
	return replace_file(c, &now, err);
}

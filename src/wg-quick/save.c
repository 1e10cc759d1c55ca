/* SPDX-License-Identifier: GPL-2.0 */
/* `wg-quick save`: the file anew, from what the tunnel is now. It is written beside the old one and
 * takes its place whole: after a failure or a crash the old one is there, unchanged. */
#include "verb.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../lib/alloc.h"
#include "../lib/backend.h"
#include "../lib/cleanup.h"
#include "../lib/rtnl.h"
#include "../lib/secret.h"
#include "hooks.h"
#include "journal.h"
#include "saved.h"
#include "signals.h"

static int write_all(int fd, const struct config *c, const struct running *now)
{
	char buf[8192]; /* ours, so that it can be wiped */
	FILE *f = fdopen(fd, "w");
	int bad, code;

	if (!f) {
		code = errno;
		close(fd);
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

static int replace_file(const struct config *c, const struct running *now, struct wg_error *err)
{
	cleanup(free_ptr) char *temporary = wg_format("%s.XXXXXX", c->path);
	int fd = mkostemp(temporary, O_CLOEXEC), code;

	if (fd < 0)
		return wg_error_errno(err, errno, "cannot create %s", temporary);
	code = keep_owner(fd, c->path);
	if (code)
		close(fd);
	else
		code = write_all(fd, c, now);
	if (!code && rename(temporary, c->path))
		code = errno;
	if (code) {
		unlink(temporary);
		return wg_error_errno(err, code, "cannot save to %s", c->path);
	}
	sync_folder(c->path);
	return 0;
}

int save_running(const struct config *c, const char *device, const struct wg_log *log,
		 struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	cleanup(free_ptr) struct wg_prefix *addresses = NULL;
	struct running now = { 0 };
	struct wg_link link;
	int found;

	(void)log;
	if (wg_rtnl_open(&rt, err))
		return -1;
	found = wg_rtnl_link(rt, c->name, &link, err);
	if (found < 0)
		return -1;
	if (!found || wg_backend_get(&dev, device, err)) {
		if (!found || err->code == ENODEV || err->code == EOPNOTSUPP)
			return wg_error_set(err, "`%s' is not a WireGuard interface", c->name);
		return -1;
	}
	/* Link-local addresses that the kernel made it will make again. */
	if (wg_rtnl_addresses(rt, link.index, false, &addresses, &now.n_addresses, err))
		return -1;
	now.dev = dev;
	now.addresses = addresses;
	now.mtu = link.mtu;
	verb_echo("wg showconf %s", device);
	return replace_file(c, &now, err);
}

/* Hooks may save: the wg-quick that has the lock then waits for them. */
static int lock(struct journal **j, const char *name, struct wg_error *err)
{
	const char *locked = getenv(HOOKS_ENV_LOCKED);

	if (!journal_lock(j, name, NULL, err))
		return 0;
	return err->code == EWOULDBLOCK && locked && !strcmp(locked, name) ? 0 : -1;
}

int verb_save(const struct verb *verb, int argc, char **argv, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(journal_unlock) struct journal *j = NULL;

	(void)verb;
	if (argc != 2)
		return VERB_USAGE;
	if (verb_become_root(argv, err) || config_find(&c, argv[1], err))
		return 1;
	wg_secret_guard();
	/* Midway through, a file that holds keys would be left behind. */
	signals_catch();
	if (lock(&j, c.name, err) || config_read(&c, &verb_log, err))
		return 1;
	return save_running(&c, c.name, &verb_log, err) ? 1 : 0;
}

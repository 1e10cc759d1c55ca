// SPDX-License-Identifier: GPL-2.0
/* /etc/resolv.conf itself, for machines where nothing else sets it (resolv-conf.h has its text). One
 * rename puts it there and one takes it back. Where that is refused, as of a mount point in a container, it is
 * written to; and where it cannot be written to either, a file is mounted over it. */
#include "dns.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/prefix.h"
#include "../../lib/base/wait.h"
#include "../host/test-hooks.h"
#include "resolv-conf.h"
#include "server.h"

#define FOLDER	   "/etc"
#define RESOLV	   FOLDER "/resolv.conf"
#define TEMPORARY  FOLDER "/resolv.conf.wg-quick" /* of our own: only the holder of the lock makes it */
#define MOUNTED	   STATEDIR "/resolv.conf"
#define READ_MOST  (1 << 20)

/* Others hold the lock while they write a small file. */
#define LOCK_MS	   10000
#define RETRY_MS   20

/* All tunnels that share the file share its folder, in whatever namespace they are. */
static int lock_folder(const volatile int *stop, int *out, struct wg_error *err)
{
	cleanup(close_fd) int fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum wg_wait_result result;
	struct wg_wait wait;

	*out = -1;
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot open %s", FOLDER);
	wg_wait_begin(&wait, stop, LOCK_MS);
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return wg_error_errno(err, errno, "cannot lock %s", FOLDER);
		result = wg_wait_nap(&wait, RETRY_MS);
		if (result != WG_WAIT_READY)
			return wg_wait_error(&wait, result, "another program that has locked " FOLDER, err);
	}
	*out = steal_fd(&fd);
	return 0;
}

/* The text of a file; NULL with errno. ENOTSUP: it is no text that can be kept. Free it. */
static char *read_text(const char *path)
{
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	cleanup(free_ptr) char *text = NULL;
	size_t n = 0, room = 4096;
	struct stat st;
	ssize_t got;

	if (fd < 0 || fstat(fd, &st))
		return NULL;
	text = wg_realloc(NULL, room, 1);
	while (S_ISREG(st.st_mode) && n < READ_MOST && (got = read(fd, text + n, room - n - 1)) != 0) {
		if (got < 0)
			return NULL;
		n += (size_t)got;
		if (room - n < 2)
			text = wg_realloc(text, room *= 2, 1);
	}
	text[n] = '\0';
	if (!S_ISREG(st.st_mode) || n >= READ_MOST || strlen(text) != n) {
		errno = ENOTSUP;
		return NULL;
	}
	return steal_ptr(&text);
}

static void read_boot(char boot[static 40])
{
	cleanup(close_file) FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || fscanf(f, "%39[0-9a-f-]", boot) != 1)
		boot[0] = '\0';
}

/* Reads the file if it is ours. */
static bool read_ours(struct resolv_conf *r)
{
	cleanup(free_ptr) char *text = read_text(RESOLV);

	return text && resolv_conf_read(r, text);
}

/* What is there, for being put back. `follow`: of a symbolic link, what it leads to. */
static int take_former(struct resolv_conf *r, bool follow, struct wg_error *err)
{
	char target[PATH_MAX];
	ssize_t len = follow ? -1 : readlink(RESOLV, target, sizeof(target) - 1);

	free(r->before);
	r->before = NULL;
	if (len >= 0) {
		r->was = RESOLV_CONF_WAS_LINK;
		r->before = wg_strndup(target, (size_t)len);
		return 0;
	}
	r->was = RESOLV_CONF_WAS_FILE;
	r->before = read_text(RESOLV);
	if (!r->before && errno == ENOENT) {
		r->was = RESOLV_CONF_WAS_NOTHING;
		r->before = wg_strndup("", 0);
	}
	if (!r->before)
		return wg_error_errno(err, errno, "cannot read " RESOLV);
	if (!resolv_conf_fits(r->before))
		return wg_error_set(err, RESOLV " is too large to be kept");
	return 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A file of this text, with the owner and mode of the present one. -1 with errno. */
static int create(const char *path, const char *text)
{
	cleanup(close_fd) int fd = -1;
	struct stat st;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -1;
	if (lstat(RESOLV, &st) || !S_ISREG(st.st_mode))
		st = (struct stat){.st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid()};
	if (fchown(fd, st.st_uid, st.st_gid) || fchmod(fd, st.st_mode & 0777) ||
	    write_all(fd, text, strlen(text)) || fsync(fd)) {
		int code = errno;

		unlink(path);
		errno = code;
		return -1;
	}
	return 0;
}

static int rename_temporary(void)
{
	test_hooks_boundary();
	if (!rename(TEMPORARY, RESOLV)) {
		test_hooks_boundary();
		return 0;
	}
	unlink(TEMPORARY);
	return -1;
}

static int swap(const char *text)
{
	return create(TEMPORARY, text) || rename_temporary() ? -1 : 0;
}

/* Writes to the file that is there. One write, as long as the old text, so that nobody reads half of each. */
static int overwrite(const char *path, const char *text)
{
	cleanup(close_fd) int fd = open(path, O_RDWR | O_CLOEXEC);
	size_t len = strlen(text), room;
	cleanup(free_ptr) char *padded = NULL;
	struct stat st;
	char *end;

	if (fd < 0 || fstat(fd, &st))
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = ENOTSUP;
		return -1;
	}
	room = len > (size_t)st.st_size ? len : (size_t)st.st_size;
	padded = wg_alloc(room + 1);
	end = stpcpy(padded, text);
	memset(end, '\n', room - len);
	test_hooks_boundary();
	if (write_all(fd, padded, room) || ftruncate(fd, (off_t)len))
		return -1;
	test_hooks_boundary();
	return 0;
}

/* The file is a new one each time: what is mounted already must not change under those who read it. */
static int mount_over(const char *text)
{
	mkdir(STATEDIR, 0700);
	if (create(MOUNTED, text))
		return -1;
	test_hooks_boundary();
	if (mount(MOUNTED, RESOLV, NULL, MS_BIND, NULL)) {
		int code = errno;

		unlink(MOUNTED);
		errno = code;
		return -1;
	}
	test_hooks_boundary();
	return 0;
}

/* Whether another way to put the file there may be allowed. */
static bool is_refusal(int code)
{
	return code == EBUSY || code == EROFS || code == EACCES || code == EPERM || code == EXDEV;
}

/* Puts the file there for the first time: by the first of the ways that this machine allows. */
static int put_first(struct resolv_conf *r, struct wg_error *err)
{
	static int (*const ways[RESOLV_CONF_MODES])(const char *text) = {
		[RESOLV_CONF_SWAPPED] = swap, [RESOLV_CONF_MOUNTED] = mount_over};
	int code = 0;

	for (int mode = 0; mode < RESOLV_CONF_MODES; mode++) {
		cleanup(free_ptr) char *text = NULL;

		r->mode = (enum resolv_conf_mode)mode;
		/* The other ways reach what a link leads to. */
		if (mode == RESOLV_CONF_OVERWRITTEN && take_former(r, true, err) < 0)
			return -1;
		text = resolv_conf_write(r);
		if (!(ways[mode] ? ways[mode](text) : overwrite(RESOLV, text)))
			return 0;
		if (!code || mode != RESOLV_CONF_MOUNTED)
			code = errno;
		if (is_refusal(errno))
			continue;
		/* On a full disk there is room for what was there before. */
		if (mode == RESOLV_CONF_OVERWRITTEN)
			overwrite(RESOLV, r->before);
		break;
	}
	return wg_error_errno(err, code, "cannot write " RESOLV);
}

/* Writes it anew, as it was put there. */
static int put_again(const struct resolv_conf *r, struct wg_error *err)
{
	cleanup(free_ptr) char *text = resolv_conf_write(r);

	if (!(r->mode == RESOLV_CONF_SWAPPED ? swap(text) : overwrite(RESOLV, text)))
		return 0;
	return wg_error_errno(err, errno, "cannot write " RESOLV);
}

static int unmount(void)
{
	test_hooks_boundary();
	if (umount2(RESOLV, MNT_DETACH))
		return -1;
	unlink(MOUNTED);
	test_hooks_boundary();
	return 0;
}

static int swap_back(const struct resolv_conf *r)
{
	if (r->was == RESOLV_CONF_WAS_FILE)
		return swap(r->before);
	if (r->was == RESOLV_CONF_WAS_NOTHING) {
		test_hooks_boundary();
		return unlink(RESOLV);
	}
	unlink(TEMPORARY);
	return symlink(r->before, TEMPORARY) ? -1 : rename_temporary();
}

/* Puts back what was there before the first tunnel. */
static int put_back(const struct resolv_conf *r, struct wg_error *err)
{
	int ret;

	if (r->mode == RESOLV_CONF_MOUNTED)
		ret = unmount();
	else if (r->mode == RESOLV_CONF_OVERWRITTEN)
		ret = overwrite(RESOLV, r->before);
	else
		ret = swap_back(r);
	return ret ? wg_error_errno(err, errno, "cannot put back " RESOLV) : 0;
}

/* What of the request goes into the file: it knows no ports, names of certificates and routing domains. */
static void take_plain(const struct dns_request *d, struct strings *servers, struct strings *search)
{
	for (size_t i = 0; i < d->servers->n; i++) {
		struct wg_error ignored;
		struct dns_server s;
		const char *text = d->servers->s[i];
		size_t len = dns_server_name_at(text);

		/* ADDRESS:53 and [ADDRESS]:53 */
		if (!dns_server_parse(&s, text, &ignored) && s.port) {
			char address[INET6_ADDRSTRLEN];

			inet_ntop(s.family, s.addr, address, sizeof(address));
			strings_add(servers, address, strlen(address));
		} else {
			strings_add(servers, text, len);
		}
	}
	for (size_t i = 0; i < d->domains->n; i++)
		if (d->domains->s[i][0] != '~')
			strings_add(search, d->domains->s[i], strlen(d->domains->s[i]));
}

static int check_servers(const struct dns_request *d, struct wg_error *err)
{
	for (size_t i = 0; i < d->servers->n; i++) {
		struct dns_server s;

		if (dns_server_parse(&s, d->servers->s[i], err) < 0)
			return wg_error_prefix(err, RESOLV);
		if (s.port && s.port != 53)
			return wg_error_set(err, RESOLV " takes no port: `%.64s'", d->servers->s[i]);
	}
	return 0;
}

/* Whether the file is that of the first process too, which lives in another network namespace. */
static bool is_of_host(void)
{
	struct stat own, its, own_net, its_net;

	if (stat("/proc/self/ns/net", &own_net) || stat("/proc/1/ns/net", &its_net) ||
	    own_net.st_ino == its_net.st_ino)
		return false;
	if (stat(RESOLV, &own) || stat("/proc/1/root" RESOLV, &its))
		return !stat(FOLDER, &own) && !stat("/proc/1/root" FOLDER, &its) && own.st_ino == its.st_ino &&
		       own.st_dev == its.st_dev;
	return own.st_ino == its.st_ino && own.st_dev == its.st_dev;
}

static int file_available(const struct dns_request *d, bool automatic, struct wg_error *note,
			  struct wg_error *err)
{
	err->code = 0;
	if (is_of_host()) {
		if (automatic)
			return wg_error_set(err, RESOLV " is that of the host's network namespace, too: give this "
					    "one a file of its own (ip-netns(8))");
		wg_error_set(note, RESOLV " is that of the host's network namespace, too: its programs will ask "
			     "the tunnel's DNS servers");
	}
	return check_servers(d, err);
}

static int set_locked(const struct dns_request *d, struct wg_error *err)
{
	struct strings servers = {0}, search = {0};
	struct resolv_conf r;
	char boot[40];
	bool ours = read_ours(&r);
	int ret = 0;

	read_boot(boot);
	if (!ours) {
		r = (struct resolv_conf){0};
		ret = take_former(&r, false, err);
	}
	resolv_conf_drop_stale(&r, boot);
	take_plain(d, &servers, &search);
	resolv_conf_add(&r, d->ifname, &servers, &search);
	if (!ret)
		ret = ours ? put_again(&r, err) : put_first(&r, err);
	resolv_conf_wipe(&r);
	strings_free(&servers);
	strings_free(&search);
	return test_hooks_result(ret, err);
}

static int file_set(const struct dns_request *d, struct wg_error *err)
{
	cleanup(close_fd) int lock = -1;

	if (lock_folder(d->stop, &lock, err) < 0 || set_locked(d, err) < 0) {
		wg_error_prefix(err, "cannot set the DNS servers of `%s'", d->ifname);
		return 1;
	}
	return 0;
}

static int undo_locked(const struct dns_request *d, bool sure, struct wg_error *err)
{
	struct resolv_conf r;
	char boot[40];
	int ret = 0;

	unlink(TEMPORARY); /* of a run that was killed */
	if (!read_ours(&r)) {
		if (sure)
			wg_log_say(d->log, WG_LOG_WARNING, RESOLV " is left as it is: somebody else has "
				   "changed it since `%s' came up", d->ifname);
		return 0;
	}
	read_boot(boot);
	if (resolv_conf_find(&r, d->ifname)) {
		resolv_conf_remove(&r, d->ifname);
		resolv_conf_drop_stale(&r, boot);
		ret = test_hooks_result(r.n ? put_again(&r, err) : put_back(&r, err), err);
	}
	resolv_conf_wipe(&r);
	return ret;
}

static int file_undo(const struct dns_request *d, bool sure, struct wg_error *err)
{
	cleanup(close_fd) int lock = -1;

	return lock_folder(d->stop, &lock, err) < 0 || undo_locked(d, sure, err) < 0;
}

/* The entry of one tunnel, as text. Free it. */
static char *entry_text(const struct strings *servers, const struct strings *search)
{
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	for (size_t i = 0; i < servers->n; i++)
		fprintf(f, "server %s\n", servers->s[i]);
	for (size_t i = 0; i < search->n; i++)
		fprintf(f, "search %s\n", search->s[i]);
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

static int file_read(const struct dns_request *d, char **text, char **wanted, struct wg_error *err)
{
	struct strings servers = {0}, search = {0};
	const struct resolv_conf_entry *e = NULL;
	struct resolv_conf r;
	char boot[40];

	(void)err;
	take_plain(d, &servers, &search);
	*wanted = entry_text(&servers, &search);
	strings_free(&servers);
	strings_free(&search);
	read_boot(boot);
	if (read_ours(&r)) {
		resolv_conf_drop_stale(&r, boot);
		e = resolv_conf_find(&r, d->ifname);
		*text = e ? entry_text(&e->servers, &e->search) : wg_strndup("", 0);
		resolv_conf_wipe(&r);
	} else {
		*text = wg_strndup("", 0);
	}
	return 0;
}

bool dns_file_has(const char *ifname)
{
	struct resolv_conf r;
	bool has;

	if (!read_ours(&r))
		return false;
	has = resolv_conf_find(&r, ifname);
	resolv_conf_wipe(&r);
	return has;
}

/* One word of a shell. */
static void write_word(FILE *f, const char *first, const char *word)
{
	fprintf(f, "%s", first);
	for (; *word; word++)
		*word == '\'' ? fputs("'\\''", f) : fputc(*word, f);
}

static char *file_command(const struct dns_request *d)
{
	struct strings servers = {0}, search = {0};
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	take_plain(d, &servers, &search);
	fputs("printf '%s\\n'", f);
	for (size_t i = 0; i < servers.n; i++) {
		write_word(f, " 'nameserver ", servers.s[i]);
		putc('\'', f);
	}
	for (size_t i = 0; i < search.n; i++)
		write_word(f, i ? " " : " 'search ", search.s[i]);
	fprintf(f, "%s >" RESOLV, search.n ? "'" : "");
	if (fclose(f))
		wg_alloc_failed();
	strings_free(&servers);
	strings_free(&search);
	return text;
}

static char *file_undo_command(const struct dns_request *d)
{
	return wg_format("# take the DNS servers of %s out of " RESOLV, d->ifname);
}

const struct dns_backend_ops dns_file = {
	.word = "file",
	.available = file_available,
	.set = file_set,
	.undo = file_undo,
	.read = file_read,
	.command = file_command,
	.undo_command = file_undo_command,
};

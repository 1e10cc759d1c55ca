// SPDX-License-Identifier: GPL-2.0
/* State files and locks. A file of another boot or network namespace describes things that are
 * gone; it is taken for no file at all. That happens where /run outlives what it describes: in a
 * container that is started again, or when a namespace is deleted and its inode number given out
 * once more. Without the world in the file, `down` would then act on a stranger's interface. */
#include "journal.h"
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include "../lib/alloc.h"
#include "../lib/cleanup.h"
#include "steps/ops.h"
#include "test-hooks.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define NETNS_COOKIE_FIRST 1

#define SHARED_WAIT_MS  30000
#define SHARED_RETRY_MS 20
#define STATE_SUFFIX    ".state"
#define APPLIED_SUFFIX  ".applied"

const char *journal_dir = STATEDIR;

struct journal {
	char state[PATH_MAX], lock[PATH_MAX], applied[PATH_MAX];
	struct world world;
	int lock_fd, fd; /* -1 where not open */
};

static u64 netns_inode(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

/* 0 where the kernel does not give it out. */
static u64 netns_cookie(void)
{
	cleanup(close_fd) int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	u64 cookie;
	socklen_t len = sizeof(cookie);

	return s < 0 || getsockopt(s, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) ? 0 : cookie;
}

/* "", or "@INODE" where this is not the first process's network namespace. That one cannot be seen
 * without CAP_SYS_PTRACE, as in a sandboxed service; but the kernel numbers its own first. */
static void netns_tag(char tag[static 32])
{
	u64 ours = netns_inode("/proc/self/ns/net"), first = netns_inode("/proc/1/ns/net");

	tag[0] = '\0';
	if (ours != first && (first || netns_cookie() != NETNS_COOKIE_FIRST))
		snprintf(tag, 32, "@%" PRIu64, ours);
}

static void world_read(struct world *w)
{
	cleanup(close_file) FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	*w = (struct world){0};
	if (!f || fscanf(f, "%39[0-9a-f-]", w->boot) != 1)
		w->boot[0] = '\0';
	w->netns = netns_cookie() ?: netns_inode("/proc/self/ns/net");
}

static bool world_equal(const struct world *a, const struct world *b)
{
	return !strcmp(a->boot, b->boot) && a->netns == b->netns;
}

static int make_path(char out[static PATH_MAX], const char *name, const char *suffix,
		     struct wg_error *err)
{
	char tag[32];

	netns_tag(tag);
	if (snprintf(out, PATH_MAX, "%s/%s%s%s", journal_dir, name, tag, suffix) >= PATH_MAX)
		return wg_error_set(err, "the path of the state folder is too long");
	return 0;
}

/* What stands in it is run as root. */
static int make_dir(struct wg_error *err)
{
	struct stat st;

	if (mkdir(journal_dir, 0700) && errno != EEXIST)
		return wg_error_errno(err, errno, "cannot make the folder %s", journal_dir);
	if (lstat(journal_dir, &st))
		return wg_error_errno(err, errno, "cannot look at %s", journal_dir);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 0022))
		return wg_error_set(err, "%s is not a folder that only we can write to: remove it",
				    journal_dir);
	return 0;
}

/* The holder removes the file when it ends, so what was locked may be a file without a name; then
 * somebody else may hold the lock of a newer one. Returns 1 when that has to be looked at again. */
static int try_lock(struct journal *j, const char *name, struct wg_error *err)
{
	cleanup(close_fd) int fd = open(j->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat held, named;

	if (fd < 0)
		return wg_error_errno(err, errno, "cannot open %s", j->lock);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			return wg_error_errno(err, errno, "cannot lock %s", j->lock);
		wg_error_set(err, "another wg-quick is working on `%s'", name);
		err->code = EWOULDBLOCK;
		return -1;
	}
	if (fstat(fd, &held) || stat(j->lock, &named) || held.st_ino != named.st_ino)
		return 1;
	j->lock_fd = steal_fd(&fd);
	return 0;
}

int journal_lock(struct journal **out, const char *name, struct wg_error *err)
{
	cleanup(journal_unlock) struct journal *j = wg_alloc(sizeof(*j));
	int ret;

	j->fd = j->lock_fd = -1;
	world_read(&j->world);
	if (make_dir(err) < 0 || make_path(j->state, name, STATE_SUFFIX, err) < 0 ||
	    make_path(j->lock, name, ".lock", err) < 0 ||
	    make_path(j->applied, name, APPLIED_SUFFIX, err) < 0)
		return -1;
	do {
		ret = try_lock(j, name, err);
	} while (ret > 0);
	if (ret < 0)
		return -1;
	*out = steal_ptr(&j);
	return 0;
}

void journal_unlock(struct journal **j)
{
	if (!*j)
		return;
	if ((*j)->fd >= 0)
		close((*j)->fd);
	if ((*j)->lock_fd >= 0) {
		unlink((*j)->lock);
		close((*j)->lock_fd);
	}
	free(*j);
	*j = NULL;
}

/* The whole file, NUL-ended. */
static int read_all(int fd, char **text, size_t *len)
{
	cleanup(free_ptr) char *buf = NULL;
	size_t n = 0, room = 0;

	for (;;) {
		ssize_t got;

		if (room - n < 2) {
			room = room ? 2 * room : 8192;
			buf = wg_realloc(buf, room, 1);
		}
		got = read(fd, buf + n, room - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		n += (size_t)got;
	}
	buf[n] = '\0';
	*text = steal_ptr(&buf);
	*len = n;
	return 0;
}

/* `mend`: cut a half line off the end, so that lines can be appended. */
static int parse_file(struct state *st, int fd, bool mend, const char *path, struct wg_error *err)
{
	cleanup(free_ptr) char *text = NULL;
	const char *end;
	size_t len;

	if (read_all(fd, &text, &len) < 0)
		return wg_error_errno(err, errno, "cannot read %s", path);
	end = memrchr(text, '\n', len);
	if (mend && ftruncate(fd, end ? end + 1 - text : 0))
		return wg_error_errno(err, errno, "cannot write %s", path);
	if (state_parse(st, text, len, err) < 0)
		return wg_error_prefix(err, "%s", path);
	return 0;
}

int journal_load(struct journal *j, struct state *st, struct wg_error *err)
{
	cleanup(close_fd) int fd = open(j->state, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot open %s", j->state);
	if (parse_file(st, fd, true, j->state, err) < 0) {
		snprintf(err->text + strlen(err->text), sizeof(err->text) - strlen(err->text),
			 "; once you remove it, `wg-quick down' goes by the configuration file");
		return -1;
	}
	/* Without a name it was cut off before anything was done. */
	if (!st->name[0] || !world_equal(&st->world, &j->world)) {
		state_wipe(st);
		unlink(j->state);
		return 0;
	}
	close_fd(&j->fd);
	j->fd = steal_fd(&fd);
	return 1;
}

/* All of it, or where the disk is full nothing: behind half a line no other could be read. */
static int append(struct journal *j, const char *text, size_t len, struct wg_error *err)
{
	off_t end = lseek(j->fd, 0, SEEK_END);

	test_hooks_boundary();
	while (len) {
		ssize_t n = write(j->fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			wg_error_errno(err, errno, "cannot write %s", j->state);
			if (ftruncate(j->fd, end))
				wg_error_prefix(err, "half a line is left");
			return -1;
		}
		text += n;
		len -= (size_t)n;
	}
	test_hooks_boundary();
	return 0;
}

int journal_begin(struct journal *j, const struct config *c, struct wg_error *err)
{
	cleanup(string_wipe) char *text = NULL;
	size_t len;
	FILE *f;

	j->fd = open(j->state, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (j->fd < 0)
		return wg_error_errno(err, errno, "cannot make %s", j->state);
	f = open_memstream(&text, &len);
	if (!f)
		wg_alloc_failed();
	state_write_head(f, c, &j->world);
	if (fclose(f))
		wg_alloc_failed();
	return append(j, text, len, err);
}

/* The file is the same from `up` to `down`, so its inode says which `up` it was; a number that is given
 * out again belongs to a file of another birth. */
void journal_marker(const struct journal *j, char out[static DAEMON_MARKER_SIZE])
{
	struct statx stx = {0};

	statx(j->fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &stx);
	snprintf(out, DAEMON_MARKER_SIZE, DAEMON_MARKER "=%x.%x.%llx.%llx.%x", stx.stx_dev_major,
		 stx.stx_dev_minor, (unsigned long long)stx.stx_ino,
		 stx.stx_mask & STATX_BTIME ? (unsigned long long)stx.stx_btime.tv_sec : 0,
		 stx.stx_mask & STATX_BTIME ? stx.stx_btime.tv_nsec : 0);
}

int journal_steps(struct journal *j, const struct step *steps, size_t n, struct wg_error *err)
{
	cleanup(string_wipe) char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		wg_alloc_failed();
	for (size_t i = 0; i < n; i++) {
		fputs("step ", f);
		step_write(f, &steps[i]);
	}
	if (fclose(f))
		wg_alloc_failed();
	return append(j, text, len, err);
}

static int append_line(struct journal *j, const char *line, struct wg_error *err)
{
	return append(j, line, strlen(line), err);
}

int journal_done(struct journal *j, struct wg_error *err)
{
	return append_line(j, "done\n", err);
}

int journal_link(struct journal *j, u32 ifindex, bool userspace, struct wg_error *err)
{
	char line[64];

	snprintf(line, sizeof(line), "link %u %s\n", ifindex, userspace ? "userspace" : "kernel");
	return append_line(j, line, err);
}

int journal_no_firewall(struct journal *j, struct wg_error *err)
{
	return append_line(j, "no-firewall\n", err);
}

int journal_complete(struct journal *j, struct wg_error *err)
{
	return append_line(j, "complete\n", err);
}

int journal_going_down(struct journal *j, struct wg_error *err)
{
	return append_line(j, "down\n", err);
}

int journal_hook_run(struct journal *j, struct wg_error *err)
{
	return append_line(j, "hook-run\n", err);
}

/* Puts `text` in the place of the file at `path`. Returns a descriptor that appends to it, or -1. */
static int replace_file(const char *path, const char *text, size_t len, struct wg_error *err)
{
	cleanup(free_ptr) char *temporary = wg_format("%s.new", path);
	cleanup(close_fd) int fd = -1;

	unlink(temporary); /* of a run that was cut short: the lock is ours */
	fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot create %s", temporary);
	for (size_t at = 0; at < len;) {
		ssize_t n = write(fd, text + at, len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			wg_error_errno(err, errno, "cannot write %s", temporary);
			unlink(temporary);
			return -1;
		}
		at += (size_t)n;
	}
	test_hooks_boundary();
	if (rename(temporary, path)) {
		wg_error_errno(err, errno, "cannot replace %s", path);
		unlink(temporary);
		return -1;
	}
	test_hooks_boundary();
	return steal_fd(&fd);
}

int journal_replace(struct journal *j, const struct state *st, struct wg_error *err)
{
	cleanup(string_wipe) char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int fd;

	if (!f)
		wg_alloc_failed();
	state_write(f, st);
	if (fclose(f))
		wg_alloc_failed();
	fd = replace_file(j->state, text, len, err);
	if (fd < 0)
		return -1;
	close_fd(&j->fd);
	j->fd = fd;
	return 0;
}

int journal_save_applied(struct journal *j, const char *text, size_t len, struct wg_error *err)
{
	cleanup(close_fd) int fd = replace_file(j->applied, text, len, err);

	return fd < 0 ? -1 : 0;
}

void journal_load_applied(const struct journal *j, struct applied *a)
{
	cleanup(close_file) FILE *f = fopen(j->applied, "re");

	*a = (struct applied){0};
	if (f)
		applied_read(a, f);
}

int journal_end(struct journal *j, struct wg_error *err)
{
	unlink(j->applied);
	if (unlink(j->state) && errno != ENOENT)
		return wg_error_errno(err, errno, "cannot remove %s", j->state);
	test_hooks_boundary();
	return 0;
}

int journal_lock_shared(int *out, const volatile int *stop, const struct wg_log *log,
			struct wg_error *err)
{
	const struct timespec pause = {.tv_nsec = SHARED_RETRY_MS * 1000000L};
	cleanup(close_fd) int fd = -1;
	char path[PATH_MAX];

	/* No interface of ours has a name that begins so. */
	if (make_dir(err) < 0 || make_path(path, "@shared", ".lock", err) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot open %s", path);
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB); waited += SHARED_RETRY_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return wg_error_errno(err, errno, "cannot lock %s", path);
		if (stop && *stop)
			return wg_error_set(err, "ended by signal %d", *stop);
		if (waited >= SHARED_WAIT_MS)
			return wg_error_set(err, "gave up waiting for another wg-quick that is "
					    "changing rules and tables");
		if (waited == 1000)
			wg_log_say(log, WG_LOG_PROGRESS, "waiting for another wg-quick that is "
				   "changing rules and tables");
		nanosleep(&pause, NULL);
	}
	*out = steal_fd(&fd);
	return 0;
}

/* The next state file of this world but that of `except`. */
static bool next_state(DIR *dir, const char *except, const struct world *world, struct state *st)
{
	struct dirent *e;
	char tag[32];

	netns_tag(tag);
	while ((e = readdir(dir))) {
		cleanup(close_fd) int fd = -1;
		char suffix[64];
		struct wg_error err;
		size_t n = strlen(e->d_name), len;

		len = (size_t)snprintf(suffix, sizeof(suffix), "%s%s", tag, STATE_SUFFIX);
		if (n <= len || strcmp(e->d_name + n - len, suffix) ||
		    (strlen(except) == n - len && !memcmp(e->d_name, except, n - len)))
			continue;
		fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 || parse_file(st, fd, false, e->d_name, &err) < 0)
			continue;
		if (world_equal(&st->world, world))
			return true;
		state_wipe(st);
	}
	return false;
}

static bool state_has(const struct state *st, const struct step *step, bool done)
{
	for (size_t i = 0; i < (done ? st->done : st->steps.n); i++) {
		const struct step *s = &st->steps.steps[i];

		if (s->kind == step->kind && step_ops(s)->equal(s, step))
			return true;
	}
	return false;
}

bool journal_other_has(const char *except, const struct step *step, bool done)
{
	DIR *dir = opendir(journal_dir);
	struct world world;
	struct state st;
	bool found = false;

	if (!dir)
		return false;
	world_read(&world);
	while (!found && next_state(dir, except, &world, &st)) {
		found = state_has(&st, step, done);
		state_wipe(&st);
	}
	closedir(dir);
	return found;
}

// SPDX-License-Identifier: GPL-2.0
/* State files and locks. A file of another boot, or of a network namespace that had the inode number
 * of ours, describes things that are gone; it is taken for no file at all. That happens where /run outlives what it describes: in a
 * container that is started again, or when a namespace is deleted and its inode number given out
 * once more. Without the world in the file, `down` would then act on a stranger's interface. */
#include "journal.h"
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/wait.h"
#include "../host/netns.h"
#include "../host/signals.h"
#include "../host/test-hooks.h"
#include "../steps/ops.h"

#define NETNS_COOKIE_FIRST 1

#define SHARED_WAIT_MS  30000
#define LOOK_TRIES      1000 /* while others append to a state file, each of which takes microseconds */
#define SHARED_QUIET_MS 1000 /* a wait that is shorter needs no explanation */
#define SHARED_RETRY_MS 20
#define WATCH_WAIT_MS   30000 /* what a repair of the watch may take: hooks, a daemon that starts */
#define WATCH_MARK      "watch\n" /* in a lock file whose holder works for the watch */
#define WATCH_TRIES     50 /* while others ask whether the lock is free, for microseconds */
#define STATE_SUFFIX    ".state"
#define APPLIED_SUFFIX  ".applied"
#define NEXT_SUFFIX     ".next"

const char *journal_dir = STATEDIR;
bool journal_for_watch;

struct journal {
	char name[IFNAMSIZ];
	char state[PATH_MAX], lock[PATH_MAX];
	struct world world;
	int lock_fd, fd; /* -1 where not open */
	bool look;       /* for looking only */
	const struct wg_log *log; /* where journal_lock was told to say things */
	/* Where there is no folder that can be written, or no room in it: what would stand in the file. */
	bool in_memory;
	char marker[DAEMON_MARKER_SIZE]; /* then; see journal_marker */
	char *text;
	size_t len;
};

static u64 netns_inode(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
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
	w->netns = netns_cookie();
}

static bool world_equal(const struct world *a, const struct world *b)
{
	return !strcmp(a->boot, b->boot) && a->netns == b->netns;
}

static int make_path(char out[static PATH_MAX], const char *name, const char *tag,
		     const char *suffix, struct wg_error *err)
{
	if (snprintf(out, PATH_MAX, "%s/%s%s%s", journal_dir, name, tag, suffix) >= PATH_MAX)
		return wg_error_set(err, "the path of the state folder is too long");
	return 0;
}

/* What stands in it is run as root. err->code: why it cannot be made, 0 where it is not to be used. */
static int make_dir(struct wg_error *err)
{
	struct stat st;

	if (mkdir(journal_dir, 0700) && errno != EEXIST)
		return wg_error_errno(err, errno, "cannot create the folder %s", journal_dir);
	if (lstat(journal_dir, &st))
		return wg_error_errno(err, errno, "cannot open the folder %s", journal_dir);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 0022)) {
		wg_error_set(err, "%s is not a folder that only we can write to: remove it",
			     journal_dir);
		err->code = 0;
		return -1;
	}
	return 0;
}

/* Whether an error says that the disk is full. */
static bool is_full(int code)
{
	return code == ENOSPC || code == EDQUOT;
}

/* Whether an error says that nothing can be written where the folder is, or should be. */
static bool is_unwritable(int code)
{
	return code == EROFS || code == EACCES || code == EPERM || code == ENOENT || code == ENOTDIR ||
	       is_full(code);
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

/* -1 with errno. */
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

static void parse_text(struct state *st, const char *text, size_t len, const char *path)
{
	struct wg_error why;

	if (state_parse(st, text, len, &why) < 0) {
		state_salvage(st, text, len);
		snprintf(st->damage, sizeof(st->damage), "%.250s: %.250s", path, why.text);
	}
}

/* Reads what the file says, or where it is damaged what can be understood of it: st->damage then says
 * what is wrong. `mend`: cut a half line off the end, so that lines can be appended. */
static int parse_file(struct state *st, int fd, bool mend, const char *path, struct wg_error *err)
{
	cleanup(string_wipe) char *text = NULL;
	const char *end;
	size_t len;

	if (read_all(fd, &text, &len) < 0)
		return wg_error_errno(err, errno, "cannot read %s", path);
	end = memrchr(text, '\n', len);
	if (mend && ftruncate(fd, end ? end + 1 - text : 0))
		return wg_error_errno(err, errno, "cannot write %s", path);
	parse_text(st, text, len, path);
	return 0;
}

/* Whether the holder of a lock works for the watch. It writes its mark right after it took the lock: an empty
 * file is looked at once more. */
static bool is_held_for_watch(int fd)
{
	char mark[sizeof(WATCH_MARK)];
	struct wg_wait wait;
	ssize_t n = pread(fd, mark, sizeof(mark), 0);

	if (!n) {
		wg_wait_begin(&wait, NULL, 0);
		wg_wait_nap(&wait, SHARED_RETRY_MS);
		n = pread(fd, mark, sizeof(mark), 0);
	}
	return n == (ssize_t)strlen(WATCH_MARK) && !memcmp(mark, WATCH_MARK, (size_t)n);
}

/* The file may be left from a run that was killed, and be marked by that: `size` is what it has. Without a mark
 * others do not wait for us. */
static void mark_lock(int fd, off_t size)
{
	if (size && ftruncate(fd, 0))
		return;
	if (journal_for_watch && pwrite(fd, WATCH_MARK, strlen(WATCH_MARK), 0) < 0)
		return;
}

/* The holder removes the file when it ends, so what was locked may be a file without a name; then
 * somebody else may hold the lock of a newer one. Returns 1 when that has to be looked at again, and 2 when the
 * watch has it, with err. */
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
		return !journal_for_watch && is_held_for_watch(fd) ? 2 : -1;
	}
	if (fstat(fd, &held) || stat(j->lock, &named) || held.st_ino != named.st_ino)
		return 1;
	mark_lock(fd, held.st_size);
	j->lock_fd = steal_fd(&fd);
	return 0;
}

/* As try_lock, but waits for the watch. */
static int wait_for_lock(struct journal *j, const char *name, struct wg_error *err)
{
	struct wg_wait wait;
	int ret;

	wg_wait_begin(&wait, &signals_stop, WATCH_WAIT_MS);
	while ((ret = try_lock(j, name, err)) > 0) {
		enum wg_wait_result result = ret == 2 ? wg_wait_nap(&wait, SHARED_RETRY_MS) : WG_WAIT_READY;

		if (result == WG_WAIT_STOPPED)
			return signals_error(signals_stop, err);
		if (result == WG_WAIT_TIMEOUT) /* the lock is what is in the way still */
			return -1;
	}
	return ret;
}

static int inode_path(char out[static PATH_MAX], const char *name, struct wg_error *err)
{
	char tag[32];

	snprintf(tag, sizeof(tag), "@%" PRIu64, netns_inode("/proc/self/ns/net"));
	return make_path(out, name, tag, STATE_SUFFIX, err);
}

/* A process namespace hides which network namespace is the host's: the first process that we see may
 * be in ours, and so may the first process of others that share /run with us. What would be our file
 * can then be another namespace's (journal_load), and ours has the inode in its name. */
static int choose_paths(struct journal *j, const char *name, struct wg_error *err)
{
	char tag[32];

	netns_tag(tag);
	if (make_path(j->state, name, tag, STATE_SUFFIX, err) < 0 ||
	    make_path(j->lock, name, tag, ".lock", err) < 0)
		return -1;
	if (!tag[0] && access(j->state, F_OK)) {
		char path[PATH_MAX];

		if (inode_path(path, name, err) < 0)
			return -1;
		if (!access(path, F_OK))
			memcpy(j->state, path, sizeof(path));
	}
	return 0;
}

/* Of a journal in memory: of this process at this time. */
static void make_marker(struct journal *j)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(j->marker, sizeof(j->marker), DAEMON_MARKER "=memory.%d.%lld.%ld", (int)getpid(),
		 (long long)now.tv_sec, now.tv_nsec);
}

/* Goes on without a file, for the reason `why`. */
static void keep_in_memory(struct journal *j, const struct wg_error *why)
{
	j->in_memory = true;
	make_marker(j);
	wg_log_say(j->log, WG_LOG_WARNING,
		   "there is no journal of `%s' (%s): `wg-quick down' will go by the configuration "
		   "file, and by what it recognises", j->name, why->text);
}

static struct journal *journal_new(const char *name)
{
	struct journal *j = wg_alloc(sizeof(*j));

	j->fd = j->lock_fd = -1;
	snprintf(j->name, sizeof(j->name), "%s", name);
	world_read(&j->world);
	return j;
}

int journal_look(struct journal **out, const char *name, struct wg_error *err)
{
	cleanup(journal_unlock) struct journal *j = journal_new(name);

	j->look = true;
	if (choose_paths(j, name, err) < 0)
		return -1;
	*out = steal_ptr(&j);
	return 0;
}

int journal_access(const char *name)
{
	cleanup(journal_unlock) struct journal *j = journal_new(name);
	struct wg_error ignored;

	if (choose_paths(j, name, &ignored) < 0)
		return errno = ENAMETOOLONG, -1;
	return access(j->state, F_OK);
}

int journal_lock(struct journal **out, const char *name, const struct wg_log *log,
		 struct wg_error *err)
{
	cleanup(journal_unlock) struct journal *j = journal_new(name);
	int ret = make_dir(err);

	if (!ret && choose_paths(j, name, err) < 0)
		return -1;
	if (!ret)
		ret = wait_for_lock(j, name, err);
	j->log = log;
	if (ret < 0) {
		if (!is_unwritable(err->code))
			return -1;
		keep_in_memory(j, err);
	}
	*out = steal_ptr(&j);
	return 0;
}

void journal_unlock(struct journal **j)
{
	if (!*j)
		return;
	if ((*j)->fd >= 0)
		close((*j)->fd);
	string_wipe(&(*j)->text);
	if ((*j)->lock_fd >= 0) {
		unlink((*j)->lock);
		close((*j)->lock_fd);
	}
	free(*j);
	*j = NULL;
}

/* The path of another file of this tunnel, beside the state file. malloc'd. */
static char *beside(const struct journal *j, const char *suffix)
{
	return wg_format("%.*s%s", (int)(strlen(j->state) - strlen(STATE_SUFFIX)), j->state, suffix);
}

/* The text of the file beside the state file, which is to take the place of that one's, if it is whole;
 * else *text stays NULL. */
static int read_next(const char *path, char **text, size_t *len, struct wg_error *err)
{
	static const char end[] = "\ncomplete\n";
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return 0;
	if (read_all(fd, text, len) < 0)
		return wg_error_errno(err, errno, "cannot read %s", path);
	if (*len <= strlen(end) || strcmp(*text + *len - strlen(end), end) != 0)
		string_wipe(text);
	return 0;
}

/* A run that was killed while it replaced the text of the state file, or that had no room for it: the new
 * text, if it is whole, is written once more. Where the disk is full, it stays where it is, and *st is filled from it.
 * Returns 1 then, 0 if the state file is to be read, -1 with err. */
static int finish_replacing(const struct journal *j, struct state *st, int fd, struct wg_error *err)
{
	cleanup(free_ptr) char *path = beside(j, NEXT_SUFFIX);
	cleanup(string_wipe) char *text = NULL;
	size_t len;

	if (read_next(path, &text, &len, err) < 0)
		return -1;
	if (text && (ftruncate(fd, 0) || write_all(fd, text, len) || lseek(fd, 0, SEEK_SET))) {
		if (!is_full(errno))
			return wg_error_errno(err, errno, "cannot write %s", j->state);
		parse_text(st, text, len, path);
		return 1;
	}
	unlink(path);
	return 0;
}

/* Reads the journal of a tunnel whose lock is ours. */
static int read_locked(const struct journal *j, struct state *st, int fd, struct wg_error *err)
{
	int ret = finish_replacing(j, st, fd, err);

	return ret ? (ret < 0 ? -1 : 0) : parse_file(st, fd, true, j->state, err);
}

/* Reads the whole state file while others may write to it. 1: it was written to meanwhile. */
static int read_unlocked(int fd, char **text, size_t *len)
{
	struct stat before, after;

	if (lseek(fd, 0, SEEK_SET) || fstat(fd, &before) || read_all(fd, text, len) < 0 ||
	    fstat(fd, &after))
		return -1;
	return before.st_size != after.st_size || *len != (size_t)after.st_size ||
	       before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
	       before.st_mtim.tv_nsec != after.st_mtim.tv_nsec;
}

/* Whether what was read of the state file may be the beginning of its new text, of which the kernel writes a page
 * after the other. `next` is the path of the file beside it; `was_there`: that file was there before, and not whole;
 * `empty`: nothing was read. */
static bool is_being_replaced(const char *next, bool was_there, bool empty)
{
	cleanup(string_wipe) char *text = NULL;
	struct wg_error ignored;
	size_t len;

	if (access(next, F_OK))
		return false;
	if (!was_there || empty)
		return true;
	return !read_next(next, &text, &len, &ignored) && text;
}

/* As read_locked, for a journal that is only looked at: while the state file is
 * replaced, the file beside it counts. */
static int look_at_file(const struct journal *j, struct state *st, int fd, struct wg_error *err)
{
	cleanup(free_ptr) char *path = beside(j, NEXT_SUFFIX);
	int ret = 1;

	for (int i = 0; ret > 0 && i < LOOK_TRIES; i++) {
		cleanup(string_wipe) char *text = NULL;
		bool was_there = !access(path, F_OK);
		size_t len;

		if (read_next(path, &text, &len, err) < 0)
			return -1;
		if (text) {
			ret = 0;
		} else {
			ret = read_unlocked(fd, &text, &len);
			if (!ret)
				ret = is_being_replaced(path, was_there, !*text);
		}
		if (!ret)
			parse_text(st, text, len, j->state);
	}
	if (ret < 0)
		return wg_error_errno(err, errno, "cannot read %s", j->state);
	if (ret)
		return wg_error_set(err, "another wg-quick is working on `%s'", j->name);
	return 0;
}

/* Whether this state, whose file has no inode in its name, is of another network namespace that may
 * be alive: of this boot. */
static bool may_be_alive(const struct journal *j, const struct state *st)
{
	return st->world.netns != j->world.netns && !strcmp(st->world.boot, j->world.boot) &&
	       !strrchr(strrchr(j->state, '/'), '@');
}

/* Whether a state was written for this tunnel, in this world. Without a name it was cut off before
 * anything was done. A damaged file may have lost its name or its world. */
static bool is_ours(const struct journal *j, const struct state *st)
{
	bool name = !strcmp(st->name, j->name), world = world_equal(&st->world, &j->world);

	if (st->damage[0])
		return (!st->name[0] || name) && (!st->world.netns || world);
	return name && world;
}

int journal_load(struct journal *j, struct state *st, struct wg_error *err)
{
	cleanup(close_fd) int fd = -1;
	struct stat info;

	if (j->in_memory)
		return j->len ? (state_parse(st, j->text, j->len, err) < 0 ? -1 : 1) : 0;
	fd = open(j->state, (j->look ? O_RDONLY | O_NONBLOCK : O_RDWR | O_APPEND) | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot open %s", j->state);
	/* Reading a pipe would never end. */
	if (fstat(fd, &info) || !S_ISREG(info.st_mode))
		return wg_error_set(err, "%s is not a file: remove it", j->state);
	if ((j->look ? look_at_file(j, st, fd, err) : read_locked(j, st, fd, err)) < 0)
		return -1;
	if (is_ours(j, st)) {
		close_fd(&j->fd);
		j->fd = steal_fd(&fd);
		return 1;
	}
	if (st->world.netns && may_be_alive(j, st)) {
		state_wipe(st);
		return inode_path(j->state, j->name, err) < 0 ? -1 : journal_load(j, st, err);
	}
	state_wipe(st);
	if (!j->look)
		unlink(j->state);
	return 0;
}

/* All of it, or where the disk is full nothing: behind half a line no other could be read. */
static int append(struct journal *j, const char *text, size_t len, struct wg_error *err)
{
	off_t end = j->in_memory ? 0 : lseek(j->fd, 0, SEEK_END);

	test_hooks_boundary();
	if (j->in_memory) {
		j->text = wg_realloc(j->text, j->len + len + 1, 1);
		memcpy(j->text + j->len, text, len);
		j->len += len;
		j->text[j->len] = '\0';
		test_hooks_boundary();
		return 0;
	}
	if (write_all(j->fd, text, len)) {
		wg_error_errno(err, errno, "cannot write %s", j->state);
		if (ftruncate(j->fd, end))
			wg_error_prefix(err, "half a line is left");
		return -1;
	}
	test_hooks_boundary();
	return 0;
}

/* Makes the state file, with this text. */
static int create_state(struct journal *j, const char *text, size_t len, struct wg_error *err)
{
	close_fd(&j->fd); /* of a file that journal_end has removed */
	j->fd = open(j->state, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (j->fd < 0)
		return wg_error_errno(err, errno, "cannot create %s", j->state);
	return append(j, text, len, err);
}

int journal_begin(struct journal *j, const struct config *c, struct wg_error *err)
{
	cleanup(string_wipe) char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int ret;

	if (!f)
		wg_alloc_failed();
	state_write_head(f, c, &j->world);
	if (fclose(f))
		wg_alloc_failed();
	if (!j->in_memory) {
		ret = create_state(j, text, len, err);
		if (ret == 0 || !is_full(err->code))
			return ret;
		close_fd(&j->fd);
		unlink(j->state);
		keep_in_memory(j, err);
	}
	return append(j, text, len, err);
}

/* The file is the same from `up` to `down`, so its inode says which `up` it was; a number that is given
 * out again belongs to a file of another birth. */
void journal_marker(const struct journal *j, char out[static DAEMON_MARKER_SIZE])
{
	struct statx stx = {0};
	bool birth;

	if (j->in_memory) {
		memcpy(out, j->marker, DAEMON_MARKER_SIZE);
		return;
	}
	statx(j->fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &stx);
	birth = (stx.stx_mask & STATX_BTIME) != 0;
	snprintf(out, DAEMON_MARKER_SIZE, DAEMON_MARKER "=%x.%x.%llx.%llx.%x", stx.stx_dev_major,
		 stx.stx_dev_minor, (unsigned long long)stx.stx_ino,
		 birth ? (unsigned long long)stx.stx_btime.tv_sec : 0,
		 birth ? stx.stx_btime.tv_nsec : 0);
}

/* Appends a line for each of the steps, or for the rules among them. */
static int append_steps(struct journal *j, const char *word, const struct step *steps, size_t n,
			bool only_rules, struct wg_error *err)
{
	cleanup(string_wipe) char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		wg_alloc_failed();
	for (size_t i = 0; i < n; i++) {
		if (only_rules && steps[i].kind != STEP_RULE)
			continue;
		fprintf(f, "%s ", word);
		step_write(f, &steps[i]);
	}
	if (fclose(f))
		wg_alloc_failed();
	return len ? append(j, text, len, err) : 0;
}

int journal_claim(struct journal *j, const struct step *steps, size_t n, struct wg_error *err)
{
	return append_steps(j, "claim", steps, n, true, err);
}

int journal_steps(struct journal *j, const struct step *steps, size_t n, struct wg_error *err)
{
	return append_steps(j, "step", steps, n, false, err);
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

int journal_dns_refused(struct journal *j, struct wg_error *err)
{
	return append_line(j, "dns-refused\n", err);
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

/* Makes a file of this text. */
static int create_file(const char *path, const char *text, size_t len, struct wg_error *err)
{
	cleanup(close_fd) int fd = -1;

	unlink(path); /* of a run that was cut short: the lock is ours */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot create %s", path);
	if (write_all(fd, text, len)) {
		wg_error_errno(err, errno, "cannot write %s", path);
		unlink(path);
		return -1;
	}
	return 0;
}

/* The state file keeps its inode, by which the daemon is recognised (journal_marker). So its new text
 * stands whole beside it first, for finish_replacing. */
static int overwrite_state(struct journal *j, const char *next, const char *text, size_t len,
			   struct wg_error *err)
{
	test_hooks_boundary();
	if (ftruncate(j->fd, 0) || write_all(j->fd, text, len))
		return wg_error_errno(err, errno, "cannot write %s", j->state);
	test_hooks_boundary();
	unlink(next);
	return 0;
}

int journal_replace(struct journal *j, const struct state *st, struct wg_error *err)
{
	cleanup(string_wipe) char *text = NULL;
	cleanup(free_ptr) char *next = beside(j, NEXT_SUFFIX);
	bool created = j->fd < 0;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		wg_alloc_failed();
	state_write(f, st, &j->world);
	if (fclose(f))
		wg_alloc_failed();
	if (j->in_memory)
		return 0;
	if (create_file(next, text, len, err) < 0) {
		/* What the file says already is worth more than nothing. */
		if (j->fd >= 0 || !is_full(err->code))
			return -1;
		keep_in_memory(j, err);
		return 0;
	}
	if (j->fd < 0)
		j->fd = open(j->state, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->fd < 0)
		return wg_error_errno(err, errno, "cannot create %s", j->state);
	if (!overwrite_state(j, next, text, len, err))
		return 0;
	if (!created || !is_full(err->code))
		return -1;
	close_fd(&j->fd);
	j->fd = -1;
	unlink(j->state);
	unlink(next);
	keep_in_memory(j, err);
	return 0;
}

void journal_save_applied(const struct journal *j, const char *text, size_t len)
{
	cleanup(free_ptr) char *path = beside(j, APPLIED_SUFFIX);
	cleanup(free_ptr) char *temporary = wg_format("%s.new", path);
	struct wg_error ignored;

	if (j->in_memory) {
		if (j->state[0])
			unlink(path); /* of an earlier reload, which had room */
		return;
	}
	test_hooks_boundary();
	if (create_file(temporary, text, len, &ignored) < 0) {
		unlink(path); /* it is of another file by now */
		return;
	}
	test_hooks_boundary();
	if (rename(temporary, path)) {
		unlink(temporary);
		unlink(path);
	}
	test_hooks_boundary();
}

void journal_load_applied(const struct journal *j, struct applied *a)
{
	cleanup(free_ptr) char *path = beside(j, APPLIED_SUFFIX);
	cleanup(close_file) FILE *f = j->in_memory ? NULL : fopen(path, "re");

	*a = (struct applied){0};
	if (f)
		applied_read(a, f);
}

int journal_end(struct journal *j, struct wg_error *err)
{
	if (!j->in_memory) {
		cleanup(free_ptr) char *applied = beside(j, APPLIED_SUFFIX);
		cleanup(free_ptr) char *next = beside(j, NEXT_SUFFIX);

		unlink(applied);
		unlink(next);
	}
	string_wipe(&j->text);
	j->len = 0;
	if (!j->in_memory && unlink(j->state) && errno != ENOENT)
		return wg_error_errno(err, errno, "cannot remove %s", j->state);
	test_hooks_boundary();
	return 0;
}

/* The name of this lock is no tunnel's. */
static int watch_path(char path[static PATH_MAX], const char *name, struct wg_error *err)
{
	char tag[32], base[IFNAMSIZ + sizeof("@watch")];

	netns_tag(tag);
	snprintf(base, sizeof(base), "%s@watch", name ?: "");
	return make_path(path, base, tag, ".lock", err);
}

int journal_lock_watch(int *out, const char *name, struct wg_error *err)
{
	cleanup(close_fd) int fd = -1;
	char path[PATH_MAX];
	struct wg_wait wait;

	*out = -1;
	if (make_dir(err) < 0 || watch_path(path, name, err) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot open %s", path);
	wg_wait_begin(&wait, NULL, 0);
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB); i++) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return wg_error_errno(err, errno, "cannot lock %s", path);
		if (i == WATCH_TRIES) {
			if (name)
				wg_error_set(err, "another wg-quick watches `%s' already", name);
			else
				wg_error_set(err, "another wg-quick watches all tunnels already");
			err->code = EWOULDBLOCK;
			return -1;
		}
		wg_wait_nap(&wait, 1);
	}
	*out = steal_fd(&fd);
	return 0;
}

static bool is_watch_held(const char *name)
{
	char path[PATH_MAX];
	struct wg_error ignored;
	cleanup(close_fd) int fd = -1;

	if (watch_path(path, name, &ignored) < 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
}

bool journal_is_watched(const char *name)
{
	return is_watch_held(name) || is_watch_held(NULL);
}

int journal_lock_shared(int *out, const volatile int *stop, const struct wg_log *log,
			struct wg_error *err)
{
	cleanup(close_fd) int fd = -1;
	char path[PATH_MAX], tag[32];
	struct wg_wait wait, quiet;
	bool told = false;

	*out = -1;
	netns_tag(tag);
	/* Where nothing can be written, nobody has a lock. */
	if (make_dir(err) < 0)
		return is_unwritable(err->code) ? 0 : -1;
	/* Before the file is opened: it is not to be taken for one that we hold. */
	wg_wait_begin(&wait, stop, SHARED_WAIT_MS);
	wg_wait_begin(&quiet, NULL, SHARED_QUIET_MS);
	/* No interface of ours has a name that begins so. */
	if (make_path(path, "@shared", tag, ".lock", err) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && is_unwritable(errno))
		return 0;
	if (fd < 0)
		return wg_error_errno(err, errno, "cannot open %s", path);
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return wg_error_errno(err, errno, "cannot lock %s", path);
		switch (wg_wait_nap(&wait, SHARED_RETRY_MS)) {
		case WG_WAIT_STOPPED:
			return wg_error_set(err, "interrupted by %s",
					    wg_signal_name(wg_stop_signal(*stop)));
		case WG_WAIT_TIMEOUT:
			return wg_error_set(err, "gave up waiting for another wg-quick that is "
					    "changing rules and tables");
		case WG_WAIT_READY:
			break;
		}
		if (!told && wg_wait_nap(&quiet, 0) == WG_WAIT_TIMEOUT) {
			told = true;
			wg_log_say(log, WG_LOG_PROGRESS, "waiting for another wg-quick that is "
				   "changing rules and tables");
		}
	}
	wg_wait_never_with(fd);
	*out = steal_fd(&fd);
	return 0;
}

/* Whether this is the name of the state file of a tunnel but `except`. */
static bool is_other_state(const char *file, const char *except)
{
	size_t n = strlen(file), suffix = strlen(STATE_SUFFIX), own = strlen(except);

	return n > suffix && !strcmp(file + n - suffix, STATE_SUFFIX) &&
	       (strncmp(file, except, own) || (file[own] != '@' && strcmp(file + own, STATE_SUFFIX)));
}

/* Whether the state file of this name was written for the tunnel that it is called after, as is_ours asks of a
 * tunnel's own: a copy under another name is no journal. A damaged file may have lost its name. */
static bool is_of_its_name(const char *file, const struct state *st)
{
	size_t n = strlen(st->name);

	if (!n)
		return st->damage[0];
	return !strncmp(file, st->name, n) && (file[n] == '@' || !strcmp(file + n, STATE_SUFFIX));
}

/* Whether the tunnel of this state has its interface in this world. */
static bool lives_in(const struct state *st, const struct world *world)
{
	struct world place = st->world;

	if (st->place)
		place.netns = st->place;
	return world_equal(&place, world);
}

/* The next state file of this world but that of `except`. The world is read once it is needed. */
static bool next_state(DIR *dir, const char *except, struct world *world, struct state *st)
{
	struct dirent *e;

	while ((e = readdir(dir))) {
		cleanup(close_fd) int fd = -1;
		struct wg_error err;

		if (!is_other_state(e->d_name, except))
			continue;
		fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 || parse_file(st, fd, false, e->d_name, &err) < 0)
			continue;
		if (!world->netns)
			world_read(world);
		if (lives_in(st, world) && is_of_its_name(e->d_name, st))
			return true;
		state_wipe(st);
	}
	return false;
}

void journal_each(void (*visit)(void *ctx, const struct state *st), void *ctx)
{
	DIR *dir = opendir(journal_dir);
	struct world world = {0};
	struct state st;

	if (!dir)
		return;
	while (next_state(dir, "", &world, &st)) {
		visit(ctx, &st);
		state_wipe(&st);
	}
	closedir(dir);
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
	struct world world = {0};
	struct state st;
	bool found = false;

	if (!dir)
		return false;
	while (!found && next_state(dir, except, &world, &st)) {
		found = state_has(&st, step, done);
		state_wipe(&st);
	}
	closedir(dir);
	return found;
}

static void add_rules(const struct plan *p, struct wg_rule **list, size_t *n)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].kind != STEP_RULE)
			continue;
		*list = wg_realloc(*list, *n + 1, sizeof(**list));
		(*list)[(*n)++] = p->steps[i].rule;
	}
}

void journal_other_rules(const char *except, struct wg_rule **list, size_t *n)
{
	DIR *dir = opendir(journal_dir);
	struct world world = {0};
	struct state st;

	if (!dir)
		return;
	while (next_state(dir, except, &world, &st)) {
		add_rules(&st.steps, list, n);
		add_rules(&st.claims, list, n);
		state_wipe(&st);
	}
	closedir(dir);
}

void journal_other_steps(const char *except, enum step_kind kind,
			 void (*note)(void *ctx, const char *name, const struct step *step), void *ctx)
{
	DIR *dir = opendir(journal_dir);
	struct world world = {0};
	struct state st;

	if (!dir)
		return;
	while (next_state(dir, except, &world, &st)) {
		for (size_t i = 0; !st.going_down && st.name[0] && i < st.steps.n; i++)
			if (st.steps.steps[i].kind == kind)
				note(ctx, st.name, &st.steps.steps[i]);
		state_wipe(&st);
	}
	closedir(dir);
}

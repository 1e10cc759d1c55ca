/* SPDX-License-Identifier: GPL-2.0 */
/* Starts a program and waits for it. posix_spawn does not copy our memory, however large; input is
 * a file in memory, so that neither side can wait for the other. */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "alloc.h"
#include "cleanup.h"
#include "wait.h"

#define NOT_FOUND   127
#define GRACE_MS    3000 /* from SIGTERM to SIGKILL, once the time is over */
#define KILL_ROUNDS 10   /* a tree that still grows after so many is left to itself */

extern char **environ;

/* PATH is searched for what execve can run: a file, executable. */
bool wg_process_find(const char *name, char *path, size_t size)
{
	const char *dir = getenv("PATH"), *end;
	struct stat st;
	int len;

	if (!*name || strchr(name, '/'))
		return false;
	if (!dir)
		dir = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (;; dir = end + 1) {
		end = strchrnul(dir, ':');
		len = snprintf(path, size, "%.*s/%s", (int)(end - dir), dir, name);
		/* Only absolute folders: an empty one would mean the current. */
		if (*dir == '/' && len > 0 && (size_t)len < size && !stat(path, &st) &&
		    S_ISREG(st.st_mode) && !access(path, X_OK))
			return true;
		if (!*end)
			return false;
	}
}

/* A file in memory that holds the input, at its start. */
static int input_open(const struct wg_process *p)
{
	cleanup(close_fd) int fd = memfd_create("input", MFD_CLOEXEC);
	size_t at;
	ssize_t n;

	for (at = 0; fd >= 0 && at < p->input_len; at += (size_t)n) {
		n = write(fd, p->input + at, p->input_len - at);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n < 0)
			n = 0;
	}
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return steal_fd(&fd);
}

static bool env_names(const char *entry, const char *const *env)
{
	size_t len = strcspn(entry, "=") + 1;

	for (; env && *env; env++)
		if (!strncmp(*env, entry, len))
			return true;
	return false;
}

static bool env_is_left_out(const char *entry, const char *const *without)
{
	size_t len = strcspn(entry, "=");

	for (; without && *without; without++) {
		size_t n = strlen(*without);
		bool prefix = n && (*without)[n - 1] == '*';

		if (prefix ? !strncmp(entry, *without, n - 1) : len == n && !memcmp(entry, *without, n))
			return true;
	}
	return false;
}

/* Our environment but for what is left out, with the additions, which win; pointers into both. */
static const char **env_merge(const char *const *env, const char *const *without)
{
	size_t n = 1, at = 0, i;
	const char **merged;

	for (i = 0; environ && environ[i]; i++)
		n++;
	for (i = 0; env && env[i]; i++)
		n++;
	merged = calloc(n, sizeof(*merged));
	if (!merged)
		return NULL;
	for (i = 0; environ && environ[i]; i++)
		if (!env_names(environ[i], env) && !env_is_left_out(environ[i], without))
			merged[at++] = environ[i];
	for (i = 0; env && env[i]; i++)
		merged[at++] = env[i];
	return merged;
}

/* Signals as a fresh program expects them: none ignored, none blocked. But what outlives a hangup
 * starts what outlives it. */
static int attributes_init(posix_spawnattr_t *attr)
{
	sigset_t all, none;
	int code = posix_spawnattr_init(attr);

	if (code)
		return code;
	sigfillset(&all);
	sigdelset(&all, SIGHUP);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return 0;
}

/* Returns an errno, 0 for success. */
static int spawn(pid_t *pid, const char *path, const struct wg_process *p, const char **env,
		 int input)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int code = attributes_init(&attr);

	if (code)
		return code;
	code = posix_spawn_file_actions_init(&actions);
	if (!code) {
		if (input >= 0)
			code = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
		if (!code)
			code = posix_spawn(pid, path, &actions, &attr, (char **)p->argv,
					   (char **)env);
		posix_spawn_file_actions_destroy(&actions);
	}
	posix_spawnattr_destroy(&attr);
	return code;
}

/* One process, as /proc/PID/stat has it. */
struct task {
	pid_t pid, parent, group;
	unsigned long long started_at; /* in clock ticks since boot */
	char state;                    /* 'Z': it has ended and is not waited for yet */
	bool in_tree;
};

static bool read_task(struct task *t, const char *pid)
{
	cleanup(close_fd) int fd = -1;
	char path[64], text[512], *end, *at;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	/* The name of the program stands in brackets, and may have some itself. */
	end = strrchr(text, ')');
	*t = (struct task){.pid = (pid_t)strtol(pid, NULL, 10)};
	if (!end || end[1] != ' ')
		return false;
	t->state = end[2];
	/* Fields are counted from 1, and this is behind the third. */
	at = end + 3;
	for (int field = 4; field <= 22 && *at; field++) {
		unsigned long long value = strtoull(at, &at, 10);

		if (field == 4)
			t->parent = (pid_t)value;
		else if (field == 5)
			t->group = (pid_t)value;
		else if (field == 22)
			t->started_at = value;
	}
	return *at == ' ';
}

/* Whether /proc is there, and of our process namespace: another one's numbers mean nothing here. */
static bool proc_is_ours(void)
{
	char self[32];
	ssize_t n = readlink("/proc/self", self, sizeof(self) - 1);

	if (n <= 0)
		return false;
	self[n] = '\0';
	return strtol(self, NULL, 10) == getpid();
}

/* All processes of our process group but ourselves. free(*list). */
static size_t list_group(struct task **list)
{
	size_t n = 0, room = 0;
	const struct dirent *e;
	DIR *dir = proc_is_ours() ? opendir("/proc") : NULL;

	*list = NULL;
	while (dir && (e = readdir(dir))) {
		struct task t;

		if (e->d_name[0] < '0' || e->d_name[0] > '9' || !read_task(&t, e->d_name) ||
		    t.group != getpgrp() || t.pid == getpid())
			continue;
		if (n == room) {
			room = room ? 2 * room : 64;
			*list = wg_realloc(*list, room, sizeof(**list));
		}
		(*list)[n++] = t;
	}
	if (dir)
		closedir(dir);
	return n;
}

static const struct task *find_task(const struct task *list, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].pid == pid)
			return &list[i];
	}
	return NULL;
}

/* Marks the child and what descends from it. What lost its parent is a child of ours by now (we are
 * a subreaper); it descends from this child if it began no earlier. */
static void mark_tree(struct task *list, size_t n, pid_t child)
{
	const struct task *root = find_task(list, n, child);
	bool more = root;

	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			struct task *t = &list[i];
			const struct task *parent = find_task(list, n, t->parent);

			if (t->in_tree)
				continue;
			t->in_tree = t->pid == child || (parent && parent->in_tree) ||
				     (t->parent == getpid() && t->started_at >= root->started_at);
			more |= t->in_tree;
		}
	}
}

/* Signals the child and those of its descendants that have not left its process group, as a
 * terminal would. The child has our group and not one of its own: a hook may read from the
 * terminal, and ends with us where a supervisor kills the group. Returns how many of them had not
 * ended yet. */
static size_t signal_tree(pid_t child, int signo)
{
	cleanup(free_ptr) struct task *list = NULL;
	size_t n = list_group(&list), running = 0;

	mark_tree(list, n, child);
	(void)kill(child, signo); /* also without /proc */
	for (size_t i = 0; i < n; i++) {
		if (!list[i].in_tree || list[i].state == 'Z')
			continue;
		running++;
		if (list[i].pid != child)
			(void)kill(list[i].pid, signo);
	}
	return running;
}

/* What is killed may have forked a moment before. */
static void kill_tree(pid_t child)
{
	for (int i = 0; i < KILL_ROUNDS && signal_tree(child, SIGKILL); i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* A child that is awaited, and how far it has been asked to end. */
struct ending {
	pid_t pid;
	const struct wg_process *p;
	int signals;   /* of the stop word, that have been acted upon */
	bool over;     /* its time was over */
	bool killed;
	struct wg_wait time, grace;
};

static void pass_signals(struct ending *e)
{
	int word = e->p->stop ? *e->p->stop : 0;

	if (wg_stop_times(word) <= e->signals)
		return;
	if (e->signals || wg_stop_times(word) > 1) {
		kill_tree(e->pid);
		e->killed = true;
	} else if (!wg_stop_from_terminal(word)) {
		signal_tree(e->pid, wg_stop_signal(word));
	}
	e->signals = wg_stop_times(word);
}

static void watch_time(struct ending *e)
{
	if (!e->over && wg_wait_nap(&e->time, 0) == WG_WAIT_TIMEOUT) {
		e->over = true;
		signal_tree(e->pid, SIGTERM);
		wg_wait_begin(&e->grace, NULL, GRACE_MS);
	} else if (e->over && !e->killed && wg_wait_nap(&e->grace, 0) == WG_WAIT_TIMEOUT) {
		kill_tree(e->pid);
		e->killed = true;
	}
}

/* Sleeps until the child ends, at most WG_WAIT_SLICE_MS. */
static void child_nap(int pidfd)
{
	struct pollfd pfd = {.fd = pidfd, .events = POLLIN};
	struct timespec nap = {.tv_nsec = 5000000};

	if (pidfd >= 0)
		poll(&pfd, 1, WG_WAIT_SLICE_MS);
	else
		nanosleep(&nap, NULL); /* Linux before 5.3 */
}

/* Waits for the child, reaping orphans that came to us. Returns -1 with errno set. */
static int child_status(struct ending *e)
{
	cleanup(close_fd) int pidfd = (int)syscall(SYS_pidfd_open, e->pid, 0);
	int status;
	pid_t done;

	wg_wait_begin(&e->time, NULL, e->p->limit_ms);
	while ((done = waitpid(-1, &status, WNOHANG)) != e->pid) {
		if (done < 0 && errno != EINTR)
			return -1;
		if (done > 0)
			continue;
		pass_signals(e);
		watch_time(e);
		child_nap(pidfd);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Orphans of the child come to us meanwhile, so that signal_tree() finds them. */
static int await_child(pid_t pid, const struct wg_process *p, struct wg_error *err)
{
	struct ending e = {.pid = pid, .p = p};
	int status;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	status = child_status(&e);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	if (status < 0)
		return wg_error_errno(err, errno, "cannot wait for %s", p->argv[0]);
	if (!e.over)
		return status;
	wg_error_set(err, "%s did not end within %u seconds and was killed", p->argv[0],
		     (p->limit_ms + 999) / 1000);
	err->code = ETIMEDOUT;
	return -1;
}

static int not_found(const char *name, struct wg_error *err)
{
	wg_error_set(err, "%s: no such program", name);
	err->code = ENOENT;
	return NOT_FOUND;
}

int wg_process_run(const struct wg_process *p, struct wg_error *err)
{
	cleanup(free_ptr) const char **env = env_merge(p->env, p->without);
	cleanup(close_fd) int input = -1;
	const char *name = p->argv[0];
	char path[PATH_MAX];
	pid_t pid;
	int code;

	if (!env)
		return wg_error_errno(err, ENOMEM, "cannot start %s", name);
	if (strchr(name, '/'))
		snprintf(path, sizeof(path), "%s", name);
	else if (!wg_process_find(name, path, sizeof(path)))
		return not_found(name, err);
	if (p->input && (input = input_open(p)) < 0)
		return wg_error_errno(err, errno, "cannot pass input to %s", name);
	code = spawn(&pid, path, p, env, input);
	if (code == ENOENT || code == ENOTDIR)
		return not_found(name, err);
	if (code)
		return wg_error_errno(err, code, "cannot start %s", name);
	return await_child(pid, p, err);
}

int wg_process_explain(int status, const char *what, struct wg_error *err)
{
	if (status > 128)
		wg_error_set(err, "%s was terminated by %s", what, wg_signal_name(status - 128));
	else if (status > 0 && !(status == NOT_FOUND && err->text[0]))
		wg_error_set(err, "%s failed with exit status %d", what, status);
	return status < 0 ? 1 : status;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Starts a program and waits for it. posix_spawn does not copy our memory, however large; input is
 * a file in memory, so that neither side can wait for the other. A signal is looked for between
 * short waits, since one that comes just before a wait would not end it. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "cleanup.h"

#define STOP_POLL_MS 50
#define NOT_FOUND    127

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

/* Our environment with the additions, which win; pointers into both. */
static const char **env_merge(const char *const *env)
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
		if (!env_names(environ[i], env))
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

/* Sleeps until the child ends, at most STOP_POLL_MS. */
static void child_wait(int pidfd)
{
	struct pollfd pfd = {.fd = pidfd, .events = POLLIN};
	struct timespec nap = {.tv_nsec = 5000000};

	if (pidfd >= 0)
		poll(&pfd, 1, STOP_POLL_MS);
	else
		nanosleep(&nap, NULL); /* Linux before 5.3 */
}

/* Waits, and passes signals on: the first as it is, a further one as SIGKILL. */
static int child_status(pid_t pid, const volatile int *stop)
{
	cleanup(close_fd) int pidfd = stop ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	int status, passed = 0;
	pid_t done;

	while ((done = waitpid(pid, &status, stop ? WNOHANG : 0)) <= 0) {
		if (done < 0 && errno != EINTR)
			return -1;
		if (stop && *stop && *stop != passed) {
			kill(pid, passed ? SIGKILL : *stop & 0x7f);
			passed = *stop;
		}
		if (done == 0)
			child_wait(pidfd);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int not_found(const char *name, struct wg_error *err)
{
	wg_error_set(err, "%s: no such program", name);
	err->code = ENOENT;
	return NOT_FOUND;
}

int wg_process_run(const struct wg_process *p, struct wg_error *err)
{
	cleanup(free_ptr) const char **env = env_merge(p->env);
	cleanup(close_fd) int input = -1;
	const char *name = p->argv[0];
	char path[PATH_MAX];
	int code, status;
	pid_t pid;

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
	status = child_status(pid, p->stop);
	return status < 0 ? wg_error_errno(err, errno, "cannot wait for %s", name) : status;
}

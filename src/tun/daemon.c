// SPDX-License-Identifier: GPL-2.0
/* In the order that privileges need: what wants root comes first, then the sandbox, then the
 * threads. A process that fails on the way just ends: its TUN device goes with it, and another
 * process removes the socket (uapi-socket.h). */
#include "daemon.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../lib/base/cleanup.h"
#include "../lib/base/notify.h"
#include "confine/sandbox.h"
#include "confine/socket-source.h"
#include "control.h"
#include "device/aead.h"
#include "path/udp.h"
#include "path/worker.h"

#define MAX_WORKERS_UNASKED 8

struct starter {
	int fd; /* the pipe to the process that was called; -1 in the foreground */
	int notify;
};

static unsigned int count_workers(const struct options *o)
{
	cpu_set_t set;
	int n;

	if (o->workers)
		return o->workers;
	n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
	return n > MAX_WORKERS_UNASKED ? MAX_WORKERS_UNASKED : (unsigned int)n;
}

/* Sends the text of an error to the calling process, or an empty text: ready. */
static void report_start(const struct starter *s, const struct wg_error *err)
{
	const char *text = err ? err->text : "";
	ssize_t n;

	if (s->fd < 0)
		return;
	n = write(s->fd, text, strlen(text) + 1);
	(void)n;
}

static void close_input(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static void tell_ready(struct starter *s)
{
	wg_notify_say(s->notify, "READY=1\nSTATUS=Ready to be configured");
	if (s->fd < 0)
		return;
	/* The caller may wait for the end of what we could write. */
	logger_enter_background();
	report_start(s, NULL);
	close_fd(&s->fd);
	s->fd = -1;
}

static int open_tun(struct device *d, const struct options *o, struct wg_error *err)
{
	d->offloads = offload_use(&o->offload, &d->damaged);
	return worker_open_tun(d, count_workers(o), err);
}

static int prepare_device(struct control *c, const struct options *o, struct wg_error *err)
{
	struct device *d = c->device;
	struct sandbox_user user;

	if (sandbox_find_user(&user, o->user, err) < 0 || uapi_socket_check(o->name, err) < 0 ||
	    open_tun(d, o, err) < 0 ||
	    uapi_socket_open(&c->socket, d->name, err) < 0 ||
	    monitor_open(&c->monitor, d, err) < 0)
		return -1;
	udp_create_by(socket_source_create);
	aead_prepare();
	logger_say(LOGGER_VERBOSE, "packets are sealed by %s", aead_name());
	return sandbox_enter(&user, err);
}

static int serve_device(struct starter *s, const struct options *o, struct wg_error *err)
{
	struct device *d = device_new(o->name, err);
	struct control c;

	if (!d || control_init(&c, d, err) < 0)
		return -1;
	if (prepare_device(&c, o, err) < 0 || worker_start(d, err) < 0 || control_start(&c, err) < 0) {
		uapi_socket_remove(&c.socket);
		return -1;
	}
	tell_ready(s);
	control_run(&c);
	wg_notify_say(s->notify, "STOPPING=1");
	control_stop(&c);
	worker_stop(d);
	device_free(d);
	return 0;
}

static void run_in_background(struct starter *s, const struct options *o)
{
	struct wg_error err = {0};
	int ret;

	setsid();
	if (chdir("/") < 0)
		_exit(1);
	close_input();
	/* A lock or a pipe of the caller's would be held until the tunnel ends. */
	sandbox_close_others(STDERR_FILENO + 1, s->fd, s->notify);
	logger_init(o->name, o->level);
	logger_open_background(o->logs && o->level != LOGGER_SILENT);
	ret = serve_device(s, o, &err);
	if (ret < 0)
		report_start(s, &err);
	_exit(ret < 0);
}

static pid_t starting;			/* the daemon */
static volatile sig_atomic_t stopped;	/* the signal that was forwarded to it; 0: none */

static void forward_signal(int signal)
{
	stopped = signal;
	kill(starting, signal);
}

static const int ending[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
#define N_ENDING (sizeof(ending) / sizeof(*ending))

/* A signal that is to end the calling process before the daemon is ready is to end both. */
static void forward_signals(void)
{
	struct sigaction a = {.sa_handler = forward_signal};

	for (size_t i = 0; i < N_ENDING; i++)
		sigaction(ending[i], &a, NULL);
}

static void hold_signals(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < N_ENDING; i++)
		sigaddset(&set, ending[i]);
	sigprocmask(SIG_BLOCK, &set, old);
}

/* The daemon has ended without a report. */
static int await_end(struct wg_error *err)
{
	int status = 0;

	while (waitpid(starting, &status, 0) < 0 && errno == EINTR)
		;
	if (stopped)
		return wg_error_set(err, "the daemon was stopped by SIG%s before it was ready",
				    sigabbrev_np(stopped));
	if (WIFSIGNALED(status))
		return wg_error_set(err, "the daemon was killed by SIG%s before it was ready",
				    sigabbrev_np(WTERMSIG(status)));
	return wg_error_set(err, "the daemon ended before it was ready");
}

/* Reads what the daemon reports. */
static int await_start(int fd, struct wg_error *err)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, err->text + len, sizeof(err->text) - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || stopped)
			return await_end(err);
		len += (size_t)n;
		if (!err->text[len - 1])
			return err->text[0] ? -1 : 0;
	}
}

int daemon_run(const struct options *o, struct wg_error *err)
{
	struct starter s = {.fd = -1};
	sigset_t mask;
	int ends[2];

	s.notify = wg_notify_open();
	if (o->foreground) {
		logger_init(o->name, o->level);
		return serve_device(&s, o, err);
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return wg_error_errno(err, errno, "cannot create a pipe");
	hold_signals(&mask);
	starting = fork();
	if (starting < 0)
		return wg_error_errno(err, errno, "cannot start a process");
	if (starting == 0) {
		sigprocmask(SIG_SETMASK, &mask, NULL);
		close(ends[0]);
		s.fd = ends[1];
		run_in_background(&s, o);
	}
	forward_signals();
	sigprocmask(SIG_SETMASK, &mask, NULL);
	close(ends[1]);
	return await_start(ends[0], err);
}

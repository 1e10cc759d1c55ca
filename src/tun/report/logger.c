// SPDX-License-Identifier: GPL-2.0
/* One write a line, so that lines of two threads do not mix. libc's syslog() is not used: it waits
 * where the reader does not keep up.
 *
 * poll() is not enough to write to a terminal without waiting: it reports a terminal with room for
 * one byte as ready, and write() then waits for room for the whole line. O_NONBLOCK on standard
 * error itself would also change it for the shell that shares it. So standard error is opened once
 * more, which gives an open file of our own. */
#include "logger.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define SYSLOG_PATH "/dev/log"
#define INIT_STDERR "/proc/1/fd/2"
#define OWN_STDERR  "/proc/self/fd/2"

static const char *device_name = "";
static enum logger_level wanted = LOGGER_SILENT;
static enum logger_target target = LOGGER_STDERR;   /* where messages go */
static enum logger_target background = LOGGER_NOWHERE; /* where they will go */
static int null_fd = -1, init_fd = -1;
static int syslog_fd = -1;
static int line_fd = STDERR_FILENO; /* lines are written here */
static bool may_wait; /* line_fd is a terminal that cannot be opened again: it is not written to */
static bool is_torn;  /* the last line was written in part (atomic) */
static u32 lost; /* messages since the last one that was taken (atomic) */

static void use_line_fd(int fd)
{
	if (line_fd != STDERR_FILENO && line_fd != init_fd)
		close(line_fd);
	line_fd = fd;
}

/* A file stays as it is: two open files would write over each other's lines, and a file does not
 * wait for a reader. A socket cannot be opened, and send() takes MSG_DONTWAIT. A pipe that cannot
 * be opened again is good enough with poll(), since a ready one has room for a page. */
static void reopen_stderr(void)
{
	struct stat st;
	int fd;

	use_line_fd(STDERR_FILENO);
	may_wait = false;
	if (fstat(STDERR_FILENO, &st) < 0 || !(S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))
		return;
	fd = open(OWN_STDERR, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0) {
		use_line_fd(fd);
	} else if (isatty(STDERR_FILENO)) {
		logger_say(LOGGER_ERROR, "cannot open the terminal again: messages go to syslog");
		may_wait = true;
	}
}

void logger_init(const char *name, enum logger_level level)
{
	device_name = name;
	wanted = level;
	target = LOGGER_STDERR;
	reopen_stderr();
}

bool logger_level_from(const char *text, enum logger_level *level)
{
	if (!strcmp(text, "silent"))
		*level = LOGGER_SILENT;
	else if (!strcmp(text, "error"))
		*level = LOGGER_ERROR;
	else if (!strcmp(text, "verbose") || !strcmp(text, "debug"))
		*level = LOGGER_VERBOSE;
	else
		return false;
	return true;
}

bool logger_says(enum logger_level level)
{
	return level <= wanted;
}

/* Connects to the socket of syslog, which everybody may use: the daemon may be nobody by now. */
static bool connect_syslog(void)
{
	const struct sockaddr_un addr = {.sun_family = AF_UNIX, .sun_path = SYSLOG_PATH};

	if (syslog_fd < 0)
		syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return syslog_fd >= 0 &&
	       connect(syslog_fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0;
}

/* The format that libc's syslog() has. If syslog was started again the socket has no peer. */
static bool send_to_syslog(enum logger_level level, const char *text)
{
	int priority = LOG_DAEMON | (level == LOGGER_ERROR ? LOG_ERR : LOG_INFO);
	char line[640], stamp[32];
	struct timespec now;
	struct tm tm;
	int len;

	/* time() is a system call of its own where there is no vDSO, and not one that the sandbox
	 * allows. */
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(stamp, sizeof(stamp), "%b %e %T", localtime_r(&now.tv_sec, &tm));
	len = snprintf(line, sizeof(line), "<%d>%s wg-tun[%d]: %s: %s", priority, stamp,
		       (int)getpid(), device_name, text);
	for (int tries = 0; tries < 2; tries++) {
		if (syslog_fd >= 0 &&
		    send(syslog_fd, line, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return true;
		if ((syslog_fd >= 0 && errno == EAGAIN) || !connect_syslog())
			return false;
	}
	return false;
}

/* A terminal may take a part of a line: the line counts as lost, and the next one begins with a
 * newline. */
static bool write_stderr(const char *text)
{
	char line[640];
	bool torn = __atomic_exchange_n(&is_torn, false, __ATOMIC_RELAXED);
	int len = snprintf(line, sizeof(line), "%swg-tun %s: %s\n", torn ? "\n" : "", device_name,
			   text);
	struct pollfd p = {.fd = line_fd, .events = POLLOUT};
	ssize_t n = send(p.fd, line, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK) {
		errno = EAGAIN;
		n = poll(&p, 1, 0) == 0 ? -1 : write(p.fd, line, (size_t)len);
	}
	if (n < len && (n > 0 || torn))
		__atomic_store_n(&is_torn, true, __ATOMIC_RELAXED);
	if (n >= len - 1) /* all but the newline, perhaps */
		return true;
	if (n >= 0)
		errno = EAGAIN;
	return false;
}

/* Standard error that is gone, as a terminal that was closed, is no reason to lose a message. */
static bool write_message(enum logger_level level, const char *text)
{
	if (target == LOGGER_SYSLOG || may_wait)
		return send_to_syslog(level, text);
	return write_stderr(text) || (errno != EAGAIN && send_to_syslog(level, text));
}

void logger_say(enum logger_level level, const char *fmt, ...)
{
	char text[512], note[64];
	va_list args;
	u32 before;

	if (!logger_says(level) || target == LOGGER_NOWHERE)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	before = __atomic_exchange_n(&lost, 0, __ATOMIC_RELAXED);
	if (before) {
		snprintf(note, sizeof(note), "%u messages were lost: their reader did not keep up",
			 before);
		if (!write_message(level, note)) {
			__atomic_fetch_add(&lost, before + 1, __ATOMIC_RELAXED);
			return;
		}
	}
	if (!write_message(level, text))
		__atomic_fetch_add(&lost, 1, __ATOMIC_RELAXED);
}

static bool is_null(const struct stat *st)
{
	struct stat null;

	return S_ISCHR(st->st_mode) && stat("/dev/null", &null) == 0 &&
	       st->st_rdev == null.st_rdev;
}

/* systemd tells by an environment variable which stream is connected to the journal. */
static bool is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char *end;

	return stream && strtoull(stream, &end, 10) == st->st_dev && *end == ':' &&
	       strtoull(end + 1, NULL, 10) == st->st_ino;
}

/* Nobody waits for the end of these. */
static bool is_lasting(const struct stat *st)
{
	struct stat init;

	if (S_ISREG(st->st_mode) || isatty(STDERR_FILENO))
		return true;
	return stat(INIT_STDERR, &init) == 0 && init.st_dev == st->st_dev &&
	       init.st_ino == st->st_ino;
}

static bool open_init(void)
{
	struct stat st;

	init_fd = open(INIT_STDERR, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	return init_fd >= 0 && fstat(init_fd, &st) == 0 && !is_null(&st);
}

static enum logger_target find_target(bool asked)
{
	struct stat st;
	bool has_stderr = !may_wait && fstat(STDERR_FILENO, &st) == 0 && !is_null(&st);

	if (has_stderr && (asked || is_journal(&st)))
		return LOGGER_STDERR;
	if (connect_syslog())
		return LOGGER_SYSLOG;
	if (has_stderr && is_lasting(&st))
		return LOGGER_FILE;
	return open_init() ? LOGGER_INIT : LOGGER_NOWHERE;
}

enum logger_target logger_open_background(bool asked)
{
	tzset();
	null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	background = find_target(asked);
	return background;
}

static void redirect(int fd, int to)
{
	if (fd >= 0)
		dup3(fd, to, 0);
}

/* Standard error becomes what may be written to without waiting. */
static void replace_stderr(int line, int fd)
{
	use_line_fd(line);
	redirect(fd, STDERR_FILENO);
	may_wait = false;
}

void logger_enter_background(void)
{
	redirect(null_fd, STDOUT_FILENO);
	switch (background) {
	case LOGGER_STDERR:
	case LOGGER_FILE:
		break;
	case LOGGER_INIT:
		replace_stderr(init_fd, init_fd);
		break;
	case LOGGER_NOWHERE:
		logger_say(LOGGER_ERROR, "there is no place for messages of the daemon, which are "
			   "lost: start syslog, or use --log-level or --foreground");
		replace_stderr(STDERR_FILENO, null_fd);
		break;
	case LOGGER_SYSLOG:
		replace_stderr(STDERR_FILENO, null_fd);
		break;
	}
	target = background;
}

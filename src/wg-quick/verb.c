// SPDX-License-Identifier: GPL-2.0
/* What all verbs share: how they speak, and how they become root. */
#include "verb.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "../lib/alloc.h"
#include "../lib/cleanup.h"
#include "../lib/process.h"

#define SUDO_PROMPT \
	"wg-quick must be run as root. Please enter the password for %u to continue: "

static void say(void *ctx, enum wg_log_level level, const char *text)
{
	(void)ctx;
	if (level == WG_LOG_WARNING)
		fprintf(stderr, "Warning: %s\n", text);
	else
		fprintf(stderr, "[#] %s\n", text);
	fflush(stderr);
}

const struct wg_log verb_log = {say, NULL};

void verb_echo(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("[#] ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
}

void verb_note(const char *text)
{
	fprintf(stderr, "%s\n", text);
}

int verb_become_root(char **argv, struct wg_error *err)
{
	cleanup(free_ptr) char **args = NULL;
	char sudo[PATH_MAX], self[PATH_MAX];
	size_t n = 0;
	ssize_t len;

	if (geteuid() == 0)
		return 0;
	if (!wg_process_find("sudo", sudo, sizeof(sudo)))
		return wg_error_set(err, "this must be run as root, and there is no sudo to do so");
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		return wg_error_errno(err, errno, "cannot read /proc/self/exe");
	self[len] = '\0';
	while (argv[n])
		n++;
	args = wg_alloc((n + 6) * sizeof(*args));
	args[0] = sudo;
	args[1] = (char[]){"-p"};
	args[2] = (char[]){SUDO_PROMPT};
	args[3] = (char[]){"--"};
	args[4] = self;
	for (size_t i = 0; i <= n; i++)
		args[5 + i] = argv[i];
	fflush(stderr);
	execv(sudo, args);
	return wg_error_errno(err, errno, "cannot run %s", sudo);
}

// SPDX-License-Identifier: GPL-2.0
/* What verbs need before they begin: root, and an environment. */
#include "verb.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/base/process.h"
#include "../lib/base/secret.h"
#include "journal/journal.h"
#include "host/hooks.h"

#define SUDO_PROMPT \
	"wg-quick must be run as root. Please enter the password for %u to continue: "

/* The variables that wg-quick(8) documents, except LOG_LEVEL, which other programs have set. sudo
 * drops all but a few, and refuses these where its rules do not let the user set any. */
static const char *const root_variables[] = {
	"WG_TUN_OFFLOAD",
	"WG_QUICK_USERSPACE_IMPLEMENTATION",
	"WG_ENDPOINT_RESOLUTION_RETRIES",
	"WG_QUICK_HOOK_TIMEOUT",
};
#define N_ROOT_VARIABLES (sizeof(root_variables) / sizeof(*root_variables))

int verb_become_root(const struct wg_call *call, struct wg_error *err)
{
	cleanup(free_ptr) char **args = NULL;
	char sudo[PATH_MAX], self[PATH_MAX], preserve[N_ROOT_VARIABLES][64];
	size_t n = 0, k = 3;
	ssize_t len;

	if (geteuid() == 0)
		return 0;
	if (!wg_process_find("sudo", sudo, sizeof(sudo)))
		return wg_error_set(err, "this must be run as root, and there is no sudo to do so");
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		return wg_error_errno(err, errno, "cannot read /proc/self/exe");
	self[len] = '\0';
	while (call->words[n])
		n++;
	args = wg_alloc((n + 6 + N_ROOT_VARIABLES) * sizeof(*args));
	args[0] = sudo;
	args[1] = (char[]){"-p"};
	args[2] = (char[]){SUDO_PROMPT};
	for (size_t i = 0; i < N_ROOT_VARIABLES; i++)
		if (getenv(root_variables[i])) {
			snprintf(preserve[i], sizeof(preserve[i]), "--preserve-env=%s",
				 root_variables[i]);
			args[k++] = preserve[i];
		}
	args[k++] = (char[]){"--"};
	args[k++] = self;
	for (size_t i = 0; i <= n; i++)
		args[k + i] = call->words[i];
	fflush(stderr);
	execv(sudo, args);
	return wg_error_errno(err, errno, "cannot run %s", sudo);
}

int verb_lock_for_hook(struct journal **j, const char *name, struct wg_error *err)
{
	const char *locked = getenv(HOOKS_ENV_LOCKED);

	if (!journal_lock(j, name, NULL, err))
		return 0;
	return err->code == EWOULDBLOCK && locked && !strcmp(locked, name) ? 0 : -1;
}

/* As the caller has them, malloc'd; NULL: unset. */
static char *callers_path, *callers_locale;

static char *copy_variable(const char *name)
{
	const char *value = getenv(name);

	return value ? wg_format("%s", value) : NULL;
}

static void put_variable(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

void verb_restore_environment(void)
{
	put_variable("LC_ALL", callers_locale);
	put_variable("PATH", callers_path);
}

/* The folder of this program comes first in PATH. */
static void set_path(void)
{
	cleanup(free_ptr) char *joined = NULL;
	const char *path = getenv("PATH");
	char self[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash || slash == self)
		return;
	*slash = '\0';
	joined = wg_format("%s:%s", self, path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
	setenv("PATH", joined, 1);
}

void verb_prepare(void)
{
	callers_locale = copy_variable("LC_ALL");
	callers_path = copy_variable("PATH");
	setenv("LC_ALL", "C", 1);
	journal_for_watch = getenv(VERB_FOR_WATCH) != NULL;
	unsetenv(VERB_FOR_WATCH);
	set_path();
	if (geteuid() == 0)
		wg_secret_guard();
}

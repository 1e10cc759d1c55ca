// SPDX-License-Identifier: GPL-2.0
/* Hooks, as upstream's wg-quick runs them, seen by running it: in a subshell of bash with -e,
 * pipefail and extglob, with our standard input, each on its own (no variable survives), $0 the
 * program. The interface's name was a shell variable there, so it is in the environment here. */
#include "hooks.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/process.h"
#include "progress.h"

/* Exit statuses, as timeout(1) and shells have them. */
#define TIMED_OUT	124
#define CANNOT_RUN	126
#define NO_SUCH_PROGRAM 127

/* bash runs the file that BASH_ENV names before the command, takes exported functions for programs of their
 * names, and obeys the others before it reads the command. */
static const char *const kept_from_bash[] = {
	"BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "CDPATH", "GLOBIGNORE", "BASH_FUNC_*", NULL,
};

static const char *const phases[HOOK_PHASES] = {
	[HOOK_PRE_UP] = "WG_PHASE=pre-up",
	[HOOK_POST_UP] = "WG_PHASE=post-up",
	[HOOK_PRE_DOWN] = "WG_PHASE=pre-down",
	[HOOK_POST_DOWN] = "WG_PHASE=post-down",
};

char *hooks_expand(const char *command, const char *ifname)
{
	char *out;
	size_t size;
	FILE *f = open_memstream(&out, &size);

	if (!f)
		wg_alloc_failed();
	for (; *command; command++) {
		if (command[0] == '%' && command[1] == 'i') {
			fputs(ifname, f);
			command++;
		} else {
			fputc(*command, f);
		}
	}
	if (fclose(f))
		wg_alloc_failed();
	return out;
}

void hooks_expand_all(struct strings *out, const struct strings *in, const char *ifname)
{
	for (size_t i = 0; i < in->n; i++) {
		cleanup(string_wipe) char *command = hooks_expand(in->s[i], ifname);

		strings_add(out, command, strlen(command));
	}
}

void hooks_for_down(struct strings out[static 2], const struct config *c)
{
	hooks_expand_all(&out[0], &c->hooks[HOOK_PRE_DOWN], c->name);
	hooks_expand_all(&out[1], &c->hooks[HOOK_POST_DOWN], c->name);
}

/* In milliseconds; 0: none. */
static unsigned int limit_of_environment(void)
{
	const char *text = getenv(HOOKS_ENV_TIMEOUT);
	unsigned long seconds;
	char *end;

	if (!text || !*text)
		return 0;
	errno = 0;
	seconds = strtoul(text, &end, 10);
	if (!errno && !*end && *text != '-' && seconds <= HOOK_LIMIT_MOST)
		return (unsigned int)seconds * 1000;
	progress_note("Warning: " HOOKS_ENV_TIMEOUT " is not a number of seconds up to 1000000: hooks "
		  "have no time limit");
	return 0;
}

int hooks_run(const struct hook *h, const volatile int *stop, struct wg_error *err)
{
	cleanup(free_ptr) char *wg_interface = wg_format("WG_INTERFACE=%s", h->ifname);
	cleanup(free_ptr) char *config_file = wg_format("CONFIG_FILE=%s", h->config);
	cleanup(free_ptr) char *wg_config = wg_format("WG_CONFIG=%s", h->config);
	cleanup(free_ptr) char *locked = wg_format(HOOKS_ENV_LOCKED "=%s", h->ifname);
	const char *const env[] = {wg_interface, wg_interface + strlen("WG_"), config_file, wg_config,
				   phases[h->phase], locked, NULL};
	const char *const argv[] = {"bash",    "-e", "-o",    "pipefail",                    "-O",
				    "extglob", "-c", h->command, program_invocation_short_name, NULL};
	const struct wg_process p = {
		.argv = argv, .env = env, .without = kept_from_bash, .stop = stop,
		.limit_ms = h->limit.given ? h->limit.seconds * 1000 : limit_of_environment()};
	cleanup(free_ptr) char *what = wg_format("hook `%s'", h->command);
	int status;

	err->text[0] = '\0';
	status = wg_process_run(&p, err);
	if (status < 0) {
		wg_error_prefix(err, "%s", what);
		return err->code == ETIMEDOUT ? TIMED_OUT : CANNOT_RUN;
	}
	if (status == NO_SUCH_PROGRAM && err->text[0]) {
		wg_error_prefix(err, "%s", what);
		return status;
	}
	return wg_process_explain(status, what, err);
}

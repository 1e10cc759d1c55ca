// SPDX-License-Identifier: GPL-2.0
/* Hooks, as upstream's wg-quick runs them, seen by running it: in a subshell of bash with -e,
 * pipefail and extglob, with our standard input, each on its own (no variable survives), $0 the
 * program. The interface's name was a shell variable there, so it is in the environment here. */
#include "hooks.h"
#include <stdio.h>
#include <string.h>
#include "../lib/alloc.h"
#include "../lib/cleanup.h"
#include "../lib/process.h"

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

int hooks_run(const char *command, const char *ifname, const char *config,
	      const volatile int *stop, struct wg_error *err)
{
	cleanup(free_ptr) char *wg_interface = wg_format("WG_INTERFACE=%s", ifname);
	cleanup(free_ptr) char *config_file = wg_format("CONFIG_FILE=%s", config);
	cleanup(free_ptr) char *locked = wg_format(HOOKS_ENV_LOCKED "=%s", ifname);
	const char *const env[] = {wg_interface, wg_interface + strlen("WG_"), config_file, locked,
				   NULL};
	const char *const argv[] = {"bash",    "-e", "-o",    "pipefail",                    "-O",
				    "extglob", "-c", command, program_invocation_short_name, NULL};
	const struct wg_process p = {.argv = argv, .env = env, .stop = stop};
	int status;

	err->text[0] = '\0';
	status = wg_process_run(&p, err);

	if (status < 0)
		return 126;
	if (status > 128)
		wg_error_set(err, "hook `%s' was ended by signal %d", command, status - 128);
	else if (status == 127 && err->text[0])
		wg_error_prefix(err, "hook `%s'", command);
	else if (status)
		wg_error_set(err, "hook `%s' failed with exit status %d", command, status);
	return status;
}

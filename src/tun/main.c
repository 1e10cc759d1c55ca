// SPDX-License-Identifier: GPL-2.0
/* The command `wg-tun`: a WireGuard interface in userspace. Exit status 0, or 1 with one
 * sentence. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include "../lib/command/arguments.h"
#include "../lib/command/candidates.h"
#include "../lib/command/stdfd.h"
#include "../version.h"
#include "daemon.h"
#include "options.h"

int main(int argc, char **argv)
{
	struct wg_error err = {0};
	struct options o;
	char word[WG_ARGUMENTS_QUOTED];

	wg_sanitise_stdfd("/dev/null", O_RDWR);
	/* With one word alone, it is the name of an interface. */
	if (argc > 2 && !strcmp(argv[1], WG_COMPLETE_VERB)) {
		options_complete(argc - 2, argv + 2);
		return fflush(stdout) || ferror(stdout) ? 1 : 0;
	}
	if (options_parse(&o, argc, argv, &err) < 0) {
		fprintf(stderr, "wg-tun: %s\n", err.text);
		return 1;
	}
	switch (o.what) {
	case OPTIONS_HELP:
		options_print_help(stdout);
		return fflush(stdout) || ferror(stdout) ? 1 : 0;
	case OPTIONS_VERSION:
		puts("wirekit wg-tun v" WIREKIT_VERSION);
		return fflush(stdout) || ferror(stdout) ? 1 : 0;
	case OPTIONS_RUN:
		break;
	}
	if (o.unknown_level) {
		wg_arguments_quote(word, o.unknown_level);
		fprintf(stderr, "wg-tun: LOG_LEVEL %s is not a level: expected silent, error or "
			"verbose: errors are logged\n", word);
	}
	if (daemon_run(&o, &err) == 0)
		return 0;
	fprintf(stderr, "wg-tun: %s\n", err.text);
	return 1;
}

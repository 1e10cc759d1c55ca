// SPDX-License-Identifier: GPL-2.0
/* A run that changes the network must not end between two of its steps: whoever wants it to end
 * gets it undone first. System calls are interrupted (no SA_RESTART), so that waits end soon. */
#include "signals.h"
#include <signal.h>
#include <stddef.h>

volatile int signals_stop;

static void note(int signo)
{
	/* A handler rather than SIG_IGN, which children would inherit. */
	if (signo != SIGPIPE && signo != SIGXFSZ)
		signals_stop = signo;
}

void signals_catch(void)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct sigaction old, sa = {.sa_handler = note};

		/* nohup has HUP ignored; that stays. */
		if (!sigaction(all[i], NULL, &old) && old.sa_handler == SIG_IGN)
			continue;
		sigaction(all[i], &sa, NULL);
	}
	/* A parent may have left it ignored; then no child could be waited for. */
	signal(SIGCHLD, SIG_DFL);
}

void signals_outlive_session(void)
{
	signal(SIGHUP, SIG_IGN);
}

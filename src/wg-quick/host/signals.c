// SPDX-License-Identifier: GPL-2.0
/* A run that changes the network must not end between two of its steps: whoever wants it to end
 * gets it undone first. System calls are interrupted (no SA_RESTART), so that waits end soon. */
#include "signals.h"
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include "../../lib/base/wait.h"
#include "../../lib/device/uapi.h"

volatile int signals_stop;

/* A terminal's signal comes from the kernel, and the whole foreground process group has it. */
static void count_signal(int signo, siginfo_t *info, void *context)
{
	(void)context;
	/* A handler rather than SIG_IGN, which children would inherit. */
	if (signo != SIGPIPE && signo != SIGXFSZ)
		wg_stop_count(&signals_stop, signo, info->si_code == SI_KERNEL);
}

void signals_catch(void)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct sigaction old, sa = {.sa_sigaction = count_signal, .sa_flags = SA_SIGINFO};

		/* nohup has HUP ignored; that stays. */
		if (!sigaction(all[i], NULL, &old) && old.sa_handler == SIG_IGN)
			continue;
		sigaction(all[i], &sa, NULL);
	}
	/* A parent may have left it ignored; then no child could be waited for. */
	signal(SIGCHLD, SIG_DFL);
	wg_uapi_watch(&signals_stop);
}

int signals_error(int word, struct wg_error *err)
{
	wg_error_set(err, "interrupted by %s", wg_signal_name(wg_stop_signal(word)));
	err->code = EINTR;
	return -1;
}

void signals_outlive_session(void)
{
	signal(SIGHUP, SIG_IGN);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* The user's hook commands, run by bash as they always were. */
#ifndef WG_QUICK_HOOKS_H
#define WG_QUICK_HOOKS_H

#include "../lib/error.h"
#include "config.h"

/* In a hook's environment: the name of the tunnel whose lock is held while the hook runs. */
#define HOOKS_ENV_LOCKED "WG_QUICK_HOOK_OF"

/* The command with every %i replaced. Free it. */
char *hooks_expand(const char *command, const char *ifname);
/* Runs one command, already expanded. Its exit status: 0, that of the command that failed, 128 + N
 * where signal N ended it; then, and when it could not be run (127), err says so. `stop` as in
 * struct wg_process. */
int hooks_run(const char *command, const char *ifname, const char *config,
	      const volatile int *stop, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The user's hook commands, run by bash as they always were. */
#ifndef WG_QUICK_HOOKS_H
#define WG_QUICK_HOOKS_H

#include "../../lib/base/error.h"
#include "../config/config.h"

/* In a hook's environment: the name of the tunnel whose lock is held while the hook runs. */
#define HOOKS_ENV_LOCKED "WG_QUICK_HOOK_OF"
/* In our own environment: how many seconds each hook may take where its file has no HookTimeout; unset or
 * 0: as long as it likes. */
#define HOOKS_ENV_TIMEOUT "WG_QUICK_HOOK_TIMEOUT"

/* The command with every %i replaced. Free it. */
char *hooks_expand(const char *command, const char *ifname);
/* Appends each command of `in`, with every %i replaced, to `out`. strings_wipe(out): hooks may hold
 * secrets. */
void hooks_expand_all(struct strings *out, const struct strings *in, const char *ifname);
/* Appends what `down` runs by this file: the PreDown hooks to out[0], the PostDown hooks to out[1]. */
void hooks_for_down(struct strings out[static 2], const struct config *c);
/* One command that is to be run. */
struct hook {
	const char *command; /* expanded */
	enum hook_phase phase;
	const char *ifname;
	const char *config; /* the path of the file */
	struct hook_limit limit;
};

/* Runs it. The command has our environment, but for the variables by which bash runs something else
 * before or instead of it (hooks.c), and INTERFACE, WG_INTERFACE, CONFIG_FILE, WG_CONFIG, and WG_PHASE:
 * pre-up, post-up, pre-down or post-down. Returns its exit status: 0, that of the command that failed,
 * 128 + N if signal N ended it, 124 if it took longer than its limit allows, 126 or 127 if
 * bash could not be run. If it is not 0, err says why. `stop` as in struct wg_process. */
int hooks_run(const struct hook *h, const volatile int *stop, struct wg_error *err);

#endif

// SPDX-License-Identifier: GPL-2.0
/* The verb `save`: a running tunnel to its file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "../lib/base/secret.h"
#include "host/hooks.h"
#include "host/progress.h"
#include "host/signals.h"
#include "reconcile/place.h"
#include "reconcile/save-running.h"
#include "verb.h"

/* Hooks may save: the wg-quick that has the lock then waits for them. */
static int lock(struct journal **j, const char *name, struct wg_error *err)
{
	const char *locked = getenv(HOOKS_ENV_LOCKED);

	if (!journal_lock(j, name, NULL, err))
		return 0;
	return err->code == EWOULDBLOCK && locked && !strcmp(locked, name) ? 0 : -1;
}

int verb_save(const struct wg_call *call, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = { 0 };
	cleanup(journal_unlock) struct journal *j = NULL;
	cleanup(state_wipe) struct state st = { 0 };
	struct run r = {.log = &progress_log};
	struct wg_error no_matter;
	int had = 0;

	if (verb_become_root(call, err) || config_find(&c, call->argv[0], err))
		return 1;
	wg_secret_guard();
	/* Midway through, a file that holds keys would be left behind. */
	signals_catch();
	if (lock(&j, c.name, err) || config_read(&c, &progress_log, err))
		return 1;
	/* A journal that cannot be read is for `down` to complain of. */
	if (j)
		had = journal_load(j, &st, &no_matter);
	r.name = c.name;
	if (place_enter(&r, &c, had > 0 ? &st : NULL, PLACE_THERE, err) < 0)
		return 1;
	return save_running(&c, had > 0 ? &st : NULL, st.ifindex, err) ? 1 : 0;
}

// SPDX-License-Identifier: GPL-2.0
/* The verb `save`: a running tunnel to its file. */
#include "../lib/base/cleanup.h"
#include "../lib/base/secret.h"
#include "host/progress.h"
#include "host/signals.h"
#include "reconcile/place.h"
#include "reconcile/save-running.h"
#include "verb.h"

int verb_save(const struct wg_call *call, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = { .no_key_files = true };
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
	if (verb_lock_for_hook(&j, c.name, err) || config_read(&c, &progress_log, err))
		return 1;
	/* A journal that cannot be read is for `down` to complain of. */
	if (j)
		had = journal_load(j, &st, &no_matter);
	r.name = c.name;
	if (place_enter(&r, &c, had > 0 ? &st : NULL, PLACE_THERE, err) < 0)
		return 1;
	return save_running(&c, had > 0 ? &st : NULL, st.ifindex, err) ? 1 : 0;
}

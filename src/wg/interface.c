// SPDX-License-Identifier: GPL-2.0
#include "interface.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "../lib/base/suggest.h"
#include "../lib/command/candidates.h"
#include "../lib/conf/conf-quote.h"
#include "../lib/device/backend.h"
#include "../lib/device/change.h"

/* Where the kernel has no WireGuard, that is the error, whatever the name. Where the names cannot be listed,
 * the error stays as it is. */
static int suggest(const char *name, const char *const *words, struct wg_error *err)
{
	cleanup(wg_names_free) struct wg_names names = {0};
	struct wg_suggest guess;
	struct wg_error ignored;
	size_t len = strlen(err->text);

	if ((err->code != ENODEV && err->code != EPROTONOSUPPORT) ||
	    wg_backend_list(&names, &ignored) < 0 || wg_names_has(&names, name))
		return -1;
	wg_suggest_init(&guess, name, strlen(name));
	for (size_t i = 0; i < names.n; i++)
		wg_suggest_try(&guess, names.name[i]);
	for (; words && *words; words++)
		wg_suggest_try(&guess, *words);
	if (guess.best)
		snprintf(err->text + len, sizeof(err->text) - len, ": did you mean `%s'?", guess.best);
	return -1;
}

int interface_get_or(struct wg_device **dev, const char *name, const char *const *words,
		     struct wg_error *err)
{
	if (strlen(name) >= IFNAMSIZ && wg_conf_may_be_key(name, strlen(name)))
		return wg_error_set(err, "Unable to access interface " WG_CONF_HIDDEN ": expected a "
				    "name of at most %d characters", IFNAMSIZ - 1);
	return wg_backend_get(dev, name, err) < 0 ? suggest(name, words, err) : 0;
}

int interface_get(struct wg_device **dev, const char *name, struct wg_error *err)
{
	return interface_get_or(dev, name, NULL, err);
}

int interface_set(const struct wg_device *dev, struct wg_error *err)
{
	return wg_backend_set(dev, err) < 0 ? suggest(dev->name, NULL, err) : 0;
}

int interface_change(struct wg_device *change, const struct wg_device *have, struct wg_error *err)
{
	return wg_change_send(change, have, err) < 0 ? suggest(change->name, NULL, err) : 0;
}

/* A failure is silent: a word without candidates is all that a user at the prompt should see of it. */
void complete_interface(const struct wg_call *call)
{
	cleanup(wg_names_free) struct wg_names names = {0};
	struct wg_error ignored;

	if (call->argc || wg_backend_list(&names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.n; i++)
		wg_offer(names.name[i], NULL);
}

void complete_conf(const struct wg_call *call)
{
	complete_interface(call);
	if (call->argc == 1)
		wg_offer_files(NULL);
}

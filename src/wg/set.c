// SPDX-License-Identifier: GPL-2.0
/* `wg set`: everything is parsed, read and looked up before the first message is sent, so that a
 * mistake leaves the device as it was. */
#include "verb.h"

#include "../lib/base/cleanup.h"
#include "../lib/base/encoding.h"
#include "../lib/base/secret.h"
#include "../lib/command/set-args.h"
#include "../lib/device/backend.h"
#include "../lib/command/set-keys.h"
#include "change.h"
#include "interface.h"

int verb_set(const struct wg_call *call, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	cleanup(wg_resolve_wipe) struct wg_resolve resolve = {0};
	struct set_args a = {.dev = dev, .resolve = &resolve, .log = &change_log};

	if (call->argc == 1)
		return set_args_missing(call->argv[0], err), 1;
	if (change_begin(dev, call->argv[0], err))
		return 1;
	if (set_args_parse(&a, (int)call->argc - 1, call->argv + 1, err) || set_keys_read(&a, err) ||
	    wg_resolve_run(&resolve, &change_log, NULL, err) || interface_set(dev, err))
		return 1;
	return 0;
}

void complete_set(const struct wg_call *call)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	struct wg_error err;

	if (!call->argc) {
		complete_interface(call);
		return;
	}
	if (set_args_complete((int)call->argc - 1, call->argv + 1) != SET_ARGS_NEXT_PEER)
		return;
	wg_secret_guard();
	if (!wg_backend_get(&dev, call->argv[0], &err))
		set_args_offer_peers(dev, (int)call->argc - 1, call->argv + 1);
}

void usage_set(FILE *f)
{
	set_args_usage(f);
}

// SPDX-License-Identifier: GPL-2.0
/* `wg setconf`, `wg addconf` and `wg syncconf`: a whole file, checked to its last line and with all
 * its endpoints looked up before the first message is sent. */
#include "verb.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "../lib/base/secret.h"
#include "../lib/conf/conf-quote.h"
#include "../lib/conf/conf.h"
#include "../lib/device/diff.h"
#include "../lib/device/setting.h"
#include "change.h"
#include "interface.h"

/* `whole`: an empty file is an error. With syncconf <(wg-quick strip ...) it is one that could not
 * be read, and would take every peer away. */
static int read_conf(struct wg_device *dev, const char *path, bool whole, struct wg_error *err)
{
	cleanup(wg_resolve_wipe) struct wg_resolve resolve = {0};
	cleanup(close_file) FILE *f = fopen(path, "re");
	char shown[PATH_MAX];
	int ret;

	if (!f)
		return wg_error_errno(err, errno, "cannot open %s", wg_conf_show_path(shown, sizeof(shown), path));
	wg_secret_guard();
	ret = wg_conf_read(dev, &resolve, &change_log, f, path, err);
	if (ret > 0 && whole)
		return wg_error_set(err, "%s has no section: expected [Interface] or [Peer]", path);
	if (ret < 0)
		return -1;
	return wg_resolve_run(&resolve, &change_log, NULL, err);
}

/* Sends what the file asks for and the device has not. */
static int sync_device(struct wg_device *dev, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *have = NULL;
	bool changed;

	if (interface_get(&have, dev->name, err) || wg_diff(dev, have, &changed, err))
		return -1;
	return changed ? interface_change(dev, have, err) : 0;
}

int verb_setconf(const struct wg_call *call, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	bool sync = !strcmp(call->verb->name, "syncconf");

	if (change_begin(dev, call->argv[0], err) || read_conf(dev, call->argv[1], sync, err))
		return 1;
	/* What the file does not mention is set to nothing. */
	if (!strcmp(call->verb->name, "setconf"))
		dev->flags |= WG_DEVICE_REPLACE_PEERS | wg_settings_flags(WG_SECTION_INTERFACE);
	return (sync ? sync_device(dev, err) : interface_set(dev, err)) ? 1 : 0;
}

// SPDX-License-Identifier: GPL-2.0
/* A configuration file read twice: what it says must leave nothing to send to a device that has
 * the same, and an error names the file. */
#include <stdio.h>
#include <stdlib.h>
#include "../../src/lib/conf/conf.h"
#include "../../src/lib/device/diff.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct wg_device *parse(const u8 *data, size_t size)
{
	struct wg_device *dev = wg_device_new();
	struct wg_resolve resolve = {0};
	struct wg_error err = {0};
	FILE *f = fmemopen((void *)(uintptr_t)data, size, "r");
	int ret = wg_conf_read(dev, &resolve, NULL, f, "f", &err);

	if (ret < 0 && strncmp(err.text, "f:", 2))
		abort();
	fclose(f);
	wg_resolve_wipe(&resolve);
	if (ret < 0) {
		wg_device_free(dev);
		return NULL;
	}
	return dev;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct wg_device *want, *have;
	struct wg_error err;
	bool changed;

	if (!size)
		return 0;
	want = parse(data, size);
	if (!want)
		return 0;
	have = wg_device_new();
	/* From nothing to the file: the change has each peer and prefix once, as a device would. */
	if (wg_diff(want, have, &changed, &err))
		abort();
	wg_device_free(have);
	have = want;
	want = parse(data, size);
	/* A sign in the file: it may say more to a device that has something. */
	for (const struct wg_peer *p = want->peers; p; p = p->next)
		if (!(p->flags & WG_PEER_REPLACE_ALLOWEDIPS))
			goto out;
	if (wg_diff(want, have, &changed, &err) || want->peers)
		abort();
out:
	wg_device_free(want);
	wg_device_free(have);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* The mark of the encrypted packets of a full tunnel, where the file gives none. */
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/device/backend.h"
#include "../host/test-hooks.h"
#include "ops.h"

static char *fwmark_command(const struct step *s, const char *ifname)
{
	return wg_format("wg set %s fwmark %u", ifname, s->fwmark);
}

static void fwmark_write(FILE *f, const struct step *s)
{
	fprintf(f, " %u", s->fwmark);
}

static bool fwmark_read(struct fields *c, struct step *s)
{
	return fields_take_number(c, &s->fwmark, UINT32_MAX);
}

static int fwmark_run(struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();

	memcpy(dev->name, r->name, strlen(r->name) + 1);
	dev->flags = WG_DEVICE_HAS_FWMARK;
	dev->fwmark = s->fwmark;
	return test_hooks_result(wg_backend_set(dev, err), err);
}

static int fwmark_order(const struct step *a, const struct step *b)
{
	return (a->fwmark > b->fwmark) - (a->fwmark < b->fwmark);
}

/* Without a full tunnel the mark does no harm, and a hook may have come to use it. */
static bool fwmark_replaces(const struct step *s, const struct step *old)
{
	(void)s, (void)old;
	return true;
}

static int fwmark_compare(const struct run *r, const struct step *s, enum step_state *state,
			  struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *dev = NULL;

	if (r->device_unreadable) {
		*state = STEP_UNKNOWN;
		return 0;
	}
	if (r->device) {
		*state = r->device->fwmark == s->fwmark ? STEP_PRESENT : STEP_DIFFERS;
		return 0;
	}
	if (wg_backend_get(&dev, r->name, err) < 0) {
		if (err->code != ENODEV && err->code != EOPNOTSUPP && err->code != EPROTONOSUPPORT)
			return -1;
		*state = STEP_MISSING;
		return 0;
	}
	*state = dev->fwmark == s->fwmark ? STEP_PRESENT : STEP_DIFFERS;
	return 0;
}

const struct step_ops step_fwmark_ops = {
	.name = "fwmark",
	.configures = true,
	.command = fwmark_command,
	.write = fwmark_write,
	.read = fwmark_read,
	.order = fwmark_order,
	.replaces = fwmark_replaces,
	.run = fwmark_run,
	.compare = fwmark_compare,
};

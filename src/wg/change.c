// SPDX-License-Identifier: GPL-2.0
/* A name is not cut to fit: that would change another interface. */
#include "change.h"

#include <stdio.h>
#include <string.h>
#include "../lib/command/arguments.h"

static void say(void *ctx, enum wg_log_level level, const char *text)
{
	(void)ctx;
	fprintf(stderr, "%s%s\n", level == WG_LOG_WARNING ? "Warning: " : "", text);
}

const struct wg_log change_log = {say, NULL};

int change_begin(struct wg_device *dev, const char *name, struct wg_error *err)
{
	char quoted[WG_ARGUMENTS_QUOTED];
	size_t len = strlen(name);

	if (!len || len >= sizeof(dev->name)) {
		wg_arguments_quote(quoted, name);
		return wg_error_set(err, "Unable to modify interface %s: expected a name of 1 to %zu characters",
				    quoted, sizeof(dev->name) - 1);
	}
	memcpy(dev->name, name, len + 1);
	return 0;
}

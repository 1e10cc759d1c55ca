// SPDX-License-Identifier: GPL-2.0
/* Keys, port, mark and peers of the file, given to whatever carries the link. */
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/device/backend.h"
#include "../host/test-hooks.h"
#include "ops.h"

/* As one word of a shell: unchanged where nothing in it is special. Free it. */
static char *shell_quote(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_=+.,:@%/-";
	char *out, *at;

	if (*s && s[strspn(s, plain)] == '\0')
		return wg_strndup(s, strlen(s));
	out = at = wg_alloc(4 * strlen(s) + 3);
	*at++ = '\'';
	for (; *s; s++) {
		if (*s == '\'')
			at = stpcpy(at, "'\\''");
		else
			*at++ = *s;
	}
	*at = '\'';
	return out;
}

static char *device_command(const struct step *s, const char *ifname)
{
	cleanup(free_ptr) char *arg = shell_quote(s->command);

	return wg_format("wg addconf %s <(wg-quick strip %s)", ifname, arg);
}

static void device_write(FILE *f, const struct step *s)
{
	fields_write_rest(f, s->command);
}

static bool device_read(struct fields *c, struct step *s)
{
	return fields_take_rest(c, &s->command);
}

static void device_wipe(struct step *s)
{
	free(s->command);
}

static int device_run(struct run *r, const struct step *s, struct wg_error *err)
{
	(void)s;
	return test_hooks_result(wg_backend_set(r->config->dev, err), err);
}

const struct step_ops step_device_ops = {
	.name = "device",
	.configures = true,
	.command = device_command,
	.write = device_write,
	.read = device_read,
	.wipe = device_wipe,
	.run = device_run,
};

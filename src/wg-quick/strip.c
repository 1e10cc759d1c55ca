/* SPDX-License-Identifier: GPL-2.0 */
/* `wg-quick strip`: the configuration without our keys, for `wg`, which will check it. No privilege
 * is needed but that of reading the file. */
#include "host/progress.h"
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include "../lib/base/cleanup.h"
#include "config/config.h"

int verb_strip(const struct wg_call *call, struct wg_error *err)
{
	cleanup(config_wipe) struct config c = { .strip = true };
	struct wg_error no_sudo;

	if (config_find(&c, call->argv[0], err))
		goto failed;
	if (config_read(&c, &progress_log, err))
		goto failed;
	for (size_t i = 0; i < c.rest.n; i++)
		puts(c.rest.s[i]);
	putchar('\n');
	if (fflush(stdout)) {
		wg_error_errno(err, errno, "cannot write to standard output");
		return 1;
	}
	return 0;
failed:
	/* Where only root may read the file, upstream asks for the password; so do we. Without
	 * sudo, the file is what cannot be opened. */
	if (err->code == EACCES)
		verb_become_root(call, &no_sudo);
	return 1;
}

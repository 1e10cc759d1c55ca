// SPDX-License-Identifier: GPL-2.0
/* `wg-quick status`: whether tunnels are as their files ask. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "reconcile/tunnel.h"
#include "verb.h"

enum {
	STATUS_AGREES = 0,
	STATUS_UNKNOWN = 1,
	STATUS_DIFFERS = 2,
	STATUS_NOT_UP = 3, /* as the status commands of init scripts have it (LSB) */
};

/* What is said of a tunnel that could not be compared. ENODEV: it is not up, or a `down' beside us has deleted its
 * interface. */
static int not_compared(const struct tunnel *t, struct wg_error *err)
{
	if (err->code != ENODEV)
		return STATUS_UNKNOWN;
	printf("%s: not up\n", t->c.name);
	err->text[0] = '\0';
	return STATUS_NOT_UP;
}

/* Prints the tunnel's state on standard output, and what keeps it from being known through err. */
static int show_one(const char *arg, struct wg_error *err)
{
	cleanup(tunnel_freep) struct tunnel *t = tunnel_new();

	if (tunnel_read(t, arg, err) < 0)
		return STATUS_UNKNOWN;
	if (tunnel_open(t, TUNNEL_LOOK, err) < 0 || tunnel_compare_file(t, err) < 0)
		return not_compared(t, err);
	if (tunnel_agrees(t)) {
		printf("%s: up, as %s asks\n", t->c.name, t->c.path);
		return STATUS_AGREES;
	}
	printf("%s: up, but not as %s asks; `wg-quick reload %s' would do:\n", t->c.name, t->c.path,
	       t->c.arg);
	tunnel_print_difference(t, stdout);
	err->text[0] = '\0';
	return STATUS_DIFFERS;
}

/* What is worst counts; a tunnel that is not up is worse than nothing only where all tunnels are. */
static int show_all(struct wg_error *err)
{
	struct dirent **list = NULL;
	int n = scandir(CONFDIR, &list, NULL, alphasort), status = STATUS_AGREES;

	if (n < 0)
		return wg_error_errno(err, errno, "cannot read %s", CONFDIR), STATUS_UNKNOWN;
	for (int i = 0; i < n; i++) {
		char *end = strstr(list[i]->d_name, ".conf");
		struct wg_error why = {0};
		int one;

		if (list[i]->d_name[0] != '.' && end && !end[5]) {
			*end = '\0';
			one = show_one(list[i]->d_name, &why);
			if (one == STATUS_UNKNOWN)
				printf("%s: %s\n", list[i]->d_name, why.text);
			if (one == STATUS_UNKNOWN || (one == STATUS_DIFFERS && status != STATUS_UNKNOWN))
				status = one;
		}
		free(list[i]);
	}
	free(list);
	return status;
}

int verb_status(const struct wg_call *call, struct wg_error *err)
{
	if (verb_become_root(call, err) < 0)
		return STATUS_UNKNOWN;
	return call->argc ? show_one(call->argv[0], err) : show_all(err);
}

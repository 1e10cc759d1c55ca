// SPDX-License-Identifier: GPL-2.0
/* The control group of programs that stay outside a full tunnel (`exec --bypass'): their sockets have the mark
 * of the encrypted packets, which the tunnel's rules let pass. It is not made by `up', but by the first such
 * program. */
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../host/cgroup.h"
#include "../host/test-hooks.h"
#include "ops.h"

static char *bypass_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("mkdir %s # its sockets get the mark %u", s->cgroup, s->fwmark);
}

static char *bypass_undo_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("rmdir %s", s->cgroup);
}

static void bypass_write(FILE *f, const struct step *s)
{
	fprintf(f, " %u", s->fwmark);
	fields_write_rest(f, s->cgroup);
}

static bool bypass_read(struct fields *c, struct step *s)
{
	return fields_take_number(c, &s->fwmark, UINT32_MAX) && fields_take_rest(c, &s->cgroup) &&
	       *s->cgroup == '/';
}

static void bypass_wipe(struct step *s)
{
	free(s->cgroup);
}

static int bypass_run(struct run *r, const struct step *s, struct wg_error *err)
{
	(void)r;
	return test_hooks_result(cgroup_make(s->cgroup, s->fwmark, err), err);
}

static enum undo_result bypass_undo(struct run *r, const struct step *s, bool sure, struct wg_error *err)
{
	int ret;

	(void)sure;
	if (!cgroup_exists(s->cgroup))
		return UNDO_DONE;
	step_echo_undo(r, s);
	ret = test_hooks_result(cgroup_remove(s->cgroup, err), err);
	if (ret > 0)
		wg_log_say(r->log, WG_LOG_WARNING, "the control group %s is left: programs that `wg-quick exec "
			   "--bypass %s' has started are in it", s->cgroup, r->name);
	return ret < 0 ? UNDO_REMAINS : UNDO_DONE;
}

const struct step_ops step_bypass_ops = {
	.name = "bypass",
	.undo_order = UNDO_SYSCTL,
	.command = bypass_command,
	.undo_command = bypass_undo_command,
	.write = bypass_write,
	.read = bypass_read,
	.wipe = bypass_wipe,
	.run = bypass_run,
	.undo = bypass_undo,
};

// SPDX-License-Identifier: GPL-2.0
/* A PreUp or PostUp hook. What it did is undone by the hooks for `down`, which the journal lists. */
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/hooks.h"
#include "ops.h"

static const char *const phases[HOOK_PHASES] = {
	[HOOK_PRE_UP] = "PreUp",
	[HOOK_POST_UP] = "PostUp",
	[HOOK_PRE_DOWN] = "PreDown",
	[HOOK_POST_DOWN] = "PostDown",
};

static char *hook_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("%s", s->command);
}

static void hook_write(FILE *f, const struct step *s)
{
	fprintf(f, " %s", phases[s->phase]);
	fields_write_rest(f, s->command);
}

static bool hook_read(struct fields *c, struct step *s)
{
	int phase = fields_take_index(c, phases, HOOK_PHASES);

	if (phase < 0)
		return false;
	s->phase = (enum hook_phase)phase;
	return fields_take_rest(c, &s->command);
}

static void hook_wipe(struct step *s)
{
	string_wipe(&s->command); /* it may hold secrets */
}

static int hook_run(struct run *r, const struct step *s, struct wg_error *err)
{
	const struct hook h = {.command = s->command, .phase = s->phase, .ifname = r->name,
			       .config = r->config_path, .limit = r->hook_limit};
	int status = hooks_run(&h, r->stop, err);

	if (!status)
		return 0;
	r->status = status;
	return -1;
}

const struct step_ops step_hook_ops = {
	.name = "hook",
	.command = hook_command,
	.write = hook_write,
	.read = hook_read,
	.wipe = hook_wipe,
	.run = hook_run,
};

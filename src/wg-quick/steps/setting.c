// SPDX-License-Identifier: GPL-2.0
/* A number under /proc/sys/net that Forward takes. Tunnels share it: it had its former value before the
 * first of them, and the last one puts that back. */
#include <errno.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/kernel-setting.h"
#include "../host/test-hooks.h"
#include "ops.h"

static char *write_command(const struct step *s, u32 value)
{
	return wg_format("sysctl -q %s=%u", s->setting, value);
}

static char *setting_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return write_command(s, s->value);
}

static char *setting_undo_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return write_command(s, s->former);
}

static void setting_write(FILE *f, const struct step *s)
{
	fields_write_word(f, s->setting);
	fprintf(f, " %u %u", s->value, s->former);
}

/* The name becomes a path. */
static bool is_below_net(const char *name)
{
	return name && !strncmp(name, "net/", 4) && !strstr(name, "/..");
}

static bool setting_read(struct fields *c, struct step *s)
{
	return fields_take_text(c, &s->setting) && is_below_net(s->setting) &&
	       fields_take_number(c, &s->value, UINT32_MAX) && fields_take_number(c, &s->former, UINT32_MAX);
}

static void setting_wipe(struct step *s)
{
	free(s->setting);
}

static int setting_order(const struct step *a, const struct step *b)
{
	return strcmp(a->setting, b->setting) ?: order_numbers(a->value, b->value);
}

static bool setting_equal(const struct step *a, const struct step *b)
{
	return !setting_order(a, b);
}

/* Under the lock, so that the `down` of another tunnel does not take it back a moment later: that looks
 * whether a journal lists this step, which this one does by now. */
static int setting_run(struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;
	u32 now;

	if (r->upcalls->lock_shared(r, &shared, err) < 0)
		return -1;
	/* The setting of a link that is gone. */
	if (!kernel_setting_get(s->setting, &now) || now == s->value)
		return 0;
	if (!test_hooks_result(kernel_setting_set(s->setting, s->value, err), err))
		return 0;
	return wg_error_prefix(err, "Forward");
}

static enum undo_result setting_undo(struct run *r, const struct step *s, bool sure, struct wg_error *err)
{
	cleanup(close_fd) int shared = -1;
	u32 now;

	(void)sure;
	if (r->upcalls->lock_shared(r, &shared, err) < 0)
		return UNDO_REMAINS;
	if (r->upcalls->other_tunnel_has(r, s, false) || !kernel_setting_get(s->setting, &now) ||
	    now != s->value)
		return UNDO_DONE;
	step_echo_undo(r, s);
	if (!test_hooks_result(kernel_setting_set(s->setting, s->former, err), err))
		return UNDO_DONE;
	/* Where it has become read-only there is nothing that trying again would better. */
	return err->code == EROFS || err->code == EACCES ? UNDO_COMPLAINT : UNDO_REMAINS;
}

static int setting_compare(const struct run *r, const struct step *s, enum step_state *state,
			   struct wg_error *err)
{
	u32 now;

	(void)r, (void)err;
	if (!kernel_setting_get(s->setting, &now))
		*state = STEP_REFUSED;
	else if (now == s->value)
		*state = STEP_PRESENT;
	else
		*state = kernel_setting_is_read_only(s->setting) ? STEP_REFUSED : STEP_MISSING;
	return 0;
}

const struct step_ops step_setting_ops = {
	.name = "setting",
	.undo_order = UNDO_SYSCTL,
	.command = setting_command,
	.undo_command = setting_undo_command,
	.write = setting_write,
	.read = setting_read,
	.wipe = setting_wipe,
	.equal = setting_equal,
	.order = setting_order,
	.run = setting_run,
	.undo = setting_undo,
	.compare = setting_compare,
};

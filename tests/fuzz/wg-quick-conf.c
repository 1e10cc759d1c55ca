// SPDX-License-Identifier: GPL-2.0
/* Configuration files of wg-quick, from text to a whole plan: nothing may go wrong but with a
 * sentence, and each step must survive the journal. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/lib/cleanup.h"
#include "../../src/wg-quick/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_step(const struct step *s)
{
	cleanup(free_ptr) char *command = step_command(s, "wg0");
	cleanup(free_ptr) char *undo = step_undo_command(s, "wg0");
	cleanup(free_ptr) char *line = NULL;
	struct step back;
	size_t len;
	FILE *f = open_memstream(&line, &len);

	step_write(f, s);
	fclose(f);
	if (!command || memchr(line, '\n', len) != line + len - 1 || !step_read(&back, line, len - 1))
		abort();
	step_wipe(&back);
}

static void check_plan(const struct config *c, bool no_ipv6)
{
	cleanup(plan_wipe) struct plan p = { 0 };
	struct netstate s = { .free_table = 51820, .no_ipv6 = no_ipv6 };
	struct wg_error err = { 0 };

	if (plan_link(c, &s, &p, &err) || plan_network(c, &s, NULL, &p, &err))
		return;
	for (size_t i = 0; i < p.n; i++)
		check_step(&p.steps[i]);
}

static void strip(const uint8_t *data, size_t size)
{
	struct config c = { .name = "wg0", .arg = "wg0", .path = "wg0.conf", .strip = true };
	struct wg_error err = { 0 };
	FILE *f = fmemopen((void *)(uintptr_t)data, size, "r");

	if (config_parse(&c, f, NULL, &err))
		abort();
	fclose(f);
	config_wipe(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c = { .name = "wg0", .arg = "wg0", .path = "wg0.conf" };
	struct wg_error err = { 0 };
	FILE *f;

	if (!size)
		return 0;
	strip(data, size);
	f = fmemopen((void *)(uintptr_t)data, size, "r");
	if (!config_parse(&c, f, NULL, &err)) {
		check_plan(&c, false);
		check_plan(&c, true);
	} else if (!err.text[0]) {
		abort();
	}
	fclose(f);
	config_wipe(&c);
	return 0;
}

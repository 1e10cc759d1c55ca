// SPDX-License-Identifier: GPL-2.0
/* Configuration files of wg-quick, from text to a whole plan: nothing may go wrong but with a
 * sentence, and each step must survive the journal. `check' finds an error where `up' stops, and
 * nowhere else. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../src/lib/base/cleanup.h"
#include "../../src/wg-quick/check/check-rules.h"
#include "../../src/wg-quick/plan/plan.h"

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

/* What `check' makes of a file that `up' refused, or not. */
static void check_file(const uint8_t *data, size_t size, bool refused)
{
	static const struct lan lans[] = {
		{.net = {.family = AF_INET, .cidr = 24, .addr = {10, 0, 0}}, .link = "lan0"},
		{.net = {.family = AF_INET6, .cidr = 64, .addr = {0xfd}}, .link = "lan0"},
	};
	cleanup(places_wipe) struct places p = {0};
	const struct wg_conf_sink sink = places_sink(&p);
	struct config c = {.name = "wg0", .arg = "wg0", .path = "wg0.conf", .sink = &sink};
	struct wg_error err = {0};
	FILE *f = fmemopen((void *)(uintptr_t)data, size, "r");
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (config_parse(&c, f, NULL, &err) && !p.n_findings)
		abort();
	fclose(f);
	if (places_have_error(&p) != refused)
		abort();
	check_rules(&c, lans, 2, &p);
	places_sort(&p);
	for (size_t i = 0; i < p.n_findings; i++)
		if (!p.findings[i].line || p.findings[i].line > lines || !*p.findings[i].sentence ||
		    (i && p.findings[i].line < p.findings[i - 1].line))
			abort();
	config_wipe(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config c = { .name = "wg0", .arg = "wg0", .path = "wg0.conf" };
	struct wg_error err = { 0 };
	bool refused;
	FILE *f;

	if (!size)
		return 0;
	strip(data, size);
	f = fmemopen((void *)(uintptr_t)data, size, "r");
	refused = config_parse(&c, f, NULL, &err);
	if (!refused) {
		check_plan(&c, false);
		check_plan(&c, true);
	} else if (!err.text[0]) {
		abort();
	}
	fclose(f);
	config_wipe(&c);
	check_file(data, size, refused);
	return 0;
}

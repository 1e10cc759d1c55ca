// SPDX-License-Identifier: GPL-2.0
/* State files: any text is either a state, whose steps can be written again, or refused with a
 * sentence; and of the latter what can be read counts. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../src/lib/base/cleanup.h"
#include "../../src/wg-quick/journal/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_step(const struct step *s)
{
	cleanup(free_ptr) char *undo = step_undo_command(s, "wg0");
	cleanup(free_ptr) char *line = NULL;
	struct step back;
	size_t len;
	FILE *f = open_memstream(&line, &len);

	step_write(f, s);
	fclose(f);
	if (!step_read(&back, line, len - 1))
		abort();
	step_wipe(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state st = { 0 };
	struct wg_error err = { 0 };

	if (state_parse(&st, (const char *)data, size, &err) < 0) {
		if (!err.text[0])
			abort();
		state_salvage(&st, (const char *)data, size);
	}
	if (st.done > st.steps.n)
		abort();
	for (size_t i = 0; i < st.claims.n; i++)
		check_step(&st.claims.steps[i]);
	for (size_t i = 0; i < st.steps.n; i++)
		check_step(&st.steps.steps[i]);
	state_wipe(&st);
	return 0;
}

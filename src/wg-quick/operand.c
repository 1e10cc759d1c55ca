// SPDX-License-Identifier: GPL-2.0
/* The operands of all verbs. Failures are silent: a word without candidates is all that a user at the
 * prompt should see of them. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include "../lib/base/cleanup.h"
#include "config/names.h"
#include "verb.h"

bool operand_exists(const char *word)
{
	cleanup(wg_names_free) struct wg_names names = {0};

	if (strchr(word, '/') || if_nametoindex(word))
		return true;
	names_list(&names);
	return wg_names_has(&names, word);
}

void complete_config(const struct wg_call *call)
{
	cleanup(wg_names_free) struct wg_names names = {0};

	if (call->argc >= call->verb->most)
		return;
	names_list(&names);
	for (size_t i = 0; i < names.n; i++)
		puts(names.name[i]);
	puts(":file");
}

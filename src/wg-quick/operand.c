// SPDX-License-Identifier: GPL-2.0
/* The operands of all verbs. Failures are silent: a word without candidates is all that a user at the
 * prompt should see of them. */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "../lib/base/cleanup.h"
#include "config/names.h"
#include "journal/journal.h"
#include "verb.h"

/* `status` is that of access(). Where the user may not look, a word with one dash is an operand: sudo has yet to be
 * asked. Two dashes are hardly the beginning of a tunnel's name. */
static bool may_exist(const char *word, int status)
{
	return !status || (errno == EACCES && word[1] != '-');
}

bool operand_exists(const char *word)
{
	char path[PATH_MAX];

	if (strchr(word, '/'))
		return word[1] != '-' || !access(word, F_OK);
	if (!names_is_valid(word, strlen(word)))
		return word[1] != '-' && !access(word, F_OK);
	snprintf(path, sizeof(path), "%s/%s.conf", CONFDIR, word);
	return if_nametoindex(word) || may_exist(word, access(path, F_OK)) || may_exist(word, journal_access(word));
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

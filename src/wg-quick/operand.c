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
#include "../lib/command/candidates.h"
#include "../lib/device/backend.h"
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

static void note_name(void *ctx, const struct state *st)
{
	if (names_is_valid(st->name, strlen(st->name)))
		wg_names_add(ctx, st->name);
}

static bool has_file(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s.conf", CONFDIR, name);
	return !access(path, F_OK) || errno == EACCES;
}

/* Those with a journal, and those that another wg-quick brought up. A user who may not look into the folders gets
 * the interfaces. */
static void list_up(struct wg_names *up)
{
	cleanup(wg_names_free) struct wg_names devices = {0};
	struct wg_error ignored;

	journal_each(note_name, up);
	(void)wg_backend_list(&devices, &ignored);
	for (size_t i = 0; i < devices.n; i++)
		if (names_is_valid(devices.name[i], strlen(devices.name[i])) && has_file(devices.name[i]))
			wg_names_add(up, devices.name[i]);
}

static bool is_given(const struct wg_call *call, const char *name)
{
	for (unsigned int i = 0; i < call->argc; i++)
		if (!strcmp(call->argv[i], name))
			return true;
	return false;
}

static void offer_tunnels(const struct wg_call *call, const struct wg_names *names, const struct wg_names *up)
{
	for (size_t i = 0; i < names->n; i++)
		if (!is_given(call, names->name[i]))
			wg_offer(names->name[i], wg_names_has(up, names->name[i]) ? "up" : "down");
}

/* A word without a slash is never a path (config_find). */
static void offer_files(const struct wg_call *call)
{
	if (strchr(call->line->words[call->line->at], '/'))
		wg_offer_files(".conf");
}

void complete_config(const struct wg_call *call)
{
	cleanup(wg_names_free) struct wg_names names = {0}, up = {0};

	if (call->argc >= call->verb->most)
		return;
	names_list(&names);
	list_up(&up);
	offer_tunnels(call, &names, &up);
	offer_files(call);
}

void complete_tunnel(const struct wg_call *call)
{
	cleanup(wg_names_free) struct wg_names names = {0}, up = {0};

	if (call->argc >= call->verb->most)
		return;
	list_up(&up);
	names_list(&names);
	for (size_t i = 0; i < up.n; i++)
		wg_names_add(&names, up.name[i]);
	offer_tunnels(call, &names, &up);
	offer_files(call);
}

void complete_tunnel_up(const struct wg_call *call)
{
	cleanup(wg_names_free) struct wg_names up = {0};

	if (call->argc >= call->verb->most)
		return;
	list_up(&up);
	offer_tunnels(call, &up, &up);
	offer_files(call);
}

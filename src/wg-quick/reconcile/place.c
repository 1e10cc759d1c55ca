// SPDX-License-Identifier: GPL-2.0
#include "place.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/netns.h"

/* A path may be another namespace's by now, and a namespace that lost its path may have processes. */
static int enter_journalled(const struct run *r, const struct state *st, struct wg_error *err)
{
	cleanup(close_fd) int fd = -1;
	struct wg_error ignored;
	int found;

	if (!netns_open(&fd, st->place_path, &ignored)) {
		if (netns_enter(fd, err) < 0)
			return -1;
		if (netns_cookie() == st->place)
			return 0;
		if (netns_return(err) < 0)
			return -1;
	}
	found = netns_enter_lost(st->place, err);
	if (found)
		return found < 0 ? -1 : 0;
	wg_log_say(r->log, WG_LOG_WARNING, "the network namespace %s of `%s' is gone, and what was in it",
		   st->place_path, st->name);
	return netns_enter_new(err);
}

static int enter_of_file(const struct config *c, enum place_use use, struct wg_error *err)
{
	cleanup(free_ptr) char *path = netns_path(c->netns);
	cleanup(close_fd) int fd = -1;

	if (!netns_open(&fd, path, err))
		return netns_enter(fd, err);
	if (err->code != ENOENT && err->code != ENOTDIR)
		return -1;
	if (use == PLACE_MAKE && !strchr(c->netns, '/'))
		return netns_enter_new(err);
	if (use == PLACE_THERE)
		err->code = ENODEV;
	return wg_error_prefix(err, "`%s' is not up", c->name);
}

int place_enter(struct run *r, const struct config *c, const struct state *st, enum place_use use,
		struct wg_error *err)
{
	bool was_away = netns_is_away(), by_journal = st && (st->place || !st->damage[0]);
	int ret = netns_return(err);

	if (!ret && by_journal && st->place && st->place_path)
		ret = enter_journalled(r, st, err);
	else if (!ret && !by_journal && c && c->netns)
		ret = enter_of_file(c, use, err);
	if (ret < 0 || !r->rtnl || (!was_away && !netns_is_away()))
		return ret;
	wg_rtnl_close(&r->rtnl);
	return wg_rtnl_open(&r->rtnl, err);
}

int place_set_underlay(const struct config *c, struct wg_error *err)
{
	cleanup(free_ptr) char *path = c->underlay ? netns_path(c->underlay) : NULL;

	return netns_set_underlay(path, err);
}

static bool differs(const char *where, const char *had)
{
	cleanup(free_ptr) char *path = where ? netns_path(where) : NULL;

	return path && had ? strcmp(path, had) : path != had;
}

int place_check(const struct config *c, const struct state *st, struct wg_error *err)
{
	const char *key = NULL;

	if (differs(c->netns, st->place ? st->place_path : NULL))
		key = "Namespace";
	else if (differs(c->underlay, st->underlay))
		key = "UnderlayNamespace";
	if (!key)
		return 0;
	return wg_error_set(err, "%s of %s is another than when `%s' came up, and a tunnel that is up cannot be "
			    "moved: take it down, and up again", key, c->path, c->name);
}

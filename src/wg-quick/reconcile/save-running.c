// SPDX-License-Identifier: GPL-2.0
/* `wg-quick save`: the files of a tunnel are edited so that they say what it is now. */
#include "save-running.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/secret.h"
#include "../../lib/device/backend.h"
#include "../../lib/device/uapi.h"
#include "../../lib/net/rtnl.h"
#include "../config/shares.h"
#include "../host/progress.h"
#include "../host/signals.h"
#include "../host/test-hooks.h"
#include "../plan/allowed.h"
#include "../plan/netstate.h"
#include "../steps/link.h"
#include "save-files.h"

/* Reads all of a file. Returns an errno value, 0 for success; *text is malloc'd. */
static int read_text(const char *path, char **text, size_t *len)
{
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t room;

	if (fd < 0 || fstat(fd, &st))
		return errno ?: EIO;
	if (!S_ISREG(st.st_mode))
		return EINVAL;
	room = (size_t)st.st_size;
	*text = wg_alloc(room + 1);
	*len = 0;
	while (*len < room) {
		ssize_t n = read(fd, *text + *len, room - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int code = n < 0 ? errno : EIO; /* cut by somebody else meanwhile */

			wg_secret_wipe(*text, room);
			free(*text);
			return code;
		}
		*len += (size_t)n;
	}
	return 0;
}

static int load_file(struct edit *e, const struct config *c, const char *path, struct wg_error *err)
{
	size_t len = 0;
	char *text = NULL;
	int code = read_text(path, &text, &len);

	if (code)
		return wg_error_errno(err, code, "cannot read %s", path);
	return edit_add(e, c->name, path, text, len, err);
}

int save_load(struct edit *e, const struct config *c, struct wg_error *err)
{
	if (load_file(e, c, c->path, err))
		return -1;
	for (size_t i = 0; i < c->drop_ins.n; i++)
		if (load_file(e, c, c->drop_ins.s[i], err))
			return -1;
	edit_index(e);
	return 0;
}

static int not_wireguard(const char *name, struct wg_error *err)
{
	return wg_error_set(err, "`%s' is not a WireGuard interface", name);
}

/* The link of the tunnel, by its index where that is known: it may have another name. A userspace data
 * path is asked by the name that it began with if it has not followed. */
static int find_running(struct wg_rtnl *rt, const struct config *c, u32 ifindex, struct wg_link *link,
		        const char **device, struct wg_error *err)
{
	int found = ifindex ? wg_rtnl_link_by_index(rt, ifindex, link, err)
			    : wg_rtnl_link(rt, c->name, link, err);

	if (found < 0)
		return -1;
	if (!found)
		return not_wireguard(c->name, err);
	*device = strcmp(link->kind, "wireguard") && !wg_uapi_has(link->name) ? c->name : link->name;
	return 0;
}

static bool has_ipv6(const struct wg_prefix *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].family == AF_INET6)
			return true;
	}
	return false;
}

static bool added_ipv6(const struct state *st)
{
	for (size_t i = 0; i < st->steps.n; i++) {
		const struct step *s = &st->steps.steps[i];

		if (s->kind == STEP_ADDRESS && s->prefix.family == AF_INET6)
			return true;
	}
	return false;
}

/* Appends the file's IPv6 addresses if the link could not have them: IPv6 is off for it now, or it
 * was when the tunnel came up. They have not been removed by anybody, so the file keeps them. */
static void keep_ipv6(const struct config *c, const struct state *st, const struct wg_link *link,
		      struct wg_prefix **list, size_t *n)
{
	bool off = !netstate_has_ipv6(link->name) || link->mtu < 1280;

	if (has_ipv6(*list, *n) || (!off && (!st || added_ipv6(st))))
		return;
	for (size_t i = 0; i < c->n_addresses; i++) {
		if (c->addresses[i].family != AF_INET6)
			continue;
		*list = wg_realloc(*list, *n + 1, sizeof(**list));
		(*list)[(*n)++] = c->addresses[i];
	}
}

/* The ports that the kernel takes a free one from. WireGuard's usual port is chosen by people. */
static bool is_free_choice(u16 port)
{
	static const char path[] = "/proc/sys/net/ipv4/ip_local_port_range";
	cleanup(close_file) FILE *f = fopen(path, "re");
	unsigned long low = 32768, high = 60999;
	char line[64], *behind;

	if (f && fgets(line, sizeof(line), f)) {
		low = strtoul(line, &behind, 10);
		high = strtoul(behind, NULL, 10);
	}
	return port >= low && port <= high && port != 51820;
}

/* Without a journal, a mark that a full tunnel has and that its file does not name was chosen by `up`. */
static u32 own_mark(const struct config *c, const struct state *st, const struct wg_device *dev)
{
	u32 mark = 0;

	for (size_t i = 0; st && i < st->steps.n; i++)
		if (st->steps.steps[i].kind == STEP_FWMARK)
			mark = st->steps.steps[i].fwmark;
	if (!st && c->table_mode == TABLE_AUTO && allowed_has_default(c, NULL))
		mark = dev->fwmark;
	return mark;
}

/* What `save` reads of a tunnel. */
struct reading {
	struct wg_rtnl *rt;
	struct wg_link link;
	const char *device; /* the name that the data path is asked by */
	struct wg_device *dev;
	struct wg_prefix *addresses;
	size_t n_addresses;
};

static void reading_wipe(struct reading *g)
{
	wg_device_freep(&g->dev);
	free(g->addresses);
	wg_rtnl_close(&g->rt);
}

static int read_device(struct reading *g, struct wg_error *err)
{
	test_hooks_link_found();
	if (wg_backend_get(&g->dev, g->device, err))
		return err->code == ENODEV || err->code == EOPNOTSUPP ? not_wireguard(g->device, err) : -1;
	test_hooks_link_found();
	/* Link-local addresses that the kernel made it will make again. */
	return wg_rtnl_addresses(g->rt, g->link.index, false, &g->addresses, &g->n_addresses, err);
}

/* Reads the tunnel. The tunnel's lock does not keep other programs from deleting the link meanwhile: then there is
 * none, whether it could be read or seemed to have no addresses any more. */
static int read_running(struct reading *g, const struct config *c, u32 ifindex, struct wg_error *err)
{
	int ret;

	if (wg_rtnl_open(&g->rt, err) || find_running(g->rt, c, ifindex, &g->link, &g->device, err))
		return -1;
	ret = read_device(g, err);
	return link_has_gone(g->rt, g->link.index, c->name, &signals_stop) ? not_wireguard(c->name, err) : ret;
}

int save_running(const struct config *c, const struct state *st, u32 ifindex, struct wg_error *err)
{
	cleanup(reading_wipe) struct reading g = {.device = c->name};
	cleanup(edit_freep) struct edit *e = edit_new(&progress_log);
	cleanup(save_files_freep) struct save_files *files = NULL;
	struct running now = { 0 };

	if (read_running(&g, c, ifindex, err))
		return -1;
	wg_device_drop_parting(g.dev);
	shares_spread(c, g.dev);
	keep_ipv6(c, st, &g.link, &g.addresses, &g.n_addresses);
	now.dev = g.dev;
	now.addresses = g.addresses;
	now.n_addresses = g.n_addresses;
	now.mtu = g.link.mtu;
	now.own_mark = own_mark(c, st, g.dev);
	now.port_is_chosen = is_free_choice(g.dev->listen_port);
	progress_command("wg showconf %s", g.device);
	if (save_load(e, c, err))
		return -1;
	edit_running(e, &now);
	return save_files_prepare(&files, e, err) || save_files_commit(files, err) ? -1 : 0;
}

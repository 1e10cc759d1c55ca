// SPDX-License-Identifier: GPL-2.0
/* The kernel's WireGuard devices: what is asked of it, and what its refusals mean. */
#include "kernel.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include "../base/cleanup.h"
#include "../base/encoding.h"
#include "../base/printable.h"
#include "../net/genl.h"
#include "../net/rtnl.h"

/* How often a dump that changed under our hands is begun again before we give up. */
#define DUMP_TRIES 1000

int wg_kernel_list(struct wg_names *names, struct wg_error *err)
{
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	cleanup(free_ptr) struct wg_link *links = NULL;
	size_t n = 0;

	if (wg_rtnl_open(&rt, err) < 0 || wg_rtnl_links(rt, WG_GENL_NAME, &links, &n, err) < 0)
		return wg_error_prefix(err, "Unable to list interfaces");
	for (size_t i = 0; i < n; i++)
		wg_names_add(names, links[i].name);
	return 0;
}

static int read_reply(const struct nlmsghdr *nlh, void *ctx)
{
	return wg_kernel_read(nlh, ctx);
}

static int get_once(struct wg_genl *g, struct wg_device **dev, const char *name,
		    struct wg_error *err)
{
	cleanup(wg_device_freep) struct wg_device *fresh = wg_device_new();
	struct nlmsghdr *nlh = wg_genl_prepare(g, WG_CMD_GET_DEVICE, NLM_F_ACK | NLM_F_DUMP);

	mnl_attr_put_strz(nlh, WGDEVICE_A_IFNAME, name);
	if (wg_genl_request(g, nlh, read_reply, fresh, err) < 0)
		return -1;
	if (!fresh->name[0])
		strcpy(fresh->name, name);
	*dev = steal_ptr(&fresh);
	return 0;
}

int wg_kernel_get(struct wg_device **dev, const char *name, struct wg_error *err)
{
	cleanup(wg_genl_close) struct wg_genl g = {0};
	char shown[IFNAMSIZ];
	int tries = DUMP_TRIES;
	int ret;

	wg_printable(shown, sizeof(shown), name);
	if (!name[0] || strlen(name) >= IFNAMSIZ)
		return wg_error_errno(err, ENODEV, "Unable to access interface %s", shown);
	ret = wg_genl_open(&g, WG_GENL_NAME, WG_GENL_VERSION, err);
	if (!ret) {
		do
			ret = get_once(&g, dev, name, err);
		while (ret < 0 && err->code == EINTR && --tries);
	}
	return ret < 0 ? wg_error_prefix(err, "Unable to access interface %s", shown) : 0;
}

static bool removes_allowedips(const struct wg_device *dev)
{
	for (const struct wg_peer *p = dev->peers; p; p = p->next) {
		for (const struct wg_allowedip *ip = p->allowedips; ip; ip = ip->next) {
			if (ip->flags & WG_ALLOWEDIP_REMOVE_ME)
				return true;
		}
	}
	return false;
}

/* What the kernel checks before it touches anything. */
static bool refused_at_once(const struct wg_kernel_sent *s, int code)
{
	return s->settings && (code == EPERM || code == ENODEV || code == EOPNOTSUPP);
}

static void write_range(FILE *f, size_t from, size_t to)
{
	if (from == to)
		fprintf(f, "peer %zu", from);
	else
		fprintf(f, "peers %zu to %zu", from, to);
}

static void write_refused(FILE *f, const struct wg_kernel_sent *s)
{
	char key[WG_KEY_BASE64_LEN + 1];

	fprintf(f, "; refused, perhaps applied in part: %s",
		s->settings ? "the interface's settings" : "");
	if (s->to < s->from)
		return;
	wg_key_to_base64(key, s->first->public_key);
	fputs(s->settings ? " and " : "", f);
	write_range(f, s->from, s->to);
	fprintf(f, ", beginning with %s", key);
}

/* The kernel works through a message in order and keeps what it did before it met an error: a
 * refused message may be applied in part, one before it is applied and one behind it is not. */
static void write_extent(char *text, size_t size, const struct wg_device *dev,
			 const struct wg_kernel_sent *s)
{
	FILE *f = fmemopen(text, size, "w");

	if (!f)
		return;
	if (!s->settings)
		fputs("; applied: the interface's settings", f);
	if (s->from > 1) {
		fputs(" and ", f);
		write_range(f, 1, s->from - 1);
	}
	write_refused(f, s);
	if (s->to < dev->n_peers) {
		fputs("; not applied: ", f);
		write_range(f, s->to + 1, dev->n_peers);
	}
	fclose(f);
}

int wg_kernel_refused(struct wg_error *err, const struct wg_device *dev,
		      const struct wg_kernel_sent *sent)
{
	char extent[512] = "", why[256], shown[IFNAMSIZ];
	int code = err->code;

	snprintf(why, sizeof(why), "%.255s", err->text);
	if (!refused_at_once(sent, code))
		write_extent(extent, sizeof(extent), dev, sent);
	wg_error_set(err, "Unable to modify interface %s: %s%s%s",
		     wg_printable(shown, sizeof(shown), dev->name), why,
		     code == EINVAL && removes_allowedips(dev)
			     ? " (removing single allowed IPs takes Linux 6.16 or later)"
			     : "",
		     extent);
	err->code = code;
	return -1;
}

static int send_all(struct wg_genl *g, const struct wg_device *dev, struct wg_error *err)
{
	struct wg_kernel_writer w = {.dev = dev};
	int more;

	do {
		struct nlmsghdr *nlh = wg_genl_prepare(g, WG_CMD_SET_DEVICE, NLM_F_ACK);
		struct wg_kernel_sent s = {!w.begun, w.peers_done + 1, 0, w.begun ? w.peer : dev->peers};

		more = wg_kernel_write(&w, nlh, WG_GENL_BUF);
		s.to = w.peers_done + w.split;
		if (wg_genl_request(g, nlh, NULL, NULL, err) < 0)
			return wg_kernel_refused(err, dev, &s);
	} while (more > 0);
	return 0;
}

int wg_kernel_set(const struct wg_device *dev, struct wg_error *err)
{
	cleanup(wg_genl_close) struct wg_genl g = {0};
	char shown[IFNAMSIZ];

	if (wg_genl_open(&g, WG_GENL_NAME, WG_GENL_VERSION, err) < 0)
		return wg_error_prefix(err, "Unable to modify interface %s",
				       wg_printable(shown, sizeof(shown), dev->name));
	return send_all(&g, dev, err);
}

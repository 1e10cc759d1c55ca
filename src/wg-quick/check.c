// SPDX-License-Identifier: GPL-2.0
/* `wg-quick check`: all mistakes of files at once. It reads them as `up` does, with a parser that goes
 * on after a mistake; then come the rules. Standard output has one paragraph a finding. */
#include "verb.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/conf/conf-quote.h"
#include "../lib/net/rtnl.h"
#include "check/check-files.h"
#include "check/check-host.h"
#include "check/check-rules.h"
#include "config/config.h"

/* The machine's networks; of both families, in one list. */
struct lans {
	struct lan *list;
	size_t n;
};

static void lans_free(struct lans *l)
{
	free(l->list);
}

static void add_lan(struct lans *l, struct wg_rtnl *rt, const struct wg_route *r, const char *tunnel)
{
	struct wg_error ignored;
	struct wg_link link;

	if (!r->dst.cidr || wg_rtnl_link_by_index(rt, r->oif, &link, &ignored) <= 0 ||
	    !strcmp(link.name, tunnel) || !strcmp(link.name, "lo"))
		return;
	/* Link-local addresses are of every link. */
	if (r->dst.family == AF_INET6 && r->dst.addr[0] == 0xfe)
		return;
	l->list = wg_realloc(l->list, l->n + 1, sizeof(*l->list));
	l->list[l->n] = (struct lan){.net = r->dst};
	memcpy(l->list[l->n++].link, link.name, sizeof(link.name));
}

/* Where the kernel does not answer, nothing is known. */
static void find_lans(struct lans *l, const char *tunnel)
{
	static const u8 families[] = {AF_INET, AF_INET6};
	cleanup(wg_rtnl_close) struct wg_rtnl *rt = NULL;
	struct wg_error ignored;

	if (wg_rtnl_open(&rt, &ignored))
		return;
	for (size_t i = 0; i < sizeof(families); i++) {
		cleanup(free_ptr) struct wg_route *routes = NULL;
		size_t n = 0;

		if (wg_rtnl_routes(rt, families[i], RT_TABLE_MAIN, 0, &routes, &n, &ignored))
			continue;
		for (size_t j = 0; j < n; j++)
			add_lan(l, rt, &routes[j], tunnel);
	}
}

static void print_finding(const char *path, const struct finding *f)
{
	const struct wg_conf_code_row *row = wg_conf_code(f->code);

	printf("%s:%u:%zu: %s: %s [%s]\n", f->file ? f->file : path, f->line, f->column ? f->column : 1,
	       row->warning ? "warning" : "error", f->sentence, row->code);
	if (*f->quote)
		puts(f->quote);
	printf("    fix: %s\n", row->fix);
}

/* A file that cannot be found or read. */
static void add_failure(struct places *p, enum wg_conf_code code, const struct wg_error *err)
{
	places_add(p, code, NULL, "%s", err->text);
}

/* Whether the file has no error. *denied: only root may read it. */
static bool check_one(const char *arg, bool *denied)
{
	cleanup(config_wipe) struct config c = {0};
	cleanup(places_wipe) struct places p = {0};
	cleanup(lans_free) struct lans lans = {0};
	size_t size = strlen(arg) + sizeof(WG_CONF_HIDDEN);
	cleanup(free_ptr) char *given = wg_alloc(size);
	const struct wg_conf_sink sink = places_sink(&p);
	const char *shown = c.path;
	struct wg_error err = {0};
	bool readable;

	c.sink = &sink;
	p.main_file = c.path;
	if (config_find(&c, arg, &err)) {
		*denied = err.code == EACCES;
		shown = err.code ? wg_conf_show_path(given, size, arg) : c.path;
		add_failure(&p, err.code ? WG_CODE_FILE_UNREADABLE : WG_CODE_FILE_NAME, &err);
	}
	/* A file whose name is no interface's can be read all the same. */
	readable = !err.code && !config_read(&c, NULL, &err);
	if (!readable && !p.n_findings) {
		*denied = err.code == EACCES;
		add_failure(&p, WG_CODE_FILE_UNREADABLE, &err);
	}
	/* Of a list that was cut short, nothing can be said that depends on all of it. */
	if (readable && !p.cut_short) {
		find_lans(&lans, c.name);
		check_rules(&c, lans.list, lans.n, &p);
	}
	if (readable) {
		check_files(&c, &p);
		check_host(&c, &p);
	}
	places_sort(&p);
	for (size_t i = 0; i < p.n_findings && !*denied; i++)
		print_finding(shown, &p.findings[i]);
	return !places_have_error(&p);
}

int verb_check(const struct wg_call *call, struct wg_error *err)
{
	int status = 0;

	for (unsigned int i = 0; i < call->argc; i++) {
		bool denied = false;

		if (!check_one(call->argv[i], &denied))
			status = 1;
		/* As for strip: root is asked for only where it is needed. */
		if (denied && verb_become_root(call, err))
			return 1;
	}
	return status;
}

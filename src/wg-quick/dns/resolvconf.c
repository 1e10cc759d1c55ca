// SPDX-License-Identifier: GPL-2.0
/* resolvconf, in the form that openresolv, Debian's resolvconf and resolvectl's all take: -m 0 -x
 * puts the tunnel's servers before all others (openresolv), -f accepts that the entry is gone. */
#include "dns.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/process.h"
#include "server.h"

/* openresolv may restart a name server, for which systemd allows 90 seconds by itself. */
#ifdef WG_TEST_HOOKS
#define TIME_LIMIT_MS 5000
#else
#define TIME_LIMIT_MS 90000
#endif

/* Whether the program that `available` has found is a symbolic link. */
static bool is_link;

static bool find_program(char path[static PATH_MAX])
{
	return wg_process_find("resolvconf", path, PATH_MAX);
}

/* Whether the program is systemd's resolvectl under another name: it does over D-Bus what the backend
 * "resolved" does, but for routing domains. */
static bool is_resolvectl(const char *program)
{
	cleanup(free_ptr) char *real = realpath(program, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL;

	return slash && !strcmp(slash, "/resolvectl");
}

static int resolvconf_available(const struct dns_request *d, bool automatic, struct wg_error *note,
				struct wg_error *err)
{
	char path[PATH_MAX];
	struct stat st;

	(void)d, (void)note;
	is_link = true;
	if (!find_program(path)) {
		wg_error_set(err, "there is no resolvconf");
		err->code = ENOENT;
		return -1;
	}
	is_link = lstat(path, &st) || S_ISLNK(st.st_mode);
	if (automatic && is_link && is_resolvectl(path)) {
		wg_error_set(err, "resolvconf is that of systemd-resolved");
		err->code = 0;
		return -1;
	}
	return 0;
}

/* Debian's resolvconf orders its entries by name, after the patterns of this file; the first
 * pattern that is a plain word and an asterisk is the best place to be had. openresolv and
 * systemd's resolvectl, to which the name then is a symbolic link, do not do that. */
void dns_resolvconf_prefix(char prefix[static 64])
{
	cleanup(close_file) FILE *f = NULL;
	char line[256];

	prefix[0] = '\0';
	if (is_link)
		return;
	f = fopen(SYSCONFDIR "/resolvconf/interface-order", "re");
	while (f && fgets(line, sizeof(line), f)) {
		char *word = line + strspn(line, " \t");
		size_t len = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "0123456789-");
		size_t end = len + 1;

		if (!len || word[len] != '*')
			continue;
		end += strspn(word + end, " \t\n");
		if (word[end] || len + 2 > 64)
			continue;
		memcpy(prefix, word, len);
		memcpy(prefix + len, ".", 2);
		return;
	}
}

/* The lines of resolv.conf that it reads. Free it. */
static char *lines_of(const struct dns_request *d)
{
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	for (size_t i = 0; i < d->servers->n; i++)
		fprintf(f, "nameserver %.*s\n", (int)dns_server_name_at(d->servers->s[i]),
			d->servers->s[i]);
	for (size_t i = 0; i < d->domains->n; i++)
		fprintf(f, "%s%s%s", i ? " " : "search ", d->domains->s[i],
			i + 1 == d->domains->n ? "\n" : "");
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

static int run_resolvconf(const struct wg_process *p, struct wg_error *err)
{
	err->text[0] = '\0';
	return wg_process_explain(wg_process_run(p, err), "resolvconf", err);
}

static int resolvconf_set(const struct dns_request *d, struct wg_error *err)
{
	const char *const argv[] = {"resolvconf", "-a", d->name, "-m", "0", "-x", NULL};
	cleanup(free_ptr) char *text = lines_of(d);
	const struct wg_process p = {
		.argv = argv, .input = text, .input_len = strlen(text), .stop = d->stop,
		.limit_ms = TIME_LIMIT_MS};

	return run_resolvconf(&p, err);
}

/* Without a resolvconf there is nothing to do. */
static int resolvconf_undo(const struct dns_request *d, bool sure, struct wg_error *err)
{
	const char *const argv[] = {"resolvconf", "-d", d->name, "-f", NULL};
	const struct wg_process p = {.argv = argv, .stop = d->stop, .limit_ms = TIME_LIMIT_MS};
	char path[PATH_MAX];

	(void)sure;
	return find_program(path) ? run_resolvconf(&p, err) : 0;
}

static char *resolvconf_command(const struct dns_request *d)
{
	return wg_format("resolvconf -a %s -m 0 -x", d->name);
}

static char *resolvconf_undo_command(const struct dns_request *d)
{
	return wg_format("resolvconf -d %s -f", d->name);
}

const struct dns_backend_ops dns_resolvconf = {
	.word = "resolvconf",
	.available = resolvconf_available,
	.set = resolvconf_set,
	.undo = resolvconf_undo,
	.command = resolvconf_command,
	.undo_command = resolvconf_undo_command,
};

// SPDX-License-Identifier: GPL-2.0
/* The servers of a tunnel that has a network namespace of its own: the resolv.conf that `ip netns exec' and
 * `wg-quick exec' put in the place of /etc/resolv.conf for programs there. Its first line proves whose it
 * is. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/netns.h"
#include "../host/test-hooks.h"
#include "ops.h"

#define ETC_NETNS "/etc/netns"

/* Free these. */
static char *folder_of(const struct step *s)
{
	return wg_format(ETC_NETNS "/%s", s->netns);
}

static char *path_of(const struct step *s)
{
	return wg_format(ETC_NETNS "/%s/resolv.conf", s->netns);
}

static char *first_line(const char *ifname)
{
	return wg_format("# Made by wg-quick for the tunnel %s, and removed with it.\n", ifname);
}

static char *file_text(const struct step *s, const char *ifname)
{
	cleanup(free_ptr) char *first = first_line(ifname);
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	fputs(first, f);
	for (size_t i = 0; i < s->dns_search.n; i++)
		fprintf(f, "%s%s%s", i ? " " : "search ", s->dns_search.s[i],
			i + 1 == s->dns_search.n ? "\n" : "");
	for (size_t i = 0; i < s->dns_servers.n; i++)
		fprintf(f, "nameserver %s\n", s->dns_servers.s[i]);
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

static char *netns_dns_command(const struct step *s, const char *ifname)
{
	cleanup(free_ptr) char *path = path_of(s);
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	(void)ifname;
	if (!f)
		wg_alloc_failed();
	fputs("printf '%s\\n'", f);
	for (size_t i = 0; i < s->dns_search.n; i++)
		fprintf(f, " 'search %s'", s->dns_search.s[i]);
	for (size_t i = 0; i < s->dns_servers.n; i++)
		fprintf(f, " 'nameserver %s'", s->dns_servers.s[i]);
	fprintf(f, " > %s", path);
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

static char *netns_dns_undo_command(const struct step *s, const char *ifname)
{
	cleanup(free_ptr) char *path = path_of(s);

	(void)ifname;
	return wg_format("rm %s", path);
}

static void netns_dns_write(FILE *f, const struct step *s)
{
	fields_write_word(f, s->netns);
	fprintf(f, " %zu", s->dns_servers.n);
	for (size_t i = 0; i < s->dns_servers.n; i++)
		fields_write_word(f, s->dns_servers.s[i]);
	for (size_t i = 0; i < s->dns_search.n; i++)
		fields_write_word(f, s->dns_search.s[i]);
}

static bool take_strings(struct fields *c, struct strings *list, u32 most)
{
	while (c->s && list->n < most) {
		cleanup(free_ptr) char *text = NULL;

		if (!fields_take_text(c, &text))
			return false;
		strings_add(list, text, strlen(text));
	}
	return true;
}

static bool netns_dns_read(struct fields *c, struct step *s)
{
	u32 servers;

	return fields_take_text(c, &s->netns) && netns_is_name(s->netns, strlen(s->netns)) &&
	       fields_take_number(c, &servers, UINT16_MAX) && take_strings(c, &s->dns_servers, servers) &&
	       s->dns_servers.n == servers && take_strings(c, &s->dns_search, UINT16_MAX);
}

static void netns_dns_wipe(struct step *s)
{
	free(s->netns);
	strings_free(&s->dns_servers);
	strings_free(&s->dns_search);
}

static int order_strings(const struct strings *a, const struct strings *b)
{
	int order = order_numbers(a->n, b->n);

	for (size_t i = 0; !order && i < a->n; i++)
		order = strcmp(a->s[i], b->s[i]);
	return order;
}

static int netns_dns_order(const struct step *a, const struct step *b)
{
	return strcmp(a->netns, b->netns) ?: order_strings(&a->dns_servers, &b->dns_servers) ?:
	       order_strings(&a->dns_search, &b->dns_search);
}

static bool netns_dns_replaces(const struct step *s, const struct step *old)
{
	return !strcmp(s->netns, old->netns);
}

/* What is there, to *text, which is malloc'd. */
static int read_file(const struct step *s, const char *ifname, enum step_state *state, char **text,
		     struct wg_error *err)
{
	cleanup(free_ptr) char *path = path_of(s), *first = first_line(ifname);
	cleanup(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char buf[PATH_MAX];
	struct stat st;
	ssize_t n;

	*text = NULL;
	*state = STEP_MISSING;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	*state = STEP_FOREIGN;
	if (fd < 0 && errno == ELOOP)
		return 0;
	if (fd < 0 || fstat(fd, &st))
		return wg_error_errno(err, errno, "cannot open %s", path);
	n = S_ISREG(st.st_mode) ? read(fd, buf, sizeof(buf) - 1) : 0;
	if (n < 0)
		return wg_error_errno(err, errno, "cannot read %s", path);
	buf[n] = '\0';
	if (!strncmp(buf, first, strlen(first))) {
		*state = STEP_DIFFERS;
		*text = wg_format("%s", buf);
	}
	return 0;
}

static int netns_dns_compare(const struct run *r, const struct step *s, enum step_state *state,
			     struct wg_error *err)
{
	cleanup(free_ptr) char *text = NULL, *wanted = file_text(s, r->name);

	if (read_file(s, r->name, state, &text, err) < 0)
		return -1;
	if (text && !strcmp(text, wanted))
		*state = STEP_PRESENT;
	return 0;
}

static int write_file(const char *path, const char *text, struct wg_error *err)
{
	cleanup(close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	size_t len = strlen(text);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len || fchmod(fd, 0644))
		return wg_error_errno(err, errno, "cannot write %s", path);
	return 0;
}

static int netns_dns_run(struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(free_ptr) char *folder = folder_of(s), *path = path_of(s), *old = NULL;
	cleanup(free_ptr) char *next = wg_format("%s.wg-quick-%s", path, r->name), *text = file_text(s, r->name);
	enum step_state state;
	int ret;

	if (read_file(s, r->name, &state, &old, err) < 0)
		return -1;
	if (state == STEP_FOREIGN)
		return wg_error_set(err, "%s is there, and was not made for `%s': take DNS out of the tunnel's "
				    "file, or remove that one", path, r->name);
	if ((mkdir(ETC_NETNS, 0755) && errno != EEXIST) || (mkdir(folder, 0755) && errno != EEXIST))
		return wg_error_errno(err, errno, "cannot create the folder %s", folder);
	unlink(next); /* of a run that was killed */
	if (write_file(next, text, err) < 0) {
		unlink(next);
		return -1;
	}
	/* One that somebody else has made meanwhile stays. */
	ret = state == STEP_MISSING ? link(next, path) : rename(next, path);
	if (ret)
		wg_error_errno(err, errno, "cannot create %s", path);
	unlink(next);
	return test_hooks_result(ret, err);
}

static enum undo_result netns_dns_undo(struct run *r, const struct step *s, bool sure, struct wg_error *err)
{
	cleanup(free_ptr) char *folder = folder_of(s), *path = path_of(s), *old = NULL;
	cleanup(free_ptr) char *next = wg_format("%s.wg-quick-%s", path, r->name);
	enum step_state state;

	(void)sure;
	unlink(next);
	if (read_file(s, r->name, &state, &old, err) < 0)
		return UNDO_REMAINS;
	if (state == STEP_FOREIGN)
		wg_log_say(r->log, WG_LOG_WARNING, "%s is not as it was made for `%s': it is left alone", path,
			   r->name);
	if (state == STEP_DIFFERS) {
		step_echo_undo(r, s);
		if (test_hooks_result(unlink(path) && errno != ENOENT ?
				      wg_error_errno(err, errno, "cannot remove %s", path) : 0, err) < 0)
			return UNDO_REMAINS;
	}
	rmdir(folder); /* where it is empty */
	return UNDO_DONE;
}

const struct step_ops step_netns_dns_ops = {
	.name = "netns-dns",
	.undo_order = UNDO_DNS,
	.command = netns_dns_command,
	.undo_command = netns_dns_undo_command,
	.write = netns_dns_write,
	.read = netns_dns_read,
	.wipe = netns_dns_wipe,
	.order = netns_dns_order,
	.replaces = netns_dns_replaces,
	.run = netns_dns_run,
	.undo = netns_dns_undo,
	.compare = netns_dns_compare,
};

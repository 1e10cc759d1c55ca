// SPDX-License-Identifier: GPL-2.0
/* The servers and search domains of a tunnel. resolvconf gets them as lines of resolv.conf. The journal
 * has the same text, because every released version reads and writes it. */
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/dns.h"
#include "ops.h"

#define SERVER "nameserver "
#define SEARCH "search "

/* Free it. */
static char *resolv_text(const struct step *s)
{
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	for (size_t i = 0; i < s->dns_servers.n; i++)
		fprintf(f, SERVER "%s\n", s->dns_servers.s[i]);
	for (size_t i = 0; i < s->dns_search.n; i++)
		fprintf(f, "%s%s%s", i ? " " : SEARCH, s->dns_search.s[i],
			i + 1 == s->dns_search.n ? "\n" : "");
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

/* The reverse, for exactly what resolv_text makes. */
static bool read_resolv_text(struct step *s, const char *text)
{
	size_t len;

	for (; !strncmp(text, SERVER, strlen(SERVER)); text += len + (text[len] == '\n')) {
		text += strlen(SERVER);
		len = strcspn(text, "\n");
		strings_add(&s->dns_servers, text, len);
	}
	if (!strncmp(text, SEARCH, strlen(SEARCH))) {
		text += strlen(SEARCH) - 1;
		while (*text == ' ') {
			len = strcspn(++text, " \n");
			strings_add(&s->dns_search, text, len);
			text += len;
		}
		text += *text == '\n';
	}
	return !*text;
}

static char *dns_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("resolvconf -a %s -m 0 -x", s->dns_name);
}

static char *dns_undo_command(const struct step *s, const char *ifname)
{
	(void)ifname;
	return wg_format("resolvconf -d %s -f", s->dns_name);
}

static void dns_write(FILE *f, const struct step *s)
{
	cleanup(free_ptr) char *text = resolv_text(s);

	fields_write_word(f, s->dns_name);
	fields_write_rest(f, text);
}

static bool dns_read(struct fields *c, struct step *s)
{
	cleanup(free_ptr) char *text = NULL, *again = NULL;

	if (!fields_take_text(c, &s->dns_name) || !fields_take_rest(c, &text) ||
	    !read_resolv_text(s, text))
		return false;
	again = resolv_text(s);
	return !strcmp(again, text);
}

static void dns_wipe(struct step *s)
{
	free(s->dns_name);
	strings_free(&s->dns_servers);
	strings_free(&s->dns_search);
}

static int order_strings(const struct strings *a, const struct strings *b)
{
	int order = (a->n > b->n) - (a->n < b->n);

	for (size_t i = 0; !order && i < a->n; i++)
		order = strcmp(a->s[i], b->s[i]);
	return order;
}

static int dns_order(const struct step *a, const struct step *b)
{
	return strcmp(a->dns_name, b->dns_name) ?: order_strings(&a->dns_servers, &b->dns_servers) ?:
	       order_strings(&a->dns_search, &b->dns_search);
}

/* resolvconf keeps one entry of a name. */
static bool dns_replaces(const struct step *s, const struct step *old)
{
	return !strcmp(s->dns_name, old->dns_name);
}

static int dns_run(struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(free_ptr) char *text = resolv_text(s);
	int status = dns_set(s->dns_name, text, r->stop, err);

	if (status)
		r->status = status;
	return status ? -1 : 0;
}

static enum undo_result dns_undo(struct run *r, const struct step *s, bool sure,
				 struct wg_error *err)
{
	int status;

	step_echo_undo(r, s);
	status = dns_unset(s->dns_name, r->stop, err);
	if (!status || !sure)
		return UNDO_DONE;
	if (r->status <= 1)
		r->status = status;
	return UNDO_COMPLAINT;
}

const struct step_ops step_dns_ops = {
	.name = "dns",
	.undo_order = UNDO_DNS,
	.command = dns_command,
	.undo_command = dns_undo_command,
	.write = dns_write,
	.read = dns_read,
	.wipe = dns_wipe,
	.order = dns_order,
	.replaces = dns_replaces,
	.run = dns_run,
	.undo = dns_undo,
};

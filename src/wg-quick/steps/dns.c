// SPDX-License-Identifier: GPL-2.0
/* The servers and search domains of a tunnel, and the backend that sets them (../dns/dns.h). The journal
 * has them as lines of resolv.conf, because every released version reads and writes that; where they are not
 * resolvconf's, or may be refused, lines that those versions do not know stand before them. */
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../dns/dns.h"
#include "link.h"
#include "ops.h"

#define OPTIONAL "optional\n"
#define BACKEND	 "backend "
#define ALL	 "all\n"
#define SERVER	 "nameserver "
#define SEARCH	 "search "

/* Free it. */
static char *journal_text(const struct step *s)
{
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	if (s->dns_optional)
		fputs(OPTIONAL, f);
	if (dns_ops(s->dns_backend) != dns_ops(DNS_RESOLVCONF))
		fprintf(f, BACKEND "%s\n", dns_ops(s->dns_backend)->word);
	if (s->dns_all)
		fputs(ALL, f);
	for (size_t i = 0; i < s->dns_servers.n; i++)
		fprintf(f, SERVER "%s\n", s->dns_servers.s[i]);
	for (size_t i = 0; i < s->dns_search.n; i++)
		fprintf(f, "%s%s%s", i ? " " : SEARCH, s->dns_search.s[i],
			i + 1 == s->dns_search.n ? "\n" : "");
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

/* Moves past `line` if the text begins with it. */
static bool take_line(const char **text, const char *line)
{
	size_t len = strlen(line);

	if (strncmp(*text, line, len) != 0)
		return false;
	*text += len;
	return true;
}

/* The reverse, for exactly what journal_text makes. */
static bool read_journal_text(struct step *s, const char *text)
{
	size_t len;

	s->dns_optional = take_line(&text, OPTIONAL);
	s->dns_backend = DNS_RESOLVCONF;
	if (take_line(&text, BACKEND)) {
		len = strcspn(text, "\n");
		s->dns_backend = dns_backend_by_word(text, len);
		text += len + (text[len] == '\n');
	}
	if (s->dns_backend == DNS_AUTO)
		return false;
	s->dns_all = take_line(&text, ALL);
	for (; take_line(&text, SERVER); text += len + (text[len] == '\n')) {
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

static struct dns_request request(const struct step *s, const char *ifname)
{
	return (struct dns_request){
		.ifname = ifname,
		.name = s->dns_name,
		.servers = &s->dns_servers,
		.domains = &s->dns_search,
		.all = s->dns_all,
	};
}

static struct dns_request request_of_run(const struct run *r, const struct step *s)
{
	struct dns_request d = request(s, r->name);

	d.ifindex = r->ifindex;
	d.stop = r->stop;
	d.log = r->log;
	return d;
}

static char *dns_command(const struct step *s, const char *ifname)
{
	const struct dns_request d = request(s, ifname);

	return dns_ops(s->dns_backend)->command(&d);
}

static char *dns_undo_command(const struct step *s, const char *ifname)
{
	const struct dns_request d = request(s, ifname);

	return dns_ops(s->dns_backend)->undo_command(&d);
}

static void dns_write(FILE *f, const struct step *s)
{
	cleanup(free_ptr) char *text = journal_text(s);

	fields_write_word(f, s->dns_name);
	fields_write_rest(f, text);
}

static bool dns_read(struct fields *c, struct step *s)
{
	cleanup(free_ptr) char *text = NULL, *again = NULL;

	if (!fields_take_text(c, &s->dns_name) || !fields_take_rest(c, &text) ||
	    !read_journal_text(s, text))
		return false;
	again = journal_text(s);
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
	int order = order_numbers(a->n, b->n);

	for (size_t i = 0; !order && i < a->n; i++)
		order = strcmp(a->s[i], b->s[i]);
	return order;
}

static int dns_order(const struct step *a, const struct step *b)
{
	return order_numbers(a->dns_backend, b->dns_backend) ?: order_numbers(a->dns_all, b->dns_all) ?:
	       strcmp(a->dns_name, b->dns_name) ?: order_strings(&a->dns_servers, &b->dns_servers) ?:
	       order_strings(&a->dns_search, &b->dns_search);
}

/* A backend keeps one entry of a name. */
static bool dns_replaces(const struct step *s, const struct step *old)
{
	return s->dns_backend == old->dns_backend && !strcmp(s->dns_name, old->dns_name);
}

static void forget_seen(const struct run *r)
{
	for (size_t i = 0; r->dns_seen && i < DNS_NONE; i++) {
		free(r->dns_seen->text[i]);
		r->dns_seen->text[i] = NULL;
	}
}

static bool was_stopped(const struct run *r)
{
	return r->stop && *r->stop;
}

static int dns_run(struct run *r, const struct step *s, struct wg_error *err)
{
	const struct dns_request d = request_of_run(r, s);
	int status = dns_ops(s->dns_backend)->set(&d, err);
	cleanup(free_ptr) char *why = NULL;

	forget_seen(r);
	r->dns_refused = false;
	if (!status)
		return 0;
	r->status = status;
	if (was_stopped(r))
		return -1;
	why = wg_format("%s", err->text);
	if (!s->dns_optional)
		return wg_error_set(err, "%.1200s; DNSRequired = no brings `%s' up without its DNS servers, and "
				    "another DNSBackend may take them", why, r->name);
	wg_log_say(r->log, WG_LOG_WARNING, "%s; `%s' is up without its DNS servers: another DNSBackend may "
		   "take them", why, r->name);
	r->status = 1;
	r->dns_refused = true;
	return r->upcalls->note_dns_refused(r, err);
}

static enum undo_result dns_undo(struct run *r, const struct step *s, bool sure,
				 struct wg_error *err)
{
	struct dns_request d = request_of_run(r, s);
	struct wg_error ignored;
	struct wg_link link;
	int status;

	forget_seen(r);
	sure &= !s->dns_refused;
	if (dns_ops(s->dns_backend)->goes_with_link) {
		if (link_find(r, &link, &ignored) <= 0)
			return UNDO_DONE;
		d.ifindex = link.index;
	}
	step_echo_undo(r, s);
	status = dns_ops(s->dns_backend)->undo(&d, sure, err);
	if (!status || !sure)
		return UNDO_DONE;
	if (s->dns_optional && !was_stopped(r)) {
		wg_log_say(r->log, WG_LOG_WARNING, "%s", err->text);
		return UNDO_DONE;
	}
	if (r->status <= 1)
		r->status = status;
	return UNDO_COMPLAINT;
}

/* Both texts of dns_backend_ops.read, the first from r->dns_seen where it has been read. */
static int read_back(const struct run *r, const struct step *s, char **text, char **wanted,
		     struct wg_error *err)
{
	struct dns_request d = request_of_run(r, s);
	char **seen = r->dns_seen ? &r->dns_seen->text[s->dns_backend] : NULL;

	/* Then nobody is asked, and it only says what is wanted. */
	if (seen && *seen)
		d.ifindex = 0;
	if (dns_ops(s->dns_backend)->read(&d, text, wanted, err) < 0)
		return -1;
	if (seen && *seen) {
		free(*text);
		*text = wg_format("%s", *seen);
	} else if (seen) {
		*seen = wg_format("%s", *text);
	}
	return 0;
}

static int dns_compare(const struct run *r, const struct step *s, enum step_state *state,
		       struct wg_error *err)
{
	cleanup(free_ptr) char *text = NULL, *wanted = NULL;

	*state = STEP_UNKNOWN;
	if (!dns_ops(s->dns_backend)->read)
		return 0;
	if (read_back(r, s, &text, &wanted, err) < 0)
		return s->dns_optional && !was_stopped(r) ? 0 : -1;
	if (!strcmp(text, wanted))
		*state = STEP_PRESENT;
	else
		*state = *text ? STEP_DIFFERS : STEP_MISSING;
	return 0;
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
	.compare = dns_compare,
};

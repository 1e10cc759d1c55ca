// SPDX-License-Identifier: GPL-2.0
/* systemd-resolved, over D-Bus (org.freedesktop.resolve1(5)). It keeps servers and domains of a link by
 * its index and forgets them with the link. Its file /etc/resolv.conf is not touched here. */
#include "dns.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/prefix.h"
#include "../host/test-hooks.h"
#include "bus.h"
#include "server.h"

#define BUS_NAME  "org.freedesktop.DBus"
#define BUS_PATH  "/org/freedesktop/DBus"
#define NAME	  "org.freedesktop.resolve1"
#define PATH	  "/org/freedesktop/resolve1"
#define MANAGER	  NAME ".Manager"
#define LINK	  NAME ".Link"
#define COMM	  "systemd-resolve" /* /proc has 15 characters of a name */
#define WAY_OUT	  "systemctl enable --now systemd-resolved, or set DNSBackend = file"

/* Setting a link up takes resolved milliseconds; starting a service may take a while. */
#ifdef WG_TEST_HOOKS
#define ANSWER_MS 2000
#define START_MS  2000
#else
#define ANSWER_MS 10000
#define START_MS  25000
#endif

/* Both return the error of making the message in *r. Only `start` has D-Bus start the service. */
static sd_bus_message *new_call(struct bus *b, const char *destination, const char *path,
				const char *interface, const char *member, int *r)
{
	sd_bus_message *m = NULL;

	*r = bus_lib.sd_bus_message_new_method_call(b->bus, &m, destination, path, interface, member);
	if (*r >= 0)
		*r = bus_lib.sd_bus_message_set_auto_start(m, false);
	return m;
}

static sd_bus_message *new_link_call(struct bus *b, const struct dns_request *d, const char *member,
				     int *r)
{
	sd_bus_message *m = new_call(b, NAME, PATH, MANAGER, member, r);

	if (*r >= 0)
		*r = bus_lib.sd_bus_message_append(m, "i", (int)d->ifindex);
	return m;
}

static bool is_error(const struct bus_failure *f, const char *name)
{
	return !strcmp(f->name, name);
}

static bool is_unknown_method(const struct bus_failure *f)
{
	return is_error(f, BUS_NAME ".Error.UnknownMethod") || is_error(f, BUS_NAME ".Error.UnknownProperty");
}

static bool is_absent(const struct bus_failure *f)
{
	return is_error(f, BUS_NAME ".Error.NameHasNoOwner") || is_error(f, BUS_NAME ".Error.ServiceUnknown");
}

static bool is_no_such_link(const struct bus_failure *f)
{
	return is_error(f, NAME ".NoSuchLink");
}

/* Calls a method of the bus itself that takes a name; *number is what it returns. */
static int ask_bus(struct bus *b, const char *member, bool has_flags, unsigned int limit_ms, uint32_t *number,
		   struct bus_failure *f, struct wg_error *err)
{
	cleanup(bus_reply_freep) sd_bus_message *reply = NULL;
	int r;
	sd_bus_message *m = new_call(b, BUS_NAME, BUS_PATH, BUS_NAME, member, &r);

	if (r >= 0)
		r = has_flags ? bus_lib.sd_bus_message_append(m, "su", NAME, 0)
			      : bus_lib.sd_bus_message_append(m, "s", NAME);
	if (bus_call(b, m, r, limit_ms, &reply, f, err) < 0)
		return -1;
	return bus_lib.sd_bus_message_read(reply, "u", number) < 0
		       ? wg_error_set(err, "D-Bus answers in a form that is not known") : 0;
}

/* Process 1 of systemd starts the service if it is enabled. */
static int start(struct bus *b, struct wg_error *err)
{
	struct bus_failure f;
	uint32_t ignored;

	if (!ask_bus(b, "StartServiceByName", true, START_MS, &ignored, &f, err))
		return 0;
	return f.name[0] ? wg_error_set(err, "systemd-resolved is not running, and D-Bus cannot start it: "
					"use: " WAY_OUT) : -1;
}

/* Whether process `pid` is in our network namespace: 1, 0, or -1 where it cannot be told, as where the
 * number is of another process namespace. Files of /proc/PID/net have an inode for each network namespace,
 * which needs no privilege to be seen, as /proc/PID/ns does. */
static int shares_network(uint32_t pid)
{
	cleanup(free_ptr) char *comm = wg_format("/proc/%u/comm", pid);
	cleanup(free_ptr) char *net = wg_format("/proc/%u/net/dev", pid);
	cleanup(close_file) FILE *f = fopen(comm, "re");
	char name[sizeof(COMM) + 1] = "";
	struct stat its, own;

	if (!f || !fgets(name, sizeof(name), f))
		return -1;
	name[strcspn(name, "\n")] = '\0';
	if (strcmp(name, COMM) != 0 || stat(net, &its) || stat("/proc/self/net/dev", &own))
		return -1;
	return its.st_ino == own.st_ino && its.st_dev == own.st_dev;
}

/* Whether a line of a file begins with `first` and has `word` further on. */
static bool file_says(const char *path, const char *first, const char *word)
{
	cleanup(close_file) FILE *f = fopen(path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		char *rest = NULL, *at = strtok_r(line, " \t\n", &rest);

		if (!at || strcmp(at, first) != 0)
			continue;
		while ((at = strtok_r(NULL, " \t\n", &rest)))
			if (!strcmp(at, word))
				return true;
	}
	return false;
}

/* Whether programs of this machine ask resolved: by its stub, or by its module of the C library. */
static bool is_asked(void)
{
	return file_says("/etc/resolv.conf", "nameserver", "127.0.0.53") ||
	       file_says("/etc/resolv.conf", "nameserver", "127.0.0.54") ||
	       file_says("/etc/nsswitch.conf", "hosts:", "resolve");
}

static int check_servers(const struct dns_request *d, struct wg_error *err)
{
	for (size_t i = 0; i < d->servers->n; i++) {
		struct dns_server s;

		if (dns_server_parse(&s, d->servers->s[i], err) < 0)
			return wg_error_prefix(err, "systemd-resolved");
		if (s.zone[0] && strcmp(s.zone, d->ifname) != 0)
			return wg_error_set(err, "systemd-resolved asks `%.64s' through `%s' only: take "
					    "the zone out", d->servers->s[i], d->ifname);
	}
	return 0;
}

static int find_resolved(const struct dns_request *d, bool automatic, struct wg_error *note,
			 struct wg_error *err)
{
	cleanup(bus_close) struct bus b = {0};
	struct bus_failure f;
	uint32_t pid;
	int shares;

	if (bus_open(&b, d->stop, err) < 0)
		return wg_error_prefix(err, "systemd-resolved cannot be reached");
	if (ask_bus(&b, "GetConnectionUnixProcessID", false, ANSWER_MS, &pid, &f, err) < 0) {
		if (!is_absent(&f))
			return wg_error_prefix(err, "systemd-resolved cannot be reached");
		if (automatic)
			return wg_error_set(err, "systemd-resolved is not running");
		if (start(&b, err) < 0 ||
		    ask_bus(&b, "GetConnectionUnixProcessID", false, ANSWER_MS, &pid, &f, err) < 0)
			return -1;
	}
	shares = shares_network(pid);
	if (!shares || (automatic && shares < 0))
		return wg_error_set(err, "systemd-resolved manages another network namespace than this one: "
				    "set DNSBackend = file, with a resolv.conf of this namespace's own");
	if (automatic && !is_asked())
		return wg_error_set(err, "systemd-resolved is running, but /etc/resolv.conf does not lead "
				    "to it");
	if (!is_asked())
		wg_error_set(note, "/etc/resolv.conf does not lead to systemd-resolved: programs that read it "
			     "ask other DNS servers than the tunnel's");
	return check_servers(d, err);
}

static int resolved_available(const struct dns_request *d, bool automatic, struct wg_error *note,
			      struct wg_error *err)
{
	int ret = find_resolved(d, automatic, note, err);

	/* No program is missing, whatever libsystemd says. */
	if (ret < 0)
		err->code = 0;
	return ret;
}

/* Domains as resolved keeps them: without the dot at the end. */
struct domain {
	const char *name;
	size_t len;
	bool route; /* for routing only */
};

/* The n-th domain of the request, where the one behind the last is that of all names. False: no more. */
static bool get_domain(const struct dns_request *d, size_t i, struct domain *out)
{
	const char *s = i < d->domains->n ? d->domains->s[i] : "~.";

	if (i > d->domains->n || (i == d->domains->n && !d->all))
		return false;
	*out = (struct domain){.route = *s == '~'};
	out->name = s + out->route;
	out->len = strlen(out->name);
	if (out->len > 1 && out->name[out->len - 1] == '.')
		out->len--;
	return true;
}

/* Whether an earlier one is the same: resolved keeps one of them. */
static bool is_repeated_domain(const struct dns_request *d, size_t at)
{
	struct domain a, b;

	if (!get_domain(d, at, &a))
		return false;
	for (size_t i = 0; i < at && get_domain(d, i, &b); i++)
		if (a.len == b.len && !strncasecmp(a.name, b.name, a.len))
			return true;
	return false;
}

static size_t address_len(u8 family)
{
	return family == AF_INET6 ? 16 : 4;
}

/* The n-th server, with the port as resolved keeps it: those of DNS and of DNS over TLS are none. False: no
 * address, which `available` refuses. */
static bool get_server(const struct dns_request *d, size_t i, struct dns_server *s)
{
	struct wg_error ignored;

	if (dns_server_parse(s, d->servers->s[i], &ignored) < 0)
		return false;
	if (s->port == 53 || s->port == 853)
		s->port = 0;
	return true;
}

static bool is_repeated_server(const struct dns_request *d, size_t at)
{
	struct dns_server a, b;

	if (!get_server(d, at, &a))
		return false;
	for (size_t i = 0; i < at && get_server(d, i, &b); i++)
		if (a.family == b.family && !memcmp(a.addr, b.addr, address_len(a.family)) &&
		    a.port == b.port && !strcmp(a.name, b.name))
			return true;
	return false;
}

/* Appends the servers; `extended`: with ports and names. Returns libsystemd's error. */
static int append_servers(sd_bus_message *m, const struct dns_request *d, bool extended)
{
	const char *item = extended ? "iayqs" : "iay";
	int r = bus_lib.sd_bus_message_open_container(m, 'a', extended ? "(iayqs)" : "(iay)");

	for (size_t i = 0; r >= 0 && i < d->servers->n; i++) {
		struct dns_server s;

		if (is_repeated_server(d, i) || !get_server(d, i, &s))
			continue;
		r = bus_lib.sd_bus_message_open_container(m, 'r', item);
		if (r >= 0)
			r = bus_lib.sd_bus_message_append(m, "i", s.family);
		if (r >= 0)
			r = bus_lib.sd_bus_message_append_array(m, 'y', s.addr, address_len(s.family));
		if (r >= 0 && extended)
			r = bus_lib.sd_bus_message_append(m, "qs", s.port, s.name);
		if (r >= 0)
			r = bus_lib.sd_bus_message_close_container(m);
	}
	return r < 0 ? r : bus_lib.sd_bus_message_close_container(m);
}

static bool has_extras(const struct dns_request *d)
{
	for (size_t i = 0; i < d->servers->n; i++) {
		struct dns_server s;

		if (get_server(d, i, &s) && (s.port || *s.name))
			return true;
	}
	return false;
}

static int append_domains(sd_bus_message *m, const struct dns_request *d)
{
	int r = bus_lib.sd_bus_message_open_container(m, 'a', "(sb)");
	struct domain domain;

	for (size_t i = 0; r >= 0 && get_domain(d, i, &domain); i++) {
		cleanup(free_ptr) char *name = wg_strndup(domain.name, domain.len);

		if (!is_repeated_domain(d, i))
			r = bus_lib.sd_bus_message_append(m, "(sb)", name, (int)domain.route);
	}
	return r < 0 ? r : bus_lib.sd_bus_message_close_container(m);
}

static int send_call(struct bus *b, sd_bus_message *m, int r, struct bus_failure *f, struct wg_error *err)
{
	cleanup(bus_reply_freep) sd_bus_message *reply = NULL;

	test_hooks_boundary();
	return test_hooks_result(bus_call(b, m, r, ANSWER_MS, &reply, f, err), err);
}

static int set_servers(struct bus *b, const struct dns_request *d, struct bus_failure *f,
		       struct wg_error *err)
{
	sd_bus_message *m;
	int r;

	m = new_link_call(b, d, "SetLinkDNSEx", &r);
	if (r >= 0)
		r = append_servers(m, d, true);
	if (!send_call(b, m, r, f, err))
		return 0;
	if (!is_unknown_method(f))
		return -1;
	if (has_extras(d))
		return wg_error_set(err, "it takes no port or name of a DNS server, being older than "
				    "version 246");
	m = new_link_call(b, d, "SetLinkDNS", &r);
	if (r >= 0)
		r = append_servers(m, d, false);
	return send_call(b, m, r, f, err);
}

/* The domains come first: from the moment that servers are known, all names that are the tunnel's go to
 * them and to no others. */
static int set_link(struct bus *b, const struct dns_request *d, struct bus_failure *f, struct wg_error *err)
{
	sd_bus_message *m;
	int r;

	m = new_link_call(b, d, "SetLinkDomains", &r);
	if (r >= 0)
		r = append_domains(m, d);
	if (send_call(b, m, r, f, err) < 0)
		return -1;
	m = new_link_call(b, d, "SetLinkDefaultRoute", &r);
	if (r >= 0)
		r = bus_lib.sd_bus_message_append(m, "b", (int)d->all);
	/* Before version 240 the domains alone decide. */
	if (send_call(b, m, r, f, err) < 0 && !is_unknown_method(f))
		return -1;
	return set_servers(b, d, f, err);
}

static int revert(struct bus *b, const struct dns_request *d, struct wg_error *err)
{
	struct bus_failure f;
	int r;
	sd_bus_message *m = new_link_call(b, d, "RevertLink", &r);

	if (!send_call(b, m, r, &f, err) || is_no_such_link(&f) || is_absent(&f))
		return 0;
	return -1;
}

static int resolved_set(const struct dns_request *d, struct wg_error *err)
{
	cleanup(bus_close) struct bus b = {0};
	struct wg_error no_matter;
	struct bus_failure f = {0};

	if (bus_open(&b, d->stop, err) < 0 || set_link(&b, d, &f, err) < 0) {
		if (is_no_such_link(&f))
			wg_error_set(err, "it does not know `%s': it manages another network namespace", d->ifname);
		if (is_error(&f, NAME ".LinkBusy"))
			wg_error_set(err, "systemd-networkd manages `%s': leave it out there, by Unmanaged=yes in a "
				     ".network file", d->ifname);
		wg_error_prefix(err, "systemd-resolved does not take the DNS servers of `%s'", d->ifname);
		if (b.bus)
			revert(&b, d, &no_matter);
		return 1;
	}
	return 0;
}

static int resolved_undo(const struct dns_request *d, bool sure, struct wg_error *err)
{
	cleanup(bus_close) struct bus b = {0};

	(void)sure;
	if (!d->ifindex)
		return 0;
	if (bus_open(&b, d->stop, err) < 0 || revert(&b, d, err) < 0) {
		wg_error_prefix(err, "cannot take the DNS servers of `%s' from systemd-resolved", d->ifname);
		return 1;
	}
	return 0;
}

/* A line for each server and domain, in resolved's order, which is that of setting them. */
static void write_server(FILE *f, u8 family, const u8 *addr, u16 port, const char *name)
{
	struct wg_prefix p = {.family = family, .cidr = family == AF_INET6 ? 128 : 32};
	char text[WG_PREFIX_STRLEN];

	memcpy(p.addr, addr, address_len(family));
	fprintf(f, "server %s port %u name %s\n", wg_prefix_format(text, &p), port, name);
}

static void write_domain(FILE *f, const char *name, size_t len, bool route)
{
	fprintf(f, "domain %s", route ? "~" : "");
	for (size_t i = 0; i < len; i++)
		fputc(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i], f);
	fputc('\n', f);
}

static void write_wanted(FILE *f, const struct dns_request *d)
{
	struct domain domain;
	struct dns_server s;

	for (size_t i = 0; i < d->servers->n; i++)
		if (!is_repeated_server(d, i) && get_server(d, i, &s))
			write_server(f, s.family, s.addr, s.port, s.name);
	for (size_t i = 0; get_domain(d, i, &domain); i++)
		if (!is_repeated_domain(d, i))
			write_domain(f, domain.name, domain.len, domain.route);
	fprintf(f, "default-route %s\n", d->all ? "yes" : "no");
}

/* Reads a property of the link's object. Returns 0 with *reply standing in the variant. */
static int get_property(struct bus *b, const char *path, const char *property, const char *type,
			sd_bus_message **reply, struct bus_failure *f, struct wg_error *err)
{
	int r;
	sd_bus_message *m = new_call(b, NAME, path, BUS_NAME ".Properties", "Get", &r);

	if (r >= 0)
		r = bus_lib.sd_bus_message_append(m, "ss", LINK, property);
	if (bus_call(b, m, r, ANSWER_MS, reply, f, err) < 0)
		return -1;
	if (bus_lib.sd_bus_message_enter_container(*reply, 'v', type) >= 0)
		return 0;
	return wg_error_set(err, "systemd-resolved answers in a form that is not known");
}

static int read_servers(struct bus *b, const char *path, FILE *f, struct wg_error *err)
{
	cleanup(bus_reply_freep) sd_bus_message *reply = NULL;
	struct bus_failure failure;
	bool extended = true;
	int32_t family;

	if (get_property(b, path, "DNSEx", "a(iayqs)", &reply, &failure, err) < 0) {
		extended = false;
		if (!is_unknown_method(&failure) ||
		    get_property(b, path, "DNS", "a(iay)", &reply, &failure, err) < 0)
			return -1;
	}
	bus_lib.sd_bus_message_enter_container(reply, 'a', extended ? "(iayqs)" : "(iay)");
	while (bus_lib.sd_bus_message_enter_container(reply, 'r', extended ? "iayqs" : "iay") > 0) {
		const char *name = "";
		const void *addr;
		uint16_t port = 0;
		size_t size;

		if (bus_lib.sd_bus_message_read(reply, "i", &family) < 0 ||
		    bus_lib.sd_bus_message_read_array(reply, 'y', &addr, &size) < 0 ||
		    (extended && bus_lib.sd_bus_message_read(reply, "qs", &port, &name) < 0) ||
		    size != address_len((u8)family))
			break;
		write_server(f, (u8)family, addr, port, name ? name : "");
		bus_lib.sd_bus_message_exit_container(reply);
	}
	return 0;
}

static int read_domains(struct bus *b, const char *path, FILE *f, struct wg_error *err)
{
	cleanup(bus_reply_freep) sd_bus_message *reply = NULL;
	struct bus_failure failure;
	const char *name;
	int route;

	if (get_property(b, path, "Domains", "a(sb)", &reply, &failure, err) < 0)
		return -1;
	bus_lib.sd_bus_message_enter_container(reply, 'a', "(sb)");
	while (bus_lib.sd_bus_message_read(reply, "(sb)", &name, &route) > 0)
		write_domain(f, name, strlen(name), route);
	return 0;
}

static int read_default_route(struct bus *b, const char *path, bool wanted, FILE *f, struct wg_error *err)
{
	cleanup(bus_reply_freep) sd_bus_message *reply = NULL;
	struct bus_failure failure;
	int is = wanted;

	if (get_property(b, path, "DefaultRoute", "b", &reply, &failure, err) < 0) {
		if (!is_unknown_method(&failure))
			return -1;
	} else {
		bus_lib.sd_bus_message_read(reply, "b", &is);
	}
	fprintf(f, "default-route %s\n", is ? "yes" : "no");
	return 0;
}

/* Writes nothing where resolved does not know the link, or is not there. */
static int read_link(struct bus *b, const struct dns_request *d, FILE *f, struct wg_error *err)
{
	cleanup(bus_reply_freep) sd_bus_message *reply = NULL;
	struct bus_failure failure;
	const char *path;
	int r;
	sd_bus_message *m = new_link_call(b, d, "GetLink", &r);

	if (bus_call(b, m, r, ANSWER_MS, &reply, &failure, err) < 0)
		return is_no_such_link(&failure) || is_absent(&failure) ? 0 : -1;
	if (bus_lib.sd_bus_message_read(reply, "o", &path) < 0)
		return wg_error_set(err, "systemd-resolved answers in a form that is not known");
	if (read_servers(b, path, f, err) < 0 || read_domains(b, path, f, err) < 0)
		return -1;
	return read_default_route(b, path, d->all, f, err);
}

static int resolved_read(const struct dns_request *d, char **text, char **wanted, struct wg_error *err)
{
	cleanup(bus_close) struct bus b = {0};
	size_t size, wanted_size;
	FILE *f = open_memstream(text, &size), *w = open_memstream(wanted, &wanted_size);
	int ret = 0;

	if (!f || !w)
		wg_alloc_failed();
	write_wanted(w, d);
	/* Without a bus nothing is set. */
	if (d->ifindex && !bus_open(&b, d->stop, err))
		ret = read_link(&b, d, f, err);
	if (fclose(f) || fclose(w))
		wg_alloc_failed();
	if (!ret)
		return 0;
	free(*text);
	free(*wanted);
	return wg_error_prefix(err, "cannot read the DNS servers of `%s' from systemd-resolved", d->ifname);
}

/* One word of a shell, as the words of a DNS line can be. */
static void write_word(FILE *f, const char *word)
{
	fputs(" '", f);
	for (; *word; word++)
		*word == '\'' ? fputs("'\\''", f) : fputc(*word, f);
	fputc('\'', f);
}

static char *resolved_command(const struct dns_request *d)
{
	struct domain domain;
	size_t size;
	char *text;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		wg_alloc_failed();
	fprintf(f, "resolvectl domain %s", d->ifname);
	for (size_t i = 0; get_domain(d, i, &domain); i++)
		write_word(f, i < d->domains->n ? d->domains->s[i] : "~.");
	if (!d->domains->n && !d->all)
		write_word(f, "");
	fprintf(f, " && resolvectl default-route %s %s && resolvectl dns %s", d->ifname,
		d->all ? "yes" : "no", d->ifname);
	for (size_t i = 0; i < d->servers->n; i++)
		write_word(f, d->servers->s[i]);
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

static char *resolved_undo_command(const struct dns_request *d)
{
	return wg_format("resolvectl revert %s", d->ifname);
}

const struct dns_backend_ops dns_resolved = {
	.word = "resolved",
	.routes = true,
	.goes_with_link = true,
	.available = resolved_available,
	.set = resolved_set,
	.undo = resolved_undo,
	.read = resolved_read,
	.command = resolved_command,
	.undo_command = resolved_undo_command,
};

// SPDX-License-Identifier: GPL-2.0
/* The record is text, with a line for each peer: its key, its endpoint or "-", and the options of `wg set`
 * for the other settings that the file gave. Endpoints are compared as text, before any lookup: a name
 * that now has another address is no change of the file, and `reload` works while the resolver is out of
 * reach. */
#include "applied.h"
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/encoding.h"
#include "../../lib/device/setting.h"

#define HEADER    "wg-quick-applied 2\n"
#define HEADER_V1 "wg-quick-applied 1\n"

/* An endpoint that the file gives by name is still in the queue of lookups. */
struct named_endpoint {
	const struct wg_peer *peer;
	struct wg_resolve_job *job;
};

struct named_endpoints {
	struct named_endpoint *list; /* sorted by the peer's address in memory; malloc'd */
	size_t n;
};

static int by_peer(const void *x, const void *y)
{
	const struct named_endpoint *a = x, *b = y;

	return (a->peer > b->peer) - (a->peer < b->peer);
}

static void list_named(struct named_endpoints *named, const struct wg_resolve *resolve)
{
	*named = (struct named_endpoints){.list = wg_realloc(NULL, resolve->n_jobs + 1,
							     sizeof(*named->list))};
	for (struct wg_resolve_job *job = resolve->jobs; job; job = job->next)
		if (job->peer)
			named->list[named->n++] = (struct named_endpoint){job->peer, job};
	qsort(named->list, named->n, sizeof(*named->list), by_peer);
}

static struct wg_resolve_job *find_named(const struct named_endpoints *named,
					 const struct wg_peer *peer)
{
	const struct named_endpoint key = {.peer = peer};
	const struct named_endpoint *found =
		bsearch(&key, named->list, named->n, sizeof(key), by_peer);

	return found ? found->job : NULL;
}

/* Writes a number, and returns behind it. */
static char *put_number(char *out, unsigned int n)
{
	char digits[10];
	size_t len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while (n /= 10);
	while (len)
		*out++ = digits[--len];
	return out;
}

/* A tunnel may have ten thousand of them, and printf takes ten times as long. */
static char *spell_ipv4(const struct sockaddr_in *endpoint)
{
	const u8 *bytes = (const u8 *)&endpoint->sin_addr;
	char text[sizeof("255.255.255.255:65535")], *at = text;

	for (int i = 0; i < 4; i++) {
		at = put_number(at, bytes[i]);
		*at++ = i == 3 ? ':' : '.';
	}
	at = put_number(at, ntohs(endpoint->sin_port));
	return wg_strndup(text, (size_t)(at - text));
}

/* HOST:PORT, or NULL where the file gives the peer no endpoint. malloc'd. */
static char *spell_endpoint(const struct wg_peer *peer, const struct wg_resolve_job *job)
{
	char address[INET6_ADDRSTRLEN];

	if (job)
		return wg_format("%s:%u", job->host, job->port);
	if (peer->endpoint.addr.sa_family == AF_INET)
		return spell_ipv4(&peer->endpoint.addr4);
	if (peer->endpoint.addr.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &peer->endpoint.addr6.sin6_addr, address, sizeof(address));
		return wg_format("[%s%%%u]:%u", address, peer->endpoint.addr6.sin6_scope_id,
				 ntohs(peer->endpoint.addr6.sin6_port));
	}
	return NULL;
}

static int by_key(const void *x, const void *y)
{
	const struct applied_peer *a = x, *b = y;

	return memcmp(a->public_key, b->public_key, WG_KEY_LEN);
}

/* Of several sections of one peer the later ones add to the first: what a section does not mention stays.
 * The endpoint of the later one is taken over. */
static void merge_peer(struct applied_peer *into, struct applied_peer *later)
{
	into->given |= later->given;
	if (!later->endpoint)
		return;
	free(into->endpoint);
	into->endpoint = later->endpoint;
	later->endpoint = NULL;
}

static int by_key_and_place(const void *x, const void *y)
{
	const struct applied_peer *a = x, *b = y;

	return by_key(a, b) ?: (a->place > b->place) - (a->place < b->place);
}

static bool is_sorted(const struct applied *a)
{
	for (size_t i = 1; i < a->n; i++)
		if (by_key(&a->peers[i - 1], &a->peers[i]) >= 0)
			return false;
	return true;
}

/* Sorts, and makes one of all sections of a peer. A record is sorted already. */
static void sort_peers(struct applied *a)
{
	size_t n = 0;

	if (is_sorted(a))
		return;
	qsort(a->peers, a->n, sizeof(*a->peers), by_key_and_place);
	for (size_t i = 1; i < a->n; i++) {
		if (by_key(&a->peers[n], &a->peers[i]))
			a->peers[++n] = a->peers[i];
		else
			merge_peer(&a->peers[n], &a->peers[i]);
	}
	a->n = n + 1;
}

static void list_sections(struct applied *a, const struct config *c)
{
	u32 can_be_given = wg_settings_flags(WG_SECTION_PEER);
	struct named_endpoints named;

	*a = (struct applied){.peers = wg_realloc(NULL, c->dev->n_peers + 1, sizeof(*a->peers))};
	list_named(&named, &c->resolve);
	for (const struct wg_peer *p = c->dev->peers; p; p = p->next) {
		struct applied_peer *section = &a->peers[a->n];

		*section = (struct applied_peer){
			.place = a->n++,
			.given = p->flags & can_be_given,
			.endpoint = spell_endpoint(p, find_named(&named, p)),
		};
		memcpy(section->public_key, p->public_key, WG_KEY_LEN);
	}
	free(named.list);
}

static void write_peer(FILE *f, const struct applied_peer *p)
{
	char key[WG_KEY_BASE64_LEN + 1];

	if (!p->endpoint && !p->given)
		return;
	wg_key_to_base64(key, p->public_key);
	fputs_unlocked(key, f);
	putc_unlocked(' ', f);
	fputs_unlocked(p->endpoint ? p->endpoint : "-", f);
	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++) {
		if (!(s->flag & p->given))
			continue;
		putc_unlocked(' ', f);
		fputs_unlocked(s->option, f);
	}
	putc_unlocked('\n', f);
}

char *applied_text(const struct config *c, size_t *len)
{
	struct applied a;
	char *text;
	FILE *f = open_memstream(&text, len);

	if (!f)
		wg_alloc_failed();
	fputs(HEADER, f);
	list_sections(&a, c);
	sort_peers(&a);
	for (size_t i = 0; i < a.n; i++)
		write_peer(f, &a.peers[i]);
	applied_wipe(&a);
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

/* The flag of a setting that can be given or left out; 0 for a word that names none. */
static u32 flag_of_option(const char *word)
{
	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++)
		if (s->role == WG_ROLE_VALUE && s->flag && !strcmp(s->option, word))
			return s->flag;
	return 0;
}

/* "-" stands for no endpoint. */
static void set_endpoint(struct applied_peer *p, const char *word)
{
	if (strcmp(word, "-"))
		p->endpoint = wg_strndup(word, strlen(word));
}

/* Reads a line of version 2: KEY ENDPOINT, then the options of the settings that the file gave. */
static bool read_peer(struct applied_peer *p, char *line)
{
	char *key = strsep(&line, " "), *endpoint = strsep(&line, " "), *word;

	*p = (struct applied_peer){0};
	if (!endpoint || !*endpoint || !wg_key_from_base64(p->public_key, key, strlen(key)))
		return false;
	while ((word = strsep(&line, " "))) {
		u32 flag = flag_of_option(word);

		if (!flag)
			return false;
		p->given |= flag;
	}
	set_endpoint(p, endpoint);
	return true;
}

/* Reads a word of version 1, which is `yes` if the file gave the setting, and otherwise "-". Returns
 * false for any other word. */
static bool read_given_v1(struct applied_peer *p, const char *word, const char *yes, u32 flag)
{
	if (!word)
		return false;
	if (!strcmp(word, yes))
		p->given |= flag;
	else if (strcmp(word, "-"))
		return false;
	return true;
}

/* Reads a line of version 1: KEY, "psk" or "-", "keepalive" or "-", ENDPOINT. A tunnel that was brought up
 * by a program of that version has such a record until the next `reload`. */
static bool read_peer_v1(struct applied_peer *p, char *line)
{
	char *key = strsep(&line, " "), *psk = strsep(&line, " "), *keepalive = strsep(&line, " ");

	*p = (struct applied_peer){0};
	if (!line || !*line || strchr(line, ' ') ||
	    !wg_key_from_base64(p->public_key, key, strlen(key)) ||
	    !read_given_v1(p, psk, "psk", WG_PEER_HAS_PRESHARED_KEY) ||
	    !read_given_v1(p, keepalive, "keepalive", WG_PEER_HAS_KEEPALIVE))
		return false;
	set_endpoint(p, line);
	return true;
}

static bool read_peers(struct applied *a, FILE *f)
{
	cleanup(free_ptr) char *line = NULL;
	size_t size = 0, room = 0;
	ssize_t len = getline(&line, &size, f);
	bool is_v1 = len > 0 && !strcmp(line, HEADER_V1);

	if (len < 0 || (!is_v1 && strcmp(line, HEADER)))
		return false;
	while ((len = getline(&line, &size, f)) > 0) {
		if (line[len - 1] != '\n' || strlen(line) != (size_t)len)
			return false;
		line[len - 1] = '\0';
		if (a->n == room) {
			room = room ? 2 * room : 16;
			a->peers = wg_realloc(a->peers, room, sizeof(*a->peers));
		}
		if (!(is_v1 ? read_peer_v1 : read_peer)(&a->peers[a->n], line))
			return false;
		a->peers[a->n].place = a->n;
		a->n++;
	}
	return !ferror(f);
}

bool applied_read(struct applied *a, FILE *f)
{
	*a = (struct applied){.known = true};
	if (!read_peers(a, f)) {
		applied_wipe(a);
		return false;
	}
	/* Versions that wrote a line for each section have several of one peer. */
	sort_peers(a);
	return true;
}

void applied_wipe(struct applied *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->peers[i].endpoint);
	free(a->peers);
	*a = (struct applied){0};
}

/* The peers of the device, to be found by their keys. */
struct device_peers {
	const struct wg_peer **list; /* sorted by public key; malloc'd */
	size_t n;
};

static int by_peer_key(const void *x, const void *y)
{
	const struct wg_peer *const *a = x, *const *b = y;

	return memcmp((*a)->public_key, (*b)->public_key, WG_KEY_LEN);
}

static void list_device_peers(struct device_peers *have, const struct wg_device *dev)
{
	*have = (struct device_peers){.list = wg_realloc(NULL, dev->n_peers + 1,
							 sizeof(*have->list))};
	for (const struct wg_peer *p = dev->peers; p; p = p->next)
		have->list[have->n++] = p;
	qsort(have->list, have->n, sizeof(*have->list), by_peer_key);
}

static const struct applied_peer *find_applied(const struct applied *a, const struct wg_peer *peer)
{
	struct applied_peer key = {0};

	if (!a->n)
		return NULL;
	memcpy(key.public_key, peer->public_key, WG_KEY_LEN);
	return bsearch(&key, a->peers, a->n, sizeof(key), by_key);
}

static bool endpoint_is_unchanged(const struct applied *a, const struct applied_peer *before,
				  const struct wg_peer *have, const char *endpoint, s64 alive_since)
{
	if (!a->known)
		return have->handshake_sec && have->handshake_sec >= alive_since;
	return before && before->endpoint && !strcmp(before->endpoint, endpoint);
}

static void keep_peer(const struct applied *a, struct config *c, struct wg_peer *want,
		      const struct wg_peer *have, struct wg_resolve_job *job, s64 alive_since)
{
	bool may_lack = c->background && job;
	cleanup(free_ptr) char *endpoint = spell_endpoint(want, job);
	const struct applied_peer *before = find_applied(a, want);

	if (endpoint && (have->endpoint.addr.sa_family || may_lack) &&
	    endpoint_is_unchanged(a, before, have, endpoint, alive_since)) {
		want->endpoint = have->endpoint;
		if (job)
			wg_resolve_drop(&c->resolve, job);
	}
	if (!a->known)
		return;
	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++)
		if (s->role == WG_ROLE_VALUE && s->flag && !wg_setting_has_flag(s, want) &&
		    !(before && before->given & s->flag))
			memcpy(wg_setting_field(s, want), wg_setting_value(s, have),
			       wg_setting_ops(s)->size);
}

/* Of several sections of one peer only the last endpoint counts: an earlier one need not be looked up. */
static void drop_endpoint(struct wg_resolve *resolve, struct wg_peer *peer, struct wg_resolve_job *job)
{
	memset(&peer->endpoint, 0, sizeof(peer->endpoint));
	if (job)
		wg_resolve_drop(resolve, job);
}

void applied_keep(const struct applied *a, struct config *c, const struct wg_device *have,
		  s64 alive_since)
{
	struct named_endpoints named;
	struct device_peers peers;
	struct wg_peer **last; /* of each peer of the device, the last section with an endpoint so far */

	list_named(&named, &c->resolve);
	list_device_peers(&peers, have);
	last = wg_realloc(NULL, peers.n + 1, sizeof(*last));
	memset(last, 0, (peers.n + 1) * sizeof(*last));
	for (struct wg_peer *p = c->dev->peers; p; p = p->next) {
		struct wg_resolve_job *job = find_named(&named, p);
		const struct wg_peer *key = p, **found;
		size_t i;

		found = bsearch(&key, peers.list, peers.n, sizeof(key), by_peer_key);
		if (!found)
			continue;
		i = (size_t)(found - peers.list);
		if (job || p->endpoint.addr.sa_family) {
			/* The jobs of kept endpoints are gone: those have an address by now. */
			if (last[i])
				drop_endpoint(&c->resolve, last[i],
					      last[i]->endpoint.addr.sa_family ? NULL
									       : find_named(&named, last[i]));
			last[i] = p;
		}
		keep_peer(a, c, p, *found, job, alive_since);
	}
	free(last);
	free(named.list);
	free(peers.list);
}

void applied_keep_endpoints(struct config *c, const struct wg_device *have)
{
	struct device_peers peers;

	list_device_peers(&peers, have);
	for (struct wg_resolve_job *job = c->resolve.jobs; job; job = job->next) {
		const struct wg_peer *key = job->peer, **found;

		if (!key)
			continue;
		found = bsearch(&key, peers.list, peers.n, sizeof(key), by_peer_key);
		if (found)
			job->peer->endpoint = (*found)->endpoint;
		wg_resolve_drop(&c->resolve, job);
	}
	free(peers.list);
}

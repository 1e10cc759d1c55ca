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

#define HEADER "wg-quick-applied 2\n"

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

/* HOST:PORT, or NULL where the file gives the peer no endpoint. malloc'd. */
static char *spell_endpoint(const struct wg_peer *peer, const struct wg_resolve_job *job)
{
	char address[INET6_ADDRSTRLEN];

	if (job)
		return wg_format("%s:%u", job->host, job->port);
	if (peer->endpoint.addr.sa_family == AF_INET) {
		inet_ntop(AF_INET, &peer->endpoint.addr4.sin_addr, address, sizeof(address));
		return wg_format("%s:%u", address, ntohs(peer->endpoint.addr4.sin_port));
	}
	if (peer->endpoint.addr.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &peer->endpoint.addr6.sin6_addr, address, sizeof(address));
		return wg_format("[%s%%%u]:%u", address, peer->endpoint.addr6.sin6_scope_id,
				 ntohs(peer->endpoint.addr6.sin6_port));
	}
	return NULL;
}

/* The settings that the file gave the peer, and that it could have left out. */
static u32 flags_given(const struct wg_peer *peer)
{
	return peer->flags & wg_settings_flags(WG_SECTION_PEER);
}

static void write_peer(FILE *f, const struct wg_peer *peer, const char *endpoint)
{
	u32 given = flags_given(peer);
	char key[WG_KEY_BASE64_LEN + 1];

	if (!endpoint && !given)
		return;
	wg_key_to_base64(key, peer->public_key);
	fprintf(f, "%s %s", key, endpoint ? endpoint : "-");
	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++)
		if (s->flag & given)
			fprintf(f, " %s", s->option);
	putc('\n', f);
}

char *applied_text(const struct config *c, size_t *len)
{
	struct named_endpoints named;
	char *text;
	FILE *f = open_memstream(&text, len);

	if (!f)
		wg_alloc_failed();
	fputs(HEADER, f);
	list_named(&named, &c->resolve);
	for (const struct wg_peer *p = c->dev->peers; p; p = p->next) {
		cleanup(free_ptr) char *endpoint = spell_endpoint(p, find_named(&named, p));

		write_peer(f, p, endpoint);
	}
	free(named.list);
	if (fclose(f))
		wg_alloc_failed();
	return text;
}

static int by_key(const void *x, const void *y)
{
	const struct applied_peer *a = x, *b = y;

	return memcmp(a->public_key, b->public_key, WG_KEY_LEN);
}

/* The flag of a setting that can be given or left out; 0 for a word that names none. */
static u32 flag_of_option(const char *word)
{
	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++)
		if (s->role == WG_ROLE_VALUE && s->flag && !strcmp(s->option, word))
			return s->flag;
	return 0;
}

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
	if (strcmp(endpoint, "-"))
		p->endpoint = wg_strndup(endpoint, strlen(endpoint));
	return true;
}

static bool read_peers(struct applied *a, FILE *f)
{
	cleanup(free_ptr) char *line = NULL;
	size_t size = 0, room = 0;
	ssize_t len = getline(&line, &size, f);

	if (len < 0 || strcmp(line, HEADER))
		return false;
	while ((len = getline(&line, &size, f)) > 0) {
		if (line[len - 1] != '\n' || strlen(line) != (size_t)len)
			return false;
		line[len - 1] = '\0';
		if (a->n == room) {
			room = room ? 2 * room : 16;
			a->peers = wg_realloc(a->peers, room, sizeof(*a->peers));
		}
		if (!read_peer(&a->peers[a->n], line))
			return false;
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
	if (a->n)
		qsort(a->peers, a->n, sizeof(*a->peers), by_key);
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

static void keep_peer(const struct applied *a, struct wg_resolve *resolve, struct wg_peer *want,
		      const struct wg_peer *have, struct wg_resolve_job *job, s64 alive_since)
{
	cleanup(free_ptr) char *endpoint = spell_endpoint(want, job);
	const struct applied_peer *before = find_applied(a, want);

	if (endpoint && have->endpoint.addr.sa_family &&
	    endpoint_is_unchanged(a, before, have, endpoint, alive_since)) {
		want->endpoint = have->endpoint;
		if (job)
			wg_resolve_drop(resolve, job);
	}
	if (!a->known)
		return;
	for (const struct wg_setting *s = wg_peer_settings; s->type != WG_TYPE_NONE; s++)
		if (s->role == WG_ROLE_VALUE && s->flag && !wg_setting_has_flag(s, want) &&
		    !(before && before->given & s->flag))
			memcpy(wg_setting_field(s, want), wg_setting_value(s, have),
			       wg_setting_ops(s)->size);
}

void applied_keep(const struct applied *a, struct config *c, const struct wg_device *have,
		  s64 alive_since)
{
	struct named_endpoints named;
	struct device_peers peers;

	list_named(&named, &c->resolve);
	list_device_peers(&peers, have);
	for (struct wg_peer *p = c->dev->peers; p; p = p->next) {
		const struct wg_peer *key = p, **found;

		found = bsearch(&key, peers.list, peers.n, sizeof(key), by_peer_key);
		if (found)
			keep_peer(a, &c->resolve, p, *found, find_named(&named, p), alive_since);
	}
	free(named.list);
	free(peers.list);
}

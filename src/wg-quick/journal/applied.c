// SPDX-License-Identifier: GPL-2.0
/* The record is text, with a line for each peer. Endpoints are compared as text, before any lookup: a name that now has another address is no change of the file,
 * and `reload` works while the resolver is out of reach. */
#include "applied.h"
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../../lib/base/encoding.h"

#define HEADER "wg-quick-applied 1\n"

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
		bool psk = p->flags & WG_PEER_HAS_PRESHARED_KEY;
		bool keepalive = p->flags & WG_PEER_HAS_KEEPALIVE;
		char key[WG_KEY_BASE64_LEN + 1];

		if (!endpoint && !psk && !keepalive)
			continue;
		wg_key_to_base64(key, p->public_key);
		fprintf(f, "%s %s %s %s\n", key, psk ? "psk" : "-", keepalive ? "keepalive" : "-",
			endpoint ? endpoint : "-");
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

/* Returns whether the word that `at` begins with, up to a space, is `yes` or "-", and moves `at`
 * behind that space. */
static bool take_flag(char **at, const char *yes, bool *set)
{
	char *word = strsep(at, " ");

	if (!word || !*at)
		return false;
	*set = !strcmp(word, yes);
	return *set || !strcmp(word, "-");
}

static bool read_peer(struct applied_peer *p, char *line)
{
	char *key = strsep(&line, " ");

	*p = (struct applied_peer){0};
	if (!line || !wg_key_from_base64(p->public_key, key, strlen(key)) ||
	    !take_flag(&line, "psk", &p->preshared_key) ||
	    !take_flag(&line, "keepalive", &p->keepalive) || !*line || strchr(line, ' '))
		return false;
	if (strcmp(line, "-"))
		p->endpoint = wg_strndup(line, strlen(line));
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
	if (!(want->flags & WG_PEER_HAS_PRESHARED_KEY) && !(before && before->preshared_key))
		memcpy(want->preshared_key, have->preshared_key, WG_KEY_LEN);
	if (!(want->flags & WG_PEER_HAS_KEEPALIVE) && !(before && before->keepalive))
		want->keepalive = have->keepalive;
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

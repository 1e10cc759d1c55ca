// SPDX-License-Identifier: GPL-2.0
/* Any sequence of changes to the allowed IPs, against a list that is searched from end to end.
 * Three bytes or more each: what, whose, which. */
#include <stdlib.h>
#include "../../src/core/allowedips.h"
#include "../../src/core/remote.h"

enum { REMOTES = 4, MOST = 64 };

struct entry {
	u8 ip[16], cidr, family;
	struct wg_remote *remote;
};

static struct entry entries[MOST];
static size_t n_entries, nodes;
static struct wg_remote remotes[REMOTES];
static struct wg_allowedips trie;

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void free_node(void *ctx, struct wg_allowedips_node *node)
{
	check(ctx == &nodes && nodes);
	nodes--;
	free(node);
}

static bool alike(const u8 *a, const u8 *b, unsigned int bits)
{
	for (unsigned int i = 0; i < bits; i++) {
		if ((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8)
			return false;
	}
	return true;
}

static struct entry *exact(const struct entry *p)
{
	for (size_t i = 0; i < n_entries; i++) {
		struct entry *e = &entries[i];

		if (e->family == p->family && e->cidr == p->cidr && alike(e->ip, p->ip, p->cidr))
			return e;
	}
	return NULL;
}

static struct wg_remote *find(const struct entry *p)
{
	struct wg_remote *found = NULL;
	int longest = -1;

	for (size_t i = 0; i < n_entries; i++) {
		const struct entry *e = &entries[i];

		if (e->family == p->family && e->cidr > longest && alike(e->ip, p->ip, e->cidr)) {
			longest = e->cidr;
			found = e->remote;
		}
	}
	return found;
}

static void insert(const struct entry *p)
{
	struct wg_allowedips_node *spare[WG_ALLOWEDIPS_SPARE];
	struct entry *e = exact(p);

	if (!e && n_entries == MOST)
		return;
	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++)
		spare[i] = malloc(sizeof(*spare[i]));
	wg_allowedips_insert(&trie, p->family, p->ip, p->cidr, p->remote, spare);
	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++) {
		nodes += !spare[i];
		free(spare[i]);
	}
	*(e ? e : &entries[n_entries++]) = *p;
}

static void take(const struct entry *p)
{
	struct entry *e = exact(p);
	bool theirs = e && e->remote == p->remote;

	check(wg_allowedips_remove(&trie, p->family, p->ip, p->cidr, p->remote) == theirs);
	if (theirs)
		*e = entries[--n_entries];
}

static void take_all(struct wg_remote *r)
{
	wg_allowedips_remove_remote(&trie, r);
	check(!r->allowed);
	for (size_t i = 0; i < n_entries;) {
		if (entries[i].remote == r)
			entries[i] = entries[--n_entries];
		else
			i++;
	}
}

static size_t count(const struct wg_allowedips_node *n, const struct wg_allowedips_node *up)
{
	if (!n)
		return 0;
	check(n->parent == up && (!up || n->cidr > up->cidr));
	check(n->remote || (n->child[0] && n->child[1]));
	return 1 + count(n->child[0], n) + count(n->child[1], n);
}

static void check_whole(void)
{
	size_t listed = 0;

	for (int i = 0; i < REMOTES; i++) {
		for (const struct wg_allowedips_node *n = remotes[i].allowed; n; n = n->next) {
			check(n->remote == &remotes[i] &&
			      (n->next ? n->next : remotes[i].allowed)->prev == n);
			listed++;
		}
	}
	check(listed == n_entries);
	check(count(trie.root[0], NULL) + count(trie.root[1], NULL) == nodes);
}

/* A prefix from up to 18 bytes of input; what is missing is zero. */
static struct entry prefix_of(const u8 **data, const u8 *end, u8 what)
{
	struct entry p = {.family = what & 1 ? 6 : 4, .remote = &remotes[what >> 1 & 3]};
	size_t len = what >> 3 & 1 ? 2 : p.family == 6 ? 16 : 4;

	for (size_t i = 0; i < len && *data < end; i++)
		p.ip[i] = *(*data)++;
	if (*data < end)
		p.cidr = *(*data)++ % (p.family == 6 ? 129 : 33);
	return p;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const u8 *end = data + size;

	memset(remotes, 0, sizeof(remotes));
	trie = (struct wg_allowedips){.free_node = free_node, .ctx = &nodes};
	n_entries = nodes = 0;
	while (data < end) {
		u8 what = *data++;
		struct entry p = prefix_of(&data, end, what);

		switch (what >> 4) {
		case 0:
			take_all(p.remote);
			break;
		case 1:
		case 2:
		case 3:
		case 4:
			take(&p);
			break;
		case 5:
			wg_allowedips_find_src(&trie, p.ip, p.cidr % 17);
			break;
		default:
			insert(&p);
		}
		check(wg_allowedips_find(&trie, p.family, p.ip) == find(&p));
		check_whole();
	}
	for (int i = 0; i < REMOTES; i++)
		take_all(&remotes[i]);
	check(!nodes && !trie.root[0] && !trie.root[1]);
	return 0;
}

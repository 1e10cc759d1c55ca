// SPDX-License-Identifier: GPL-2.0
/* The trie against a list that is searched from end to end: what it finds, that it is whole,
 * that each node goes exactly once, and that a reader may look while it changes. */
#include "../../../src/core/allowedips.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "../../../src/core/remote.h"
#include "../random.h"
#include <cmocka.h>

enum { REMOTES = 8, MODEL_MAX = 600 };

_Static_assert(sizeof(void *) != 8 || sizeof(struct wg_allowedips_node) <= 72, "for 100,000 peers");

static struct wg_remote remotes[REMOTES];

/* Nodes that are out, given or in the trie. */
struct nodes {
	size_t out;
};

static void free_now(void *ctx, struct wg_allowedips_node *node)
{
	struct nodes *n = ctx;

	assert_true(n->out);
	n->out--;
	/* A second time would be a double free, which libc or the sanitizer ends. */
	memset(node, 0xdd, sizeof(*node));
	free(node);
}

static struct wg_allowedips_node *new_node(struct nodes *n)
{
	struct wg_allowedips_node *node = malloc(sizeof(*node));

	memset(node, 0xa5, sizeof(*node));
	n->out++;
	return node;
}

struct fixture {
	struct wg_allowedips t;
	struct nodes nodes;
};

static struct fixture *new_fixture(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	memset(remotes, 0, sizeof(remotes));
	f->t.free_node = free_now;
	f->t.ctx = &f->nodes;
	return f;
}

static void end_fixture(struct fixture *f)
{
	for (int i = 0; i < REMOTES; i++)
		wg_allowedips_remove_remote(&f->t, &remotes[i]);
	assert_int_equal(f->nodes.out, 0);
	assert_null(f->t.root[0]);
	assert_null(f->t.root[1]);
	for (int i = 0; i < REMOTES; i++)
		assert_null(remotes[i].allowed);
	free(f);
}

static void insert(struct fixture *f, u8 family, const u8 *ip, u8 cidr, struct wg_remote *r)
{
	struct wg_allowedips_node *spare[WG_ALLOWEDIPS_SPARE] = {new_node(&f->nodes),
								 new_node(&f->nodes)};

	wg_allowedips_insert(&f->t, family, ip, cidr, r, spare);
	/* The second is never used without the first. */
	assert_false(spare[0] && !spare[1]);
	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++) {
		if (spare[i])
			f->nodes.out--;
		free(spare[i]);
	}
}

/* "192.0.2.0/24" or "2001:db8::/32". */
struct prefix {
	u8 ip[16], cidr, family;
};

static struct prefix parse(const char *text)
{
	struct prefix p = {.family = strchr(text, ':') ? 6 : 4};
	char ip[64];
	unsigned int cidr = p.family == 6 ? 128 : 32;

	sscanf(text, "%63[^/]/%u", ip, &cidr);
	assert_int_equal(inet_pton(p.family == 6 ? AF_INET6 : AF_INET, ip, p.ip), 1);
	p.cidr = (u8)cidr;
	return p;
}

static void give(struct fixture *f, const char *text, int remote)
{
	struct prefix p = parse(text);

	insert(f, p.family, p.ip, p.cidr, &remotes[remote]);
}

static bool take(struct fixture *f, const char *text, int remote)
{
	struct prefix p = parse(text);

	return wg_allowedips_remove(&f->t, p.family, p.ip, p.cidr, &remotes[remote]);
}

/* The number of the remote, -1: nobody. */
static int find(struct fixture *f, const char *text)
{
	struct prefix p = parse(text);
	struct wg_remote *r = wg_allowedips_find(&f->t, p.family, p.ip);

	return r ? (int)(r - remotes) : -1;
}

static void an_empty_trie_finds_nobody(void **state)
{
	struct fixture *f = new_fixture();

	(void)state;
	assert_int_equal(find(f, "0.0.0.0"), -1);
	assert_int_equal(find(f, "::"), -1);
	assert_false(take(f, "0.0.0.0/0", 0));
	wg_allowedips_remove_remote(&f->t, &remotes[0]);
	end_fixture(f);
}

static void the_longest_prefix_wins(void **state)
{
	struct fixture *f = new_fixture();

	(void)state;
	give(f, "0.0.0.0/0", 0);
	give(f, "10.0.0.0/8", 1);
	give(f, "10.1.0.0/16", 2);
	give(f, "10.1.2.3/32", 3);
	give(f, "::/0", 4);
	give(f, "2001:db8::/32", 5);
	give(f, "2001:db8:0:1::/64", 6);
	give(f, "2001:db8:0:1::1/128", 7);
	assert_int_equal(find(f, "192.0.2.1"), 0);
	assert_int_equal(find(f, "10.200.0.1"), 1);
	assert_int_equal(find(f, "10.1.2.4"), 2);
	assert_int_equal(find(f, "10.1.2.3"), 3);
	assert_int_equal(find(f, "fe80::1"), 4);
	assert_int_equal(find(f, "2001:db8:1::1"), 5);
	assert_int_equal(find(f, "2001:db8:0:1::2"), 6);
	assert_int_equal(find(f, "2001:db8:0:1::1"), 7);
	end_fixture(f);
}

/* The first bytes of 10.0.0.1 are those of a00::, and the tries are not the same. */
static void the_families_are_apart(void **state)
{
	struct fixture *f = new_fixture();

	(void)state;
	give(f, "10.0.0.1/32", 1);
	assert_int_equal(find(f, "a00:1::"), -1);
	give(f, "a00:1::/32", 2);
	assert_int_equal(find(f, "a00:1::"), 2);
	assert_int_equal(find(f, "10.0.0.1"), 1);
	assert_false(take(f, "a00:1::/32", 1));
	end_fixture(f);
}

static void host_bits_are_ignored_and_not_kept(void **state)
{
	static const u8 zero[11];
	struct fixture *f = new_fixture();

	(void)state;
	give(f, "10.1.255.255/12", 1);
	assert_memory_equal(remotes[1].allowed->bits, "\x0a\0\0\0", 4);
	assert_int_equal(find(f, "10.15.0.1"), 1);
	assert_int_equal(find(f, "10.16.0.1"), -1);
	give(f, "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/33", 2);
	assert_memory_equal(remotes[2].allowed->bits, "\x20\x01\x0d\xb8\x80", 5);
	assert_memory_equal(remotes[2].allowed->bits + 5, zero, 11);
	assert_true(take(f, "10.7.7.7/12", 1));
	end_fixture(f);
}

static void only_its_owner_loses_a_prefix_and_only_exactly_it(void **state)
{
	struct fixture *f = new_fixture();

	(void)state;
	give(f, "10.0.0.0/8", 1);
	give(f, "10.0.0.0/10", 2);
	give(f, "10.64.0.0/10", 2);
	assert_false(take(f, "10.0.0.0/8", 2));
	assert_false(take(f, "10.0.0.0/9", 1));
	assert_false(take(f, "10.0.0.0/7", 1));
	assert_false(take(f, "11.0.0.0/8", 1));
	/* A fork is there, and nobody's. */
	assert_false(take(f, "10.0.0.0/9", 2));
	assert_true(take(f, "10.0.0.0/8", 1));
	assert_false(take(f, "10.0.0.0/8", 1));
	assert_int_equal(find(f, "10.0.0.1"), 2);
	assert_int_equal(find(f, "10.128.0.1"), -1);
	end_fixture(f);
}

/* Two leaves need a fork; without one of them it is needless. */
static void forks_collapse(void **state)
{
	struct fixture *f = new_fixture();

	(void)state;
	give(f, "10.0.0.1/32", 1);
	assert_int_equal(f->nodes.out, 1);
	give(f, "10.0.0.2/32", 2);
	assert_int_equal(f->nodes.out, 3);
	/* The fork's own prefix: no new node. */
	give(f, "10.0.0.0/30", 3);
	assert_int_equal(f->nodes.out, 3);
	assert_true(take(f, "10.0.0.0/30", 3));
	assert_int_equal(f->nodes.out, 3);
	assert_true(take(f, "10.0.0.1/32", 1));
	assert_int_equal(f->nodes.out, 1);
	assert_int_equal(find(f, "10.0.0.2"), 2);
	end_fixture(f);
}

static void a_prefix_moves_to_whoever_gets_it(void **state)
{
	struct fixture *f = new_fixture();

	(void)state;
	give(f, "10.0.0.0/8", 1);
	give(f, "10.0.0.0/8", 2);
	assert_null(remotes[1].allowed);
	assert_int_equal(find(f, "10.0.0.1"), 2);
	assert_false(take(f, "10.0.0.0/8", 1));
	assert_int_equal(f->nodes.out, 1);
	end_fixture(f);
}

static void expect_order(const struct wg_remote *r, const char *cidrs)
{
	char seen[64] = "";

	for (const struct wg_allowedips_node *n = r->allowed; n; n = n->next)
		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), " %u", n->cidr);
	assert_string_equal(seen, cidrs);
}

static void a_remote_lists_its_prefixes_in_the_order_they_came(void **state)
{
	struct fixture *f = new_fixture();

	(void)state;
	give(f, "10.0.0.0/9", 1);
	give(f, "10.0.0.0/7", 1);
	give(f, "10.0.0.0/8", 1);
	give(f, "10.0.0.0/6", 1);
	expect_order(&remotes[1], " 9 7 8 6");
	give(f, "10.0.0.0/7", 1);
	expect_order(&remotes[1], " 9 8 6 7");
	give(f, "10.0.0.0/7", 2);
	give(f, "10.0.0.0/9", 2);
	expect_order(&remotes[1], " 8 6");
	expect_order(&remotes[2], " 7 9");
	give(f, "10.0.0.0/6", 2);
	give(f, "10.0.0.0/7", 1);
	expect_order(&remotes[1], " 8 7");
	expect_order(&remotes[2], " 9 6");
	end_fixture(f);
}

static void packets_are_looked_up_by_their_ends(void **state)
{
	struct fixture *f = new_fixture();
	u8 p[41] = {0x45};

	(void)state;
	give(f, "10.0.0.1/32", 1);
	give(f, "10.0.0.2/32", 2);
	give(f, "2001:db8::3/128", 3);
	give(f, "2001:db8::4/128", 4);
	memcpy(p + 12, "\x0a\0\0\1\x0a\0\0\2", 8);
	assert_ptr_equal(wg_allowedips_find_src(&f->t, p, 20), &remotes[1]);
	assert_ptr_equal(wg_allowedips_find_dst(&f->t, p, 20), &remotes[2]);
	assert_null(wg_allowedips_find_src(&f->t, p, 19));
	assert_null(wg_allowedips_find_dst(&f->t, p, 19));
	memset(p, 0, sizeof(p));
	p[0] = 0x6f;
	inet_pton(AF_INET6, "2001:db8::3", p + 8);
	inet_pton(AF_INET6, "2001:db8::4", p + 24);
	assert_ptr_equal(wg_allowedips_find_src(&f->t, p, 40), &remotes[3]);
	assert_ptr_equal(wg_allowedips_find_dst(&f->t, p, 41), &remotes[4]);
	assert_null(wg_allowedips_find_src(&f->t, p, 39));
	for (unsigned int version = 0; version < 16; version++) {
		p[0] = (u8)(version << 4);
		if (version != 4 && version != 6)
			assert_null(wg_allowedips_find_dst(&f->t, p, 40));
	}
	assert_null(wg_allowedips_find_src(&f->t, p, 0));
	end_fixture(f);
}

/* The model: every prefix there is, in any order. */

struct entry {
	struct prefix p;
	int remote;
};

struct model {
	struct entry entries[MODEL_MAX];
	size_t n;
};

static bool bit(const u8 *ip, unsigned int at)
{
	return ip[at / 8] >> (7 - at % 8) & 1;
}

static bool within(const struct prefix *p, u8 family, const u8 *ip)
{
	if (p->family != family)
		return false;
	for (unsigned int i = 0; i < p->cidr; i++) {
		if (bit(p->ip, i) != bit(ip, i))
			return false;
	}
	return true;
}

static struct entry *model_exact(struct model *m, const struct prefix *p)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->entries[i].p.cidr == p->cidr && within(&m->entries[i].p, p->family, p->ip))
			return &m->entries[i];
	}
	return NULL;
}

static int model_find(const struct model *m, u8 family, const u8 *ip)
{
	int found = -1, longest = -1;

	for (size_t i = 0; i < m->n; i++) {
		if (m->entries[i].p.cidr > longest && within(&m->entries[i].p, family, ip)) {
			longest = m->entries[i].p.cidr;
			found = m->entries[i].remote;
		}
	}
	return found;
}

static void model_remove_remote(struct model *m, int remote)
{
	for (size_t i = 0; i < m->n;) {
		if (m->entries[i].remote == remote)
			m->entries[i] = m->entries[--m->n];
		else
			i++;
	}
}

/* Few different bits, so that prefixes nest, meet and come again. */
static void any_ip(struct random *r, u8 family, u8 ip[16])
{
	size_t len = family == 4 ? 4 : 16;

	memset(ip, 0, 16);
	for (size_t i = 0; i < len; i++) {
		switch (random_below(r, 8)) {
		case 0:
			ip[i] = (u8)random_next(r);
			break;
		case 1:
			ip[i] = (u8)(0x80 >> random_below(r, 8));
			break;
		case 2:
			ip[i] = 0xff;
			break;
		default:
			break;
		}
	}
}

static struct prefix any_prefix(struct random *r)
{
	struct prefix p = {.family = random_below(r, 2) ? 4 : 6};
	u8 most = p.family == 4 ? 32 : 128;

	any_ip(r, p.family, p.ip);
	p.cidr = random_below(r, 4) ? (u8)random_below(r, most + 1U) : most;
	if (!random_below(r, 8))
		p.cidr = (u8)(random_below(r, most / 32U + 1) * 32);
	return p;
}

/* How many nodes below and with this one; all of it must be as allowedips.c says. */
static size_t check_node(const struct wg_allowedips_node *n,
			 const struct wg_allowedips_node *parent)
{
	struct prefix p;
	size_t count = 1;

	if (!n)
		return 0;
	assert_ptr_equal(n->parent, parent);
	assert_true(n->remote || (n->child[0] && n->child[1]));
	p = (struct prefix){.cidr = n->cidr, .family = n->family};
	memcpy(p.ip, n->bits, 16);
	for (unsigned int i = n->cidr; i < 128; i++)
		assert_false(bit(n->bits, i));
	for (int side = 0; side < 2; side++) {
		if (!n->child[side])
			continue;
		assert_true(n->child[side]->cidr > n->cidr);
		assert_int_equal(n->child[side]->family, n->family);
		assert_true(within(&p, n->family, n->child[side]->bits));
		assert_int_equal(bit(n->child[side]->bits, n->cidr), side);
		count += check_node(n->child[side], n);
	}
	return count;
}

static size_t check_list(const struct wg_remote *r)
{
	const struct wg_allowedips_node *last = NULL;
	size_t count = 0;

	for (const struct wg_allowedips_node *n = r->allowed; n; n = n->next) {
		assert_ptr_equal(n->remote, r);
		if (last)
			assert_ptr_equal(n->prev, last);
		last = n;
		count++;
	}
	if (r->allowed)
		assert_ptr_equal(r->allowed->prev, last);
	return count;
}

static void check_whole(const struct fixture *f, const struct model *m)
{
	size_t listed = 0;

	assert_int_equal(check_node(f->t.root[0], NULL) + check_node(f->t.root[1], NULL), f->nodes.out);
	for (int i = 0; i < REMOTES; i++)
		listed += check_list(&remotes[i]);
	assert_int_equal(listed, m->n);
	assert_true(f->nodes.out <= 2 * m->n);
}

static void model_step(struct fixture *f, struct model *m, struct random *r)
{
	struct prefix p = any_prefix(r);
	int remote = (int)random_below(r, REMOTES);
	struct entry *e;
	bool had;

	/* As often as not a prefix that is there. */
	if (m->n && random_below(r, 2))
		p = m->entries[random_below(r, m->n)].p;
	e = model_exact(m, &p);
	if (random_below(r, 5) < 3 && (e || m->n < MODEL_MAX)) {
		insert(f, p.family, p.ip, p.cidr, &remotes[remote]);
		if (!e)
			e = &m->entries[m->n++];
		*e = (struct entry){p, remote};
		return;
	}
	if (e && random_below(r, 4))
		remote = e->remote;
	had = e && e->remote == remote;
	assert_int_equal(wg_allowedips_remove(&f->t, p.family, p.ip, p.cidr, &remotes[remote]),
			 had);
	if (had)
		*e = m->entries[--m->n];
}

static void compare(struct fixture *f, struct model *m, struct random *r, u8 family)
{
	struct wg_remote *found;
	u8 ip[16];

	any_ip(r, family, ip);
	/* Near a prefix that is there. */
	if (m->n && random_below(r, 2)) {
		const struct prefix *p = &m->entries[random_below(r, m->n)].p;
		unsigned int flip = (unsigned int)random_below(r, p->family == 4 ? 32 : 128);

		family = p->family;
		memcpy(ip, p->ip, 16);
		if (random_below(r, 2))
			ip[flip / 8] ^= (u8)(0x80 >> flip % 8);
	}
	found = wg_allowedips_find(&f->t, family, ip);
	assert_int_equal(found ? found - remotes : -1, model_find(m, family, ip));
}

static void agrees_with_a_list_of_all_prefixes(void **state)
{
	struct model *m = calloc(1, sizeof(*m));

	(void)state;
	for (u64 seed = 1; seed <= 12; seed++) {
		struct fixture *f = new_fixture();
		struct random r = {seed};

		m->n = 0;
		for (int i = 0; i < 25000; i++) {
			model_step(f, m, &r);
			compare(f, m, &r, random_below(&r, 2) ? 4 : 6);
			if (!random_below(&r, 3000)) {
				int remote = (int)random_below(&r, REMOTES);

				wg_allowedips_remove_remote(&f->t, &remotes[remote]);
				model_remove_remote(m, remote);
				assert_null(remotes[remote].allowed);
				check_whole(f, m);
			}
			if (!random_below(&r, seed < 3 ? 10 : 200))
				check_whole(f, m);
		}
		end_fixture(f);
	}
	free(m);
}

/* The same for few and short prefixes: every address of a small world. */
static void every_address_of_a_small_world(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	struct fixture *f = new_fixture();
	struct random r = {99};

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct prefix p = {.family = 4, .cidr = (u8)random_below(&r, 7)};
		int remote = (int)random_below(&r, REMOTES);
		struct entry *e;

		p.ip[0] = (u8)(random_next(&r) << 2);
		e = model_exact(m, &p);
		if (random_below(&r, 2)) {
			insert(f, 4, p.ip, p.cidr, &remotes[remote]);
			if (!e)
				e = &m->entries[m->n++];
			*e = (struct entry){p, remote};
		} else if (e) {
			assert_true(
				wg_allowedips_remove(&f->t, 4, p.ip, p.cidr, &remotes[e->remote]));
			*e = m->entries[--m->n];
		}
		for (unsigned int a = 0; a < 256; a += 4) {
			u8 ip[16] = {(u8)a};
			struct wg_remote *found = wg_allowedips_find(&f->t, 4, ip);

			assert_int_equal(found ? found - remotes : -1, model_find(m, 4, ip));
		}
		check_whole(f, m);
	}
	end_fixture(f);
	free(m);
}

/* As deep as it can be: /0 to /128, one in the other. */
static void the_deepest_trie_is_cleared(void **state)
{
	static const u8 ip[16] = {0x55, 0xaa, 0xff};
	struct fixture *f = new_fixture();

	(void)state;
	for (unsigned int cidr = 0; cidr <= 128; cidr++)
		insert(f, 6, ip, (u8)cidr, &remotes[cidr % REMOTES]);
	assert_int_equal(f->nodes.out, 129);
	assert_ptr_equal(wg_allowedips_find(&f->t, 6, ip), &remotes[0]);
	for (unsigned int i = 0; i < 128; i++) {
		u8 other[16];

		memcpy(other, ip, 16);
		other[i / 8] ^= (u8)(0x80 >> i % 8);
		assert_ptr_equal(wg_allowedips_find(&f->t, 6, other), &remotes[i % REMOTES]);
	}
	for (int i = 0; i < 4; i++)
		wg_allowedips_remove_remote(&f->t, &remotes[i]);
	assert_int_equal(f->nodes.out, 128 / REMOTES * 4);
	end_fixture(f);
}

/* One that reads while one writes. What goes is freed once the reader has been elsewhere twice. */

enum { LIMBO = 256 };

struct shared {
	struct wg_allowedips t;
	struct nodes nodes;
	struct wg_allowedips_node *limbo[LIMBO];
	size_t n_limbo;
	u64 rounds;       /* of the reader (atomic) */
	bool stop, wrong; /* atomic */
};

static void *read_all_the_time(void *arg)
{
	struct shared *s = arg;
	struct random r = {5};

	while (!__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE)) {
		u8 ip[16] = {10, 1, 2, 3},
		   any[16] = {10, 1, (u8)random_next(&r), (u8)random_next(&r)};
		u8 ip6[16] = {0x20, 1};

		if (wg_allowedips_find(&s->t, 4, ip) != &remotes[0] ||
		    wg_allowedips_find(&s->t, 6, ip6) != &remotes[1] ||
		    !wg_allowedips_find(&s->t, 4, any))
			__atomic_store_n(&s->wrong, true, __ATOMIC_RELEASE);
		__atomic_add_fetch(&s->rounds, 1, __ATOMIC_ACQ_REL);
	}
	return NULL;
}

static void let_go(struct shared *s)
{
	u64 then = __atomic_load_n(&s->rounds, __ATOMIC_ACQUIRE);

	while (__atomic_load_n(&s->rounds, __ATOMIC_ACQUIRE) < then + 2)
		sched_yield();
	while (s->n_limbo)
		free_now(&s->nodes, s->limbo[--s->n_limbo]);
}

static void free_later(void *ctx, struct wg_allowedips_node *node)
{
	struct shared *s = ctx;

	assert_true(s->n_limbo < LIMBO);
	s->limbo[s->n_limbo++] = node;
}

static void insert_shared(struct shared *s, u8 family, const u8 *ip, u8 cidr, int remote)
{
	struct wg_allowedips_node *spare[WG_ALLOWEDIPS_SPARE] = {new_node(&s->nodes),
								 new_node(&s->nodes)};

	wg_allowedips_insert(&s->t, family, ip, cidr, &remotes[remote], spare);
	for (int i = 0; i < WG_ALLOWEDIPS_SPARE; i++) {
		if (spare[i])
			s->nodes.out--;
		free(spare[i]);
	}
}

static void write_a_while(struct shared *s)
{
	struct random r = {6};

	for (int i = 0; i < 60000 && !__atomic_load_n(&s->wrong, __ATOMIC_ACQUIRE); i++) {
		u8 ip[16] = {10, 1, (u8)random_below(&r, 8), (u8)random_below(&r, 8)};
		int remote = 2 + (int)random_below(&r, 5);
		u8 cidr = (u8)(8 + random_below(&r, 25));

		if (random_below(&r, 2)) {
			/* Not the one that is looked for. */
			if (cidr != 32 || ip[2] != 2 || ip[3] != 3)
				insert_shared(s, 4, ip, cidr, remote);
		} else {
			wg_allowedips_remove(&s->t, 4, ip, cidr, &remotes[remote]);
		}
		insert_shared(s, 6, ip, cidr, remote);
		wg_allowedips_remove(&s->t, 6, ip, cidr, &remotes[remote]);
		if (s->n_limbo > LIMBO / 2)
			let_go(s);
	}
}

static void a_reader_finds_what_stays_while_all_else_changes(void **state)
{
	static const u8 everything[16], fixed[16] = {10, 1, 2, 3}, fixed6[16] = {0x20, 1};
	struct shared *s = calloc(1, sizeof(*s));
	pthread_t reader;

	(void)state;
	memset(remotes, 0, sizeof(remotes));
	s->t.free_node = free_later;
	s->t.ctx = s;
	insert_shared(s, 4, everything, 0, 7);
	insert_shared(s, 4, fixed, 32, 0);
	insert_shared(s, 6, fixed6, 128, 1);
	assert_int_equal(pthread_create(&reader, NULL, read_all_the_time, s), 0);
	write_a_while(s);
	__atomic_store_n(&s->stop, true, __ATOMIC_RELEASE);
	pthread_join(reader, NULL);
	assert_false(s->wrong);
	s->t.free_node = free_now;
	s->t.ctx = &s->nodes;
	while (s->n_limbo)
		free_now(&s->nodes, s->limbo[--s->n_limbo]);
	for (int i = 0; i < REMOTES; i++)
		wg_allowedips_remove_remote(&s->t, &remotes[i]);
	assert_int_equal(s->nodes.out, 0);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_trie_finds_nobody),
		cmocka_unit_test(the_longest_prefix_wins),
		cmocka_unit_test(the_families_are_apart),
		cmocka_unit_test(host_bits_are_ignored_and_not_kept),
		cmocka_unit_test(only_its_owner_loses_a_prefix_and_only_exactly_it),
		cmocka_unit_test(forks_collapse),
		cmocka_unit_test(a_prefix_moves_to_whoever_gets_it),
		cmocka_unit_test(a_remote_lists_its_prefixes_in_the_order_they_came),
		cmocka_unit_test(packets_are_looked_up_by_their_ends),
		cmocka_unit_test(agrees_with_a_list_of_all_prefixes),
		cmocka_unit_test(every_address_of_a_small_world),
		cmocka_unit_test(the_deepest_trie_is_cleared),
		cmocka_unit_test(a_reader_finds_what_stays_while_all_else_changes),
	};

	return cmocka_run_group_tests_name("core/allowedips", tests, NULL, NULL);
}

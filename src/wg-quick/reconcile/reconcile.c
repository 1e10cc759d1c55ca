// SPDX-License-Identifier: GPL-2.0
/* A tunnel may have a hundred thousand routes: the kernel is asked once for all of a kind, and
 * everything is sorted and searched. */
#include "reconcile.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../plan/plan.h"

static int order_steps(const void *x, const void *y)
{
	const struct step *a = x, *b = y;

	return step_ops(a)->order(a, b);
}

/* Makes room for n more steps. */
static struct step *grow(struct step **list, size_t n_old, size_t n)
{
	*list = wg_realloc(*list, n_old + n + 1, sizeof(**list));
	return *list + n_old;
}

static int take_addresses(struct found *f, struct wg_rtnl *rt, struct wg_error *err)
{
	cleanup(free_ptr) struct wg_prefix *list = NULL;
	size_t n = 0;

	if (wg_rtnl_addresses(rt, f->link.index, true, &list, &n, err) < 0)
		return -1;
	grow(&f->addresses, 0, n);
	for (size_t i = 0; i < n; i++)
		f->addresses[f->n_addresses++] =
			(struct step){.kind = STEP_ADDRESS, .prefix = list[i]};
	return 0;
}

/* The route of a HOLD is in nobody's way, and is no successor of any. */
static bool is_held(const struct wg_route *r)
{
	return r->metric == STEP_HOLD_METRIC && r->protocol == WG_RTNL_PROTOCOL;
}

static int take_routes(struct found *f, struct wg_rtnl *rt, u8 family, struct wg_error *err)
{
	cleanup(free_ptr) struct wg_route *list = NULL;
	size_t n = 0;

	if (wg_rtnl_routes(rt, family, 0, f->link.index, &list, &n, err) < 0)
		return -1;
	grow(&f->routes, f->n_routes, n);
	for (size_t i = 0; i < n; i++)
		if (list[i].protocol != RTPROT_KERNEL && !is_held(&list[i]))
			f->routes[f->n_routes++] =
				(struct step){.kind = STEP_ROUTE, .route = list[i]};
	return 0;
}

static int take_rules(struct found *f, struct wg_rtnl *rt, u8 family, struct wg_error *err)
{
	cleanup(free_ptr) struct wg_rule *list = NULL;
	size_t n = 0;

	if (wg_rtnl_rules(rt, family, &list, &n, err) < 0)
		return -1;
	grow(&f->rules, f->n_rules, n);
	for (size_t i = 0; i < n; i++)
		if (!list[i].foreign)
			f->rules[f->n_rules++] = (struct step){.kind = STEP_RULE, .rule = list[i]};
	return 0;
}

int found_take(struct found *f, struct wg_rtnl *rt, u32 ifindex, struct wg_error *err)
{
	static const u8 families[] = {AF_INET, AF_INET6};
	int there;

	*f = (struct found){0};
	there = wg_rtnl_link_by_index(rt, ifindex, &f->link, err);
	if (!there) {
		wg_error_set(err, "the interface has gone");
		err->code = ENODEV;
	}
	if (there <= 0 || take_addresses(f, rt, err) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if (take_routes(f, rt, families[i], err) < 0 ||
		    take_rules(f, rt, families[i], err) < 0)
			return -1;
	qsort(f->addresses, f->n_addresses, sizeof(*f->addresses), order_steps);
	qsort(f->routes, f->n_routes, sizeof(*f->routes), order_steps);
	return 0;
}

void found_wipe(struct found *f)
{
	free(f->addresses);
	free(f->routes);
	free(f->rules);
	*f = (struct found){0};
}

/* The list that steps of this kind are in, or NULL: they are read back one by one. */
static const struct step *found_list(const struct found *f, enum step_kind kind, size_t *n)
{
	switch (kind) {
	case STEP_ADDRESS:
		*n = f->n_addresses;
		return f->addresses;
	case STEP_ROUTE:
		*n = f->n_routes;
		return f->routes;
	default:
		return NULL;
	}
}

/* The steps of a plan that have an order, sorted by kind and order. */
struct sorted {
	const struct step **list; /* malloc'd */
	size_t n;
};

static int order_any(const void *x, const void *y)
{
	const struct step *a = *(const struct step *const *)x, *b = *(const struct step *const *)y;

	return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : order_steps(a, b);
}

static void sort_plan(struct sorted *out, const struct plan *p)
{
	*out = (struct sorted){.list = wg_realloc(NULL, p->n + 1, sizeof(*out->list))};
	for (size_t i = 0; i < p->n; i++)
		if (step_ops(&p->steps[i])->order)
			out->list[out->n++] = &p->steps[i];
	qsort(out->list, out->n, sizeof(*out->list), order_any);
}

static const struct step *find_step(const struct sorted *in, const struct step *s)
{
	const struct step **found = bsearch(&s, in->list, in->n, sizeof(*in->list), order_any);

	return found ? *found : NULL;
}

struct comparison {
	struct difference *d;
	const struct plan *plan_wanted;
	struct sorted wanted, had, known;
	const struct found *found;
	const struct run *r;
};

static void borrow(struct plan *p, const struct step *s)
{
	*plan_add(p, s->kind) = *s;
}

/* Other tunnels have rules that differ by their priority alone, and so do rules that users add: only the
 * very rule that the journal has is ours. */
static bool has_rule(const struct comparison *c, const struct step *journalled)
{
	for (size_t i = 0; journalled && i < c->found->n_rules; i++)
		if (step_ops(journalled)->equal(journalled, &c->found->rules[i]))
			return true;
	return false;
}

/* Finds out what is there of a step. Kinds that cannot be read back, or only in part, are taken to be
 * missing unless the step is `known` to have been carried out. */
static int look_at(const struct comparison *c, const struct step *s, bool known,
		   enum step_state *state, struct wg_error *err)
{
	size_t n = 0;
	const struct step *list = found_list(c->found, s->kind, &n);
	bool there;

	if (!list && s->kind != STEP_RULE && (known || s->kind == STEP_FIREWALL))
		return step_compare(c->r, s, state, err);
	if (list)
		there = bsearch(s, list, n, sizeof(*list), order_steps);
	else
		there = s->kind == STEP_RULE && has_rule(c, find_step(&c->had, s));
	*state = there ? STEP_PRESENT : STEP_MISSING;
	return 0;
}

static bool wants_ipv6(const struct comparison *c)
{
	for (size_t i = 0; i < c->plan_wanted->n; i++) {
		const struct step *s = &c->plan_wanted->steps[i];

		if ((s->kind == STEP_ADDRESS && s->prefix.family == AF_INET6) ||
		    (s->kind == STEP_ROUTE && s->route.dst.family == AF_INET6))
			return true;
	}
	return false;
}

/* An MTU that the plan found is left as it is while the plan finds no other: a hook may have set it. One
 * that the file gives counts; and below 1280 the kernel takes the link's IPv6 away. */
static bool link_is_set(const struct comparison *c, const struct step *s, bool known)
{
	u32 mtu = c->found->link.mtu;

	if (!(c->found->link.flags & IFF_UP))
		return false;
	if (mtu == s->mtu)
		return true;
	return known && !(c->r->config && c->r->config->mtu == s->mtu) &&
	       !(mtu < MTU_LEAST_IPV6 && s->mtu >= MTU_LEAST_IPV6 && wants_ipv6(c));
}

static int compare_wanted(const struct comparison *c, const struct step *s, struct wg_error *err)
{
	const struct step *known = find_step(&c->known, s);
	enum step_state state;

	if (s->kind == STEP_LINK_UP) {
		if (!link_is_set(c, s, known))
			borrow(&c->d->add, s);
		return 0;
	}
	/* The kernel lacks what the step needs, which has been warned of. */
	if (known && known->skipped)
		return 0;
	/* So has been that nobody takes the DNS servers; once they are required, they are tried again. */
	if (known && known->dns_refused) {
		if (!s->dns_optional)
			borrow(&c->d->add, s);
		return 0;
	}
	if (look_at(c, s, known, &state, err) < 0)
		return -1;
	/* What was refused when it was tried has been warned of then. */
	if (state == STEP_PRESENT || (known && (state == STEP_UNKNOWN || state == STEP_REFUSED)))
		return 0;
	/* Of two ways to say the same, the journal's is the one that was carried out. */
	borrow(&c->d->add, known ? known : s);
	return 0;
}

/* Whether one of the steps from `from` on replaces `old`. */
static bool is_replaced(const struct plan *by, size_t from, const struct step *old)
{
	const struct step_ops *ops = step_ops(old);

	if (!ops->replaces)
		return false;
	for (size_t i = from; i < by->n; i++)
		if (by->steps[i].kind == old->kind && ops->replaces(&by->steps[i], old))
			return true;
	return false;
}

static int compare_had(const struct comparison *c, const struct step *s, struct wg_error *err)
{
	enum step_state state;

	if (find_step(&c->wanted, s) || is_replaced(c->plan_wanted, 0, s))
		return 0;
	/* The link stays up, and keeps its MTU and mark. */
	if (s->kind == STEP_LINK_UP || s->kind == STEP_FWMARK)
		return 0;
	if (look_at(c, s, true, &state, err) < 0)
		return -1;
	/* A firewall table that is not as the step makes it is the tunnel's all the same. */
	if (state == STEP_PRESENT || state == STEP_UNKNOWN || state == STEP_DIFFERS)
		borrow(&c->d->remove, s);
	return 0;
}

int difference_find(struct difference *d, const struct plan *wanted, const struct plan *had,
		    const struct plan *known, const struct found *f, const struct run *r,
		    struct wg_error *err)
{
	struct comparison c = {.d = d, .plan_wanted = wanted, .found = f, .r = r};
	int ret = 0;

	*d = (struct difference){0};
	sort_plan(&c.wanted, wanted);
	sort_plan(&c.had, had);
	sort_plan(&c.known, known);
	for (size_t i = 0; !ret && i < wanted->n; i++)
		if (step_ops(&wanted->steps[i])->order)
			ret = compare_wanted(&c, &wanted->steps[i], err);
	for (size_t i = had->n; !ret && i-- > 0;)
		if (step_ops(&had->steps[i])->order)
			ret = compare_had(&c, &had->steps[i], err);
	free(c.wanted.list);
	free(c.had.list);
	free(c.known.list);
	return ret;
}

bool difference_is_empty(const struct difference *d)
{
	return !d->add.n && !d->remove.n;
}

void difference_wipe(struct difference *d)
{
	plan_forget(&d->add);
	plan_forget(&d->remove);
}

void plan_borrow(struct plan *out, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (step_ops(&p->steps[i])->order)
			borrow(out, &p->steps[i]);
}

void plan_without(struct plan *p, const struct plan *by)
{
	struct sorted sorted;
	size_t n = 0;

	sort_plan(&sorted, by);
	for (size_t i = 0; i < p->n; i++)
		if (!find_step(&sorted, &p->steps[i]) && !is_replaced(by, 0, &p->steps[i]))
			p->steps[n++] = p->steps[i];
	p->n = n;
	free(sorted.list);
}

void plan_merge(struct plan *out, const struct plan *order, const struct plan *a,
		const struct plan *b)
{
	struct sorted in_a, in_b;

	sort_plan(&in_a, a);
	sort_plan(&in_b, b);
	for (size_t i = 0; i < order->n; i++) {
		const struct step *s = &order->steps[i], *found = NULL;

		if (step_ops(s)->order)
			found = find_step(&in_a, s) ?: find_step(&in_b, s);
		if (found)
			borrow(out, found);
	}
	free(in_a.list);
	free(in_b.list);
}

/* A firewall table that was adopted (adopt.h) is listed so that it is removed with the tunnel. Its mark and
 * addresses are not known, and it may not be there. */
static bool is_adopted_table(const struct step *s)
{
	return s->kind == STEP_FIREWALL && !s->fwmark;
}

static bool serves_undo_only(const struct step *s)
{
	return is_adopted_table(s) || step_is_stand_in(s);
}

void plan_known(struct plan *out, const struct plan *p, size_t done)
{
	for (size_t i = 0; i < done; i++)
		if (step_ops(&p->steps[i])->order && !is_replaced(p, i + 1, &p->steps[i]) &&
		    !serves_undo_only(&p->steps[i]))
			borrow(out, &p->steps[i]);
}

static int order_by_place(const void *x, const void *y)
{
	const struct step *const *a = x, *const *b = y;
	int order = order_any(x, y);

	return order ? order : (*a > *b) - (*a < *b);
}

/* Whether `s` stands in the list before `at` already, where those of equal order stand together. Of rules
 * the priority counts, too. */
static bool is_repeated(const struct sorted *in, size_t at)
{
	const struct step *s = in->list[at];

	for (size_t i = at; i-- > 0 && !order_any(&in->list[i], &s);)
		if (!step_ops(s)->equal || step_ops(s)->equal(in->list[i], s))
			return true;
	return false;
}

void plan_drop_repeated(struct plan *p, size_t *done)
{
	const struct plan carried_out = {.steps = p->steps, .n = *done};
	cleanup(free_ptr) bool *drop = wg_realloc(NULL, p->n + 1, sizeof(*drop));
	size_t n = 0, n_done = 0;
	struct sorted sorted;

	memset(drop, 0, p->n + 1);
	sort_plan(&sorted, p);
	qsort(sorted.list, sorted.n, sizeof(*sorted.list), order_by_place);
	for (size_t i = 0; i < sorted.n; i++)
		if (!step_ops(sorted.list[i])->replaces)
			drop[sorted.list[i] - p->steps] = is_repeated(&sorted, i);
	for (size_t i = 0; i < *done; i++)
		drop[i] |= is_replaced(&carried_out, i + 1, &p->steps[i]);
	for (size_t i = 0; i < p->n; i++) {
		if (drop[i]) {
			step_wipe(&p->steps[i]);
			continue;
		}
		n_done += i < *done;
		p->steps[n++] = p->steps[i];
	}
	p->n = n;
	*done = n_done;
	free(sorted.list);
}

void plan_forget(struct plan *p)
{
	free(p->steps);
	*p = (struct plan){0};
}

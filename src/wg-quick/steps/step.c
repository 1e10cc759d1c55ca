/* SPDX-License-Identifier: GPL-2.0 */
/* The list of steps, and the table of their kinds. */
#include "step.h"

#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"
#include "../host/progress.h"
#include "ops.h"

static const struct step_ops *const kinds[] = {
#define STEP_ROW(kind, name) [STEP_##kind] = &step_##name##_ops,
	STEP_KINDS(STEP_ROW)
#undef STEP_ROW
};
#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

const struct step_ops *step_ops(const struct step *s)
{
	return kinds[s->kind];
}

struct step *plan_add(struct plan *p, enum step_kind kind)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		p->steps = wg_realloc(p->steps, p->room, sizeof(*p->steps));
	}
	p->steps[p->n] = (struct step){ .kind = kind };
	return &p->steps[p->n++];
}

void step_wipe(struct step *s)
{
	if (step_ops(s)->wipe)
		step_ops(s)->wipe(s);
	*s = (struct step){ 0 };
}

void plan_wipe(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		step_wipe(&p->steps[i]);
	free(p->steps);
	*p = (struct plan){ 0 };
}

const struct step *plan_find(const struct plan *p, enum step_kind kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == kind)
			return &p->steps[i];
	return NULL;
}

bool plan_has_firewall(const struct plan *p, u8 family)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == STEP_FIREWALL && p->steps[i].family == family)
			return true;
	return false;
}

char *step_command(const struct step *s, const char *ifname)
{
	return step_ops(s)->command(s, ifname);
}

char *step_undo_command(const struct step *s, const char *ifname)
{
	const struct step_ops *ops = step_ops(s);

	return ops->undo_command ? ops->undo_command(s, ifname) : NULL;
}

void step_echo(const struct run *r, const struct step *s)
{
	cleanup(free_ptr) char *command = step_command(s, r->name);

	if (command)
		progress_command("%s", command);
}

void step_echo_undo(const struct run *r, const struct step *s)
{
	cleanup(free_ptr) char *command = step_undo_command(s, r->name);

	if (command)
		progress_command("%s", command);
	fflush(stderr); /* a child may write next */
}

int step_refused(const struct run *r, const struct step *s, struct wg_error *err)
{
	cleanup(free_ptr) char *command = step_command(s, r->name);

	return wg_error_prefix(err, "`%s'", command ? command : "");
}

int step_compare(const struct run *r, const struct step *s, enum step_state *state,
		 struct wg_error *err)
{
	if (step_ops(s)->compare)
		return step_ops(s)->compare(r, s, state, err);
	*state = STEP_UNKNOWN;
	return 0;
}

void step_write(FILE *f, const struct step *s)
{
	fputs(step_ops(s)->name, f);
	if (step_ops(s)->write)
		step_ops(s)->write(f, s);
	putc('\n', f);
}

bool step_read(struct step *s, const char *line, size_t len)
{
	struct fields c = { line, len };
	const char *names[N_KINDS];
	int kind;

	for (size_t i = 0; i < N_KINDS; i++)
		names[i] = kinds[i]->name;
	kind = fields_take_index(&c, names, N_KINDS);
	*s = (struct step){ 0 };
	if (kind < 0)
		return false;
	s->kind = (enum step_kind)kind;
	if ((!kinds[kind]->read || kinds[kind]->read(&c, s)) && !c.s)
		return true;
	step_wipe(s);
	return false;
}

// SPDX-License-Identifier: GPL-2.0
/* What undoing a state takes: a pure list. */
#include "undo.h"
#include "../../lib/base/alloc.h"
#include "../steps/ops.h"

static struct undo *add(struct undo_list *list, enum undo_kind kind)
{
	if (list->n == list->room) {
		list->room = list->room ? 2 * list->room : 16;
		list->actions = wg_realloc(list->actions, list->room, sizeof(*list->actions));
	}
	list->actions[list->n] = (struct undo){.kind = kind};
	return &list->actions[list->n++];
}

/* All steps that are undone at this point, the last first. */
static void add_steps(struct undo_list *list, const struct state *st, enum undo_order order)
{
	for (size_t i = st->steps.n; i-- > 0;) {
		const struct step *step = &st->steps.steps[i];
		struct undo *u;

		if (step_ops(step)->undo_order != order || step->skipped)
			continue;
		u = add(list, UNDO_STEP);
		u->step = step;
		u->sure = i < st->done;
	}
}

static bool hook_begun(const struct state *st, enum hook_phase phase)
{
	for (size_t i = 0; i < st->steps.n; i++) {
		if (st->steps.steps[i].kind == STEP_HOOK && st->steps.steps[i].phase == phase)
			return true;
	}
	return false;
}

/* `run_before`: how many of this phase an earlier `down` ran. */
static void add_hooks(struct undo_list *list, const struct strings *hooks, enum hook_phase phase,
		      size_t run_before)
{
	for (size_t i = run_before; i < hooks->n; i++) {
		struct undo *u = add(list, UNDO_HOOK);

		u->phase = phase;
		u->command = hooks->s[i];
	}
}

void plan_undo(const struct state *st, struct undo_list *list)
{
	bool pre = st->complete || hook_begun(st, HOOK_POST_UP);
	bool post = pre || hook_begun(st, HOOK_PRE_UP);
	size_t n_pre = pre ? st->down_hooks[0].n : 0;

	*list = (struct undo_list){0};
	if (pre)
		add_hooks(list, &st->down_hooks[0], HOOK_PRE_DOWN, st->hooks_run);
	if (st->save_config && st->complete)
		add(list, UNDO_SAVE);
	for (int order = UNDO_WITH_LINK + 1; order < UNDO_NETNS; order++)
		add_steps(list, st, (enum undo_order)order);
	if (post)
		add_hooks(list, &st->down_hooks[1], HOOK_POST_DOWN,
			  st->hooks_run > n_pre ? st->hooks_run - n_pre : 0);
	add_steps(list, st, UNDO_NETNS);
}

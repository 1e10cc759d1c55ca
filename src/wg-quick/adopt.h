/* SPDX-License-Identifier: GPL-2.0 */
/* A tunnel without a journal: made by another wg-quick. What there is to undo is read off the
 * configuration and the network. */
#ifndef WG_QUICK_ADOPT_H
#define WG_QUICK_ADOPT_H

#include "journal.h"
#include "netstate.h"

/* Pure. Appends to `out` the rules of one family, from `rules` in order of evaluation, that belong
 * to a full tunnel with this mark: those that say "not fwmark N lookup N", and the one that
 * suppresses default routes of table main next to each. That one is left where another full tunnel
 * has no such rule before its own but this. Rules of our protocol have a journal, and are left. */
void adopt_rules(const struct wg_rule *rules, size_t n, u8 family, u32 fwmark, struct plan *out);

/* Pure. Fills a state that run_undo can undo. `c` has been read; `s` is a snapshot with the link
 * and its device. */
void adopt_state(struct state *st, const struct config *c, const struct netstate *s);

/* Warns of what upstream may have made and we cannot remove. */
void adopt_warn(const struct state *st, const struct wg_log *log);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What a tunnel has made, where no journal says it: it was made by another wg-quick, or the journal is
 * lost, damaged, cut off or of another version. It is recognised by the configuration file and the
 * network. Whether each thing really is the tunnel's is asked again when it is undone. */
#ifndef WG_QUICK_ADOPT_H
#define WG_QUICK_ADOPT_H

#include "../journal/journal.h"
#include "../plan/netstate.h"

/* Pure. Appends to `out` the rules of one family, from `rules` in order of evaluation, that belong
 * to a full tunnel with this mark: those that say "not fwmark N lookup N", and the one that
 * suppresses default routes of table main next to each, of the same protocol. That one is left where
 * another full tunnel has no such rule before its own but this. Rules that `out` has already are not
 * appended. */
void adopt_rules(const struct wg_rule *rules, size_t n, u8 family, u32 fwmark, struct plan *out);

/* Pure. The mark of the full tunnel, which is also the number of its table and in its rules, where neither
 * the rules nor the nftables tables of the tunnel tell it: by the device, the file, or the journal, in this
 * order; 0 where none of them has one. `c` and `st` may be NULL. */
u32 adopt_mark(const struct config *c, const struct netstate *s, const struct state *st);

/* The mark of the nftables table of the tunnel's name that a wg-quick made, 0 where there is none. */
u32 adopt_table(u8 family, const char *name);

/* Pure. Adds to a state that is empty or damaged what it does not list: the link, if `s` has one, and
 * steps that are recognised; and takes the hooks of the file. `c`, which has been read, may be NULL:
 * then nothing is known of the file. `fwmark` is adopt_mark's. An empty state is then one of a
 * complete tunnel. Returns how many rules and settings of a full tunnel were recognised. */
size_t adopt_missing(struct state *st, const struct config *c, const struct netstate *s, u32 fwmark);

/* Warns of what upstream may have made and we cannot remove. */
void adopt_warn(const struct state *st, const struct wg_log *log);

#endif

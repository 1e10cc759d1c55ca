/* SPDX-License-Identifier: GPL-2.0 */
/* What stands in for a part of a tunnel while a reload takes it away and adds its successor. */
#ifndef WG_QUICK_HOLD_H
#define WG_QUICK_HOLD_H

#include "reconcile.h"

/* The mark of the encrypted packets before a difference is carried out, and after it; 0: none. */
struct mark_change {
	u32 from, to;
};

/* Adds to `out` the steps to be done before `d` is carried out and undone after it, so that no packet
 * leaves past the tunnel, and none of the tunnel's own goes into it, in between:
 * - a HOLD for the network of each address that goes, where what is wanted overlaps it, because the
 *   kernel's route of that network goes with the address;
 * - a HOLD_ADDRESS where `wanted` has an ADDRESS of IPv4, or else a HOLD for each IPv4 route that stays, where
 *   the kernel would remove those routes because the last address of IPv4 goes. The address may be one of
 *   d->remove, the tunnel's own or left by a reload that was killed: the caller keeps it instead of adding it;
 * - an EXEMPT for each mark, before the rules of a full tunnel that go while the mark changes.
 * `promotes`: the kernel makes a secondary address primary when the primary one of its network goes;
 * otherwise all secondary ones go with it. `wanted`, `d` and `f` as in difference_find. Returns -1 with
 * err where the kernel could not be asked for its rules. The steps point to nothing: plan_forget. */
int hold_find(struct plan *out, const struct difference *d, const struct plan *wanted,
	      const struct found *f, bool promotes, const struct mark_change *mark, const struct run *r,
	      struct wg_error *err);

/* Whether a plan has the rule of a full tunnel that leads into its table, of this family or of any (0). */
bool hold_has_tunnel_rule(const struct plan *p, u8 family);

#endif

// SPDX-License-Identifier: GPL-2.0
#include "actions.h"

void wg_actions_sleeping(const struct wg_action_ops *ops, struct wg_remote *r, u32 actions)
{
	if (actions & WG_ACT_ZERO_KEYS)
		ops->forget_handshake(r);
	if (actions & WG_ACT_INITIATE)
		ops->initiate(r);
}

/* Old keys are zeroed before an initiation makes new ones, and a source address is forgotten before
 * a message is sent from it. */
void wg_actions_do(const struct wg_action_ops *ops, struct wg_remote *r, u32 actions)
{
	u32 sleeping = actions & WG_ACTIONS_SLEEPING, changes = actions & WG_ACTIONS_CHANGES;

	if (!ops->defer)
		wg_actions_sleeping(ops, r, sleeping & WG_ACT_ZERO_KEYS);
	if (changes)
		ops->change(r, changes);
	if (!ops->defer)
		wg_actions_sleeping(ops, r, sleeping & WG_ACT_INITIATE);
	else if (sleeping)
		ops->defer(r, sleeping);
	if (actions & WG_ACTIONS_SENDING)
		ops->flush(r, actions & (WG_ACT_CONFIRM | WG_ACT_KEEPALIVE));
}

void wg_actions_begin_anew(const struct wg_action_ops *ops, struct wg_remote *r)
{
	bool keepalive = r->timers.persistent_interval;

	ops->retire(r);
	/* Packets that waited for an identity need not wait for a timer. */
	wg_actions_do(ops, r, WG_ACT_FLUSH | (keepalive ? WG_ACT_KEEPALIVE : 0));
}

// SPDX-License-Identifier: GPL-2.0
#include "keypair.h"

static void drop_keypair(struct wg_keypair **place, const struct wg_host *host)
{
	if (*place)
		host->keypair_free(host->ctx, *place);
	*place = NULL;
}

/* Whether our initiation and the one that we answered with `theirs` may have crossed. A session
 * that waits for its first message for longer than that waits in vain: the initiator confirms a
 * response at once. A session under which nothing may be sent any more (wg_remote_retire) is older
 * than our initiation, however young it is. */
static bool crossed(const struct wg_keypair *fresh, const struct wg_keypair *theirs)
{
	return theirs && !theirs->initiator && theirs->send_counter < WG_REJECT_AFTER_MESSAGES &&
	       fresh->started_at < theirs->created_at + WG_REKEY_TIMEOUT;
}

void wg_keypairs_add(struct wg_keypairs *k, struct wg_keypair *fresh, const struct wg_host *host)
{
	if (!fresh->initiator) {
		drop_keypair(&k->next, host);
		k->next = fresh;
		return;
	}
	drop_keypair(&k->previous, host);
	if (fresh->loses_tie && crossed(fresh, k->active)) {
		k->previous = fresh;
		return;
	}
	if (!crossed(fresh, k->next))
		drop_keypair(&k->next, host);
	if (k->next && !fresh->loses_tie) {
		drop_keypair(&k->active, host);
		k->previous = k->next;
		k->next = NULL;
	} else {
		k->previous = k->active;
	}
	k->active = fresh;
}

bool wg_keypairs_confirm(struct wg_keypairs *k, struct wg_keypair *used, const struct wg_host *host)
{
	if (!used || used != k->next)
		return false;
	drop_keypair(&k->previous, host);
	k->previous = k->active;
	k->active = used;
	k->next = NULL;
	return true;
}

void wg_keypairs_clear(struct wg_keypairs *k, const struct wg_host *host)
{
	drop_keypair(&k->previous, host);
	drop_keypair(&k->active, host);
	drop_keypair(&k->next, host);
}

bool wg_keypair_may_send(const struct wg_keypair *k, u64 n, u64 now)
{
	return k && wg_keypair_may_receive(k, now) && k->send_counter <= WG_REJECT_AFTER_MESSAGES &&
	       n <= WG_REJECT_AFTER_MESSAGES - k->send_counter;
}

bool wg_keypair_may_receive(const struct wg_keypair *k, u64 now)
{
	return now < k->created_at + WG_REJECT_AFTER_TIME;
}

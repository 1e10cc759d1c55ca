// SPDX-License-Identifier: GPL-2.0
#include "replay.h"
#include "messages.h"

enum { WORD_BITS = 64, WORDS = WG_REPLAY_BITS / WORD_BITS };

/* Forgets the words that the window moves onto. */
static void move_to(struct wg_replay *w, u64 counter)
{
	u64 word = w->next ? (w->next - 1) / WORD_BITS : 0, last = counter / WORD_BITS;

	if (last - word >= WORDS)
		word = last - WORDS;
	while (word != last)
		w->seen[++word % WORDS] = 0;
	w->next = counter + 1;
}

bool wg_replay_accept(struct wg_replay *w, u64 counter)
{
	u64 *word = &w->seen[counter / WORD_BITS % WORDS], bit = 1ULL << counter % WORD_BITS;

	if (counter >= WG_REJECT_AFTER_MESSAGES)
		return false;
	if (counter >= w->next)
		move_to(w, counter);
	else if (w->next - 1 - counter > WG_REPLAY_WINDOW || *word & bit)
		return false;
	*word |= bit;
	return true;
}

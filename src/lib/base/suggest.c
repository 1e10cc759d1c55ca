// SPDX-License-Identifier: GPL-2.0
/* The optimal string alignment distance, in three rows of a table: words here are short. */
#include "suggest.h"

#include <string.h>
#include "../../port.h"

#define WORD_MAX 32 /* longer words are nothing that was mistyped */
#define COST_MAX 3
#define PREFIX_LEAST 3 /* letters of a word that is only begun */

void wg_suggest_init(struct wg_suggest *s, const char *word, size_t len)
{
	*s = (struct wg_suggest){.word = word, .len = len};
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static unsigned int distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned int rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *row = rows[2];

	memset(rows, 0, sizeof(rows));
	for (size_t j = 0; j <= m; j++)
		last[j] = (unsigned int)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned int *spare = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= m; j++) {
			bool same = lower(a[i - 1]) == lower(b[j - 1]);

			row[j] = least(least(last[j] + 1, row[j - 1] + 1), last[j - 1] + !same);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[m];
}

static bool begins(const char *word, size_t len, const char *candidate)
{
	for (size_t i = 0; i < len; i++)
		if (lower(word[i]) != lower(candidate[i]))
			return false;
	return true;
}

void wg_suggest_try(struct wg_suggest *s, const char *candidate)
{
	size_t m = strlen(candidate);
	unsigned int cost, most = least((unsigned int)m / 3 + (m == 2), COST_MAX);

	if (!s->len || s->len > WORD_MAX || !m || m > WORD_MAX)
		return;
	cost = distance(s->word, s->len, candidate, m);
	if (cost > most && s->len >= PREFIX_LEAST && s->len < m && begins(s->word, s->len, candidate))
		cost = most = 1;
	if (cost > most || (s->best && cost >= s->cost))
		return;
	s->best = candidate;
	s->cost = cost;
}

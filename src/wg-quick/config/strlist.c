/* SPDX-License-Identifier: GPL-2.0 */
/* Lists of strings. Nothing here can fail but for want of memory, which ends the program. */
#include "strlist.h"

#include <stdlib.h>
#include <string.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/secret.h"

void strings_add(struct strings *list, const char *s, size_t len)
{
	/* Room is the next power of two, so it need not be kept. */
	if (!(list->n & (list->n - 1)))
		list->s = wg_realloc(list->s, list->n ? 2 * list->n : 1, sizeof(*list->s));
	list->s[list->n++] = wg_strndup(s, len);
}

void strings_copy(struct strings *list, const struct strings *from)
{
	for (size_t i = 0; i < from->n; i++)
		strings_add(list, from->s[i], strlen(from->s[i]));
}

bool strings_equal(const struct strings *a, const struct strings *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++)
		same = !strcmp(a->s[i], b->s[i]);
	return same;
}

void strings_free(struct strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->s[i]);
	free(list->s);
	*list = (struct strings){ 0 };
}

void strings_wipe(struct strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		wg_secret_wipe(list->s[i], strlen(list->s[i]));
	strings_free(list);
}

void string_wipe(char **s)
{
	if (*s)
		wg_secret_wipe(*s, strlen(*s));
	free(*s);
	*s = NULL;
}

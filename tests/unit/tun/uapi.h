/* SPDX-License-Identifier: GPL-2.0 */
/* Requests and answers as texts. */
#ifndef WG_TEST_UAPI_H
#define WG_TEST_UAPI_H

#include <stdlib.h>
#include "../../../src/tun/uapi/uapi-server.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define KEY1  "0101010101010101010101010101010101010101010101010101010101010101"
#define KEY2  "0202020202020202020202020202020202020202020202020202020202020202"

/* What is answered to a text that comes in pieces of this size; free() it. */
static inline char *uapi_talk(struct device *d, const char *text, size_t piece)
{
	struct uapi_session *s = calloc(1, sizeof(*s));
	size_t len = strlen(text), at = 0;
	char *answer = calloc(1, 1);

	s->device = d;
	while (len && !s->hopeless) {
		size_t n = len < piece ? len : piece;

		if (n > sizeof(s->in) - s->in_len)
			n = sizeof(s->in) - s->in_len;
		memcpy(s->in + s->in_len, text, n);
		s->in_len += n;
		text += n;
		len -= n;
		while (uapi_session_work(s) || s->out_len) {
			answer = realloc(answer, at + s->out_len + 1);
			memcpy(answer + at, s->out, s->out_len);
			at += s->out_len;
			answer[at] = '\0';
			s->out_len = 0;
			if (s->hopeless)
				break;
		}
		uapi_set_pause(&s->set);
	}
	uapi_session_end(s);
	free(s);
	return answer;
}

#endif

// SPDX-License-Identifier: GPL-2.0
/* One connection's requests and answers, without its socket. */
#include "uapi-server.h"
#include <errno.h>
#include <stdio.h>
#include "uapi-counters.h"

/* The number is negative, as in other implementations. */
static void answer_request(struct uapi_session *s, int error)
{
	s->out_len += (size_t)snprintf(s->out + s->out_len, sizeof(s->out) - s->out_len,
				       "errno=%d\n\n", -error);
	s->state = UAPI_IDLE;
}

static void begin_request(struct uapi_session *s, const char *line)
{
	if (!strcmp(line, "get=1")) {
		s->state = UAPI_GETTING_LINES;
	} else if (!strcmp(line, "set=1")) {
		s->state = UAPI_SETTING;
		uapi_set_begin(&s->set, s->device);
	} else if (!strcmp(line, "counters=1")) {
		s->state = UAPI_GETTING_COUNTERS;
	} else if (*line) {
		s->state = UAPI_REFUSING;
	}
}

/* `line` has no newline. */
static void take_line(struct uapi_session *s, char *line)
{
	switch (s->state) {
	case UAPI_IDLE:
		begin_request(s, line);
		break;
	case UAPI_GETTING_LINES:
		if (*line) {
			s->state = UAPI_REFUSING;
			break;
		}
		s->state = UAPI_GETTING;
		uapi_get_begin(&s->get, s->device);
		break;
	case UAPI_GETTING_COUNTERS:
		if (*line) {
			s->state = UAPI_REFUSING;
			break;
		}
		s->out_len = uapi_counters(s->device, s->out, sizeof(s->out));
		answer_request(s, 0);
		break;
	case UAPI_SETTING:
		if (*line)
			uapi_set_line(&s->set, line);
		else
			answer_request(s, uapi_set_end(&s->set));
		break;
	case UAPI_REFUSING:
		if (!*line)
			answer_request(s, EINVAL);
		break;
	case UAPI_GETTING:
		break;
	}
}

/* Takes lines up to the end of a request, or to one for which the connection ends. Returns true if
 * there was at least one. */
static bool take_lines(struct uapi_session *s)
{
	size_t at = 0;

	while (!s->out_len && !s->hopeless && s->state != UAPI_GETTING) {
		char *line = s->in + at, *newline = memchr(line, '\n', s->in_len - at);

		if (!newline)
			break;
		*newline = '\0';
		/* A NUL within would hide what follows it. */
		if (strlen(line) == (size_t)(newline - line))
			take_line(s, line);
		else
			s->hopeless = true;
		at += (size_t)(newline - line) + 1;
	}
	s->in_len -= at;
	memmove(s->in, s->in + at, s->in_len);
	explicit_bzero(s->in + s->in_len, at);
	return at > 0;
}

bool uapi_session_work(struct uapi_session *s)
{
	if (s->out_len)
		return false;
	if (s->state == UAPI_GETTING) {
		s->out_len = uapi_get_some(&s->get, s->out, sizeof(s->out));
		if (!s->out_len)
			s->state = UAPI_IDLE;
		return true;
	}
	if (take_lines(s))
		return true;
	/* No line of any request is so long. */
	if (s->in_len == sizeof(s->in) && !s->hopeless) {
		s->hopeless = true;
		answer_request(s, EINVAL);
	}
	return false;
}

void uapi_session_end(struct uapi_session *s)
{
	if (s->state == UAPI_GETTING)
		uapi_get_end(&s->get);
	if (s->state == UAPI_SETTING)
		uapi_set_end(&s->set);
	s->state = UAPI_IDLE;
}

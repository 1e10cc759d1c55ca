// SPDX-License-Identifier: GPL-2.0
/* The clients of the UAPI socket. None is waited for: what is not there yet, or not taken yet, is
 * looked at again when the kernel says so. */
#include "uapi-server.h"
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROUNDS 8 /* pieces of work for one client before others have their turn */

struct uapi_client {
	struct event event;
	struct uapi_client *next;
	struct uapi_server *server;
	u64 active; /* when it last did something */
	u32 interest;
	struct uapi_session session;
};

static struct uapi_client *client_of(struct event *e)
{
	return (struct uapi_client *)e;
}

static struct uapi_server *server_of(struct event *e)
{
	return (struct uapi_server *)e;
}

static void client_free(struct uapi_client *c)
{
	struct uapi_server *s = c->server;
	struct uapi_client **at = &s->clients;

	uapi_session_end(&c->session);
	while (*at && *at != c)
		at = &(*at)->next;
	*at = c->next;
	s->n_clients--;
	close(c->event.fd);
	slab_free(&s->memory, c);
}

static void client_interest(struct uapi_client *c, u32 interest)
{
	if (interest != c->interest)
		events_change(c->server->events, &c->event, interest);
	c->interest = interest;
}

enum progress {
	GOES_ON,
	MUST_WAIT,
	IS_OVER,
};

static enum progress wait_or_end(ssize_t n)
{
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return MUST_WAIT;
	return n > 0 ? GOES_ON : IS_OVER;
}

static enum progress send_out(struct uapi_client *c)
{
	struct uapi_session *s = &c->session;
	ssize_t n = send(c->event.fd, s->out + s->out_sent, s->out_len - s->out_sent, MSG_NOSIGNAL);

	if (n <= 0)
		return wait_or_end(n);
	s->out_sent += (size_t)n;
	if (s->out_sent < s->out_len)
		return GOES_ON;
	explicit_bzero(s->out, s->out_len);
	s->out_len = s->out_sent = 0;
	return GOES_ON;
}

static enum progress receive_request(struct uapi_client *c)
{
	struct uapi_session *s = &c->session;
	ssize_t n = recv(c->event.fd, s->in + s->in_len, sizeof(s->in) - s->in_len, 0);

	if (n > 0)
		s->in_len += (size_t)n;
	return wait_or_end(n);
}

static enum progress client_step(struct uapi_client *c)
{
	struct uapi_session *s = &c->session;

	if (s->out_len)
		return send_out(c);
	if (s->hopeless)
		return IS_OVER;
	return uapi_session_work(s) || s->out_len || s->hopeless ? GOES_ON : receive_request(c);
}

static void client_ready(struct event *e)
{
	struct uapi_client *c = client_of(e);
	enum progress p = GOES_ON;

	c->active = device_now();
	for (int i = 0; i < ROUNDS && p == GOES_ON; i++)
		p = client_step(c);
	uapi_set_pause(&c->session.set);
	switch (p) {
	case GOES_ON:
		client_interest(c, EVENTS_IN | EVENTS_OUT);
		break;
	case MUST_WAIT:
		client_interest(c, c->session.out_len ? EVENTS_OUT : EVENTS_IN);
		break;
	case IS_OVER:
		client_free(c);
		break;
	}
}

static struct uapi_client *most_silent(const struct uapi_server *s)
{
	struct uapi_client *found = s->clients;

	for (struct uapi_client *c = s->clients; c; c = c->next)
		if (c->active < found->active)
			found = c;
	return found;
}

static bool client_add(struct uapi_server *s, int fd)
{
	struct uapi_client *c;

	if (s->clients && s->n_clients >= UAPI_CLIENTS)
		client_free(most_silent(s));
	c = slab_alloc(&s->memory);
	if (!c)
		return false;
	c->event = (struct event){.fd = fd, .ready = client_ready};
	c->server = s;
	c->active = device_now();
	c->interest = EVENTS_IN;
	c->session.device = s->device;
	c->session.set.device = s->device;
	if (!events_add(s->events, &c->event, c->interest)) {
		slab_free(&s->memory, c);
		return false;
	}
	c->next = s->clients;
	s->clients = c;
	s->n_clients++;
	return true;
}

static void server_ready(struct event *e)
{
	struct uapi_server *s = server_of(e);
	int fd = accept4(e->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 && !client_add(s, fd))
		close(fd);
}

bool uapi_server_start(struct uapi_server *s, struct device *d, struct events *ev, int fd)
{
	memset(s, 0, sizeof(*s));
	s->event = (struct event){.fd = fd, .ready = server_ready};
	s->device = d;
	s->events = ev;
	slab_init(&s->memory, sizeof(struct uapi_client), true);
	return events_add(ev, &s->event, EVENTS_IN);
}

void uapi_server_stop(struct uapi_server *s)
{
	while (s->clients)
		client_free(s->clients);
	slab_wipe(&s->memory);
	close(s->event.fd);
}

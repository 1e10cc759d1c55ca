// SPDX-License-Identifier: GPL-2.0
/* Writing by hand, without printf: for 100,000 peers the formatting is most of the work. */
#include "output.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "../lib/base/alloc.h"
#include "../lib/base/encoding.h"
#include "../lib/base/secret.h"

struct output *output_new(int fd)
{
	struct output *o = wg_alloc(sizeof(*o));

	wg_secret_lock(o, sizeof(*o));
	o->fd = fd;
	return o;
}

static void flush(struct output *o)
{
	size_t done = 0;

	while (done < o->used && !o->code) {
		ssize_t n = write(o->fd, o->buf + done, o->used - done);

		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			o->code = errno;
	}
	o->used = 0;
}

int output_finish(struct output *o, struct wg_error *err)
{
	flush(o);
	if (o->code)
		return wg_error_errno(err, o->code, "Unable to write to standard output");
	return 0;
}

void output_freep(struct output **o)
{
	if (!*o)
		return;
	wg_secret_wipe(*o, sizeof(**o));
	free(*o);
}

/* Room for `len` bytes, at most a line's worth. */
static char *room(struct output *o, size_t len)
{
	if (sizeof(o->buf) - o->used < len)
		flush(o);
	return o->buf + o->used;
}

static void bytes(struct output *o, const char *s, size_t len)
{
	memcpy(room(o, len), s, len);
	o->used += len;
}

void output_char(struct output *o, char c)
{
	*room(o, 1) = c;
	o->used++;
}

void output_text(struct output *o, const char *s)
{
	bytes(o, s, strlen(s));
}

void output_number(struct output *o, u64 n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	bytes(o, digits + at, sizeof(digits) - at);
}

void output_hex(struct output *o, u32 n)
{
	char digits[8];
	size_t at = sizeof(digits);

	do
		digits[--at] = "0123456789abcdef"[n % 16];
	while (n /= 16);
	bytes(o, "0x", 2);
	bytes(o, digits + at, sizeof(digits) - at);
}

void output_key(struct output *o, const u8 key[static WG_KEY_LEN])
{
	wg_key_to_base64(room(o, WG_KEY_BASE64_LEN + 1), key);
	o->used += WG_KEY_BASE64_LEN;
}

static void address4(struct output *o, const u8 *addr)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			output_char(o, '.');
		output_number(o, addr[i]);
	}
}

void output_address(struct output *o, u8 family, const void *addr)
{
	char text[INET6_ADDRSTRLEN];

	if (family == AF_INET)
		address4(o, addr);
	else if (inet_ntop(AF_INET6, addr, text, sizeof(text)))
		output_text(o, text);
}

static void zone(struct output *o, u32 scope)
{
	char name[IFNAMSIZ];

	output_char(o, '%');
	if (if_indextoname(scope, name))
		output_text(o, name);
	else
		output_number(o, scope);
}

void output_endpoint(struct output *o, const union wg_endpoint *e)
{
	if (e->addr.sa_family == AF_INET) {
		output_address(o, AF_INET, &e->addr4.sin_addr);
		output_char(o, ':');
		output_number(o, ntohs(e->addr4.sin_port));
		return;
	}
	output_char(o, '[');
	output_address(o, AF_INET6, &e->addr6.sin6_addr);
	if (e->addr6.sin6_scope_id)
		zone(o, e->addr6.sin6_scope_id);
	output_text(o, "]:");
	output_number(o, ntohs(e->addr6.sin6_port));
}

/* SPDX-License-Identifier: GPL-2.0 */
/* A data path that only notes what it was asked for. A test that includes this is linked with it
 * instead of the real one. */
#ifndef WG_TEST_FAKE_H
#define WG_TEST_FAKE_H

#include <arpa/inet.h>
#include <stdio.h>
#include "../../../src/tun/path/worker.h"

static struct {
	int binds, unbinds, resumes, holds, marks, flushes, keepalives, messages;
	int refuse; /* an errno value that worker_bind and worker_set_fwmark fail with */
	enum tunif_state state;
	struct endpoint to;
	u8 message[WG_HANDSHAKE_MAX]; /* the last one */
	size_t len;
} fake;

void aead_init(struct aead *a, const u8 key[static 32])
{
	memcpy(a->key, key, sizeof(a->key));
}

void aead_wipe(struct aead *a)
{
	memset(a, 0, sizeof(*a));
}

void aead_seal(const struct aead *a, const struct wg_batch_packet *p, size_t n)
{
	(void)a, (void)p, (void)n;
}

void aead_open(const struct aead *a, const struct wg_batch_packet *p, size_t n, bool *ok)
{
	(void)a, (void)p, (void)n, (void)ok;
}

const char *aead_name(void)
{
	return "none";
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return !memcmp(&a->addr6, &b->addr6, sizeof(a->addr6));
}

socklen_t endpoint_len(const struct endpoint *e)
{
	return e->addr.sa_family == AF_INET ? sizeof(e->addr4) : sizeof(e->addr6);
}

void endpoint_to_addr(const struct endpoint *e, struct wg_addr *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->family = e->addr.sa_family == AF_INET ? 4 : 6;
	memcpy(addr->port, &e->addr4.sin_port, sizeof(addr->port));
	if (addr->family == 4)
		memcpy(addr->ip, &e->addr4.sin_addr, 4);
	else
		memcpy(addr->ip, &e->addr6.sin6_addr, 16);
}

void endpoint_to_text(const struct endpoint *e, char out[static ENDPOINT_TEXT_LEN])
{
	char host[INET6_ADDRSTRLEN];
	bool v6 = e->addr.sa_family == AF_INET6;

	inet_ntop(e->addr.sa_family, v6 ? (const void *)&e->addr6.sin6_addr : &e->addr4.sin_addr, host,
		  sizeof(host));
	snprintf(out, ENDPOINT_TEXT_LEN, v6 ? "[%s]:%u" : "%s:%u", host, ntohs(e->addr4.sin_port));
}

int worker_open_tun(struct device *d, unsigned int n, struct wg_error *err)
{
	(void)d, (void)n, (void)err;
	return 0;
}

static int fake_result(struct wg_error *err)
{
	return fake.refuse ? wg_error_errno(err, fake.refuse, "refused") : 0;
}

void worker_prepare(const struct device *d)
{
	(void)d;
}

int worker_bind(struct device *d, struct wg_error *err)
{
	if (!d->listen_port && !fake.refuse)
		d->listen_port = 40000;
	fake.binds++;
	return fake_result(err);
}

void worker_unbind(struct device *d)
{
	(void)d;
	fake.unbinds++;
}

enum tunif_state worker_tun_state(const struct device *d)
{
	(void)d;
	return fake.state;
}

void worker_resume(struct device *d)
{
	(void)d;
	fake.resumes++;
}

void worker_hold(struct device *d)
{
	(void)d;
	fake.holds++;
}

int worker_set_fwmark(struct device *d, struct wg_error *err)
{
	(void)d;
	fake.marks++;
	return fake_result(err);
}

int worker_start(struct device *d, struct wg_error *err)
{
	(void)d, (void)err;
	return 0;
}

void worker_stop(struct device *d)
{
	(void)d;
}

bool worker_send_message(struct device *d, const struct endpoint *to, const u8 *message, size_t len)
{
	(void)d;
	fake.to = *to;
	fake.len = len;
	memcpy(fake.message, message, len);
	fake.messages++;
	return true;
}

void worker_flush(struct device *d, struct peer *peer, bool keepalive)
{
	(void)d, (void)peer;
	fake.flushes++;
	fake.keepalives += keepalive;
}

static inline struct device *fake_device(void)
{
	struct wg_error err;

	memset(&fake, 0, sizeof(fake));
	return device_new("wgtest", &err);
}

/* A key that is like no other number's. */
static inline const u8 *fake_key(u8 key[static WG_PUBLIC_LEN], u32 number)
{
	memset(key, 0x40, WG_PUBLIC_LEN);
	wg_store_le32(key, number);
	return key;
}

#endif

// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/uapi/uapi-get.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../fake.h"
#include "../uapi.h"
#include <cmocka.h>

#define CLAMPED "4040404040404040404040404040404040404040404040404040404040404040"
#define NEVER_USED \
	"last_handshake_time_sec=0\nlast_handshake_time_nsec=0\ntx_bytes=0\nrx_bytes=0\n"

static void expect(struct device *d, const char *request, const char *answer)
{
	char *got = uapi_talk(d, request, 1);

	assert_string_equal(got, answer);
	free(got);
}

static void an_empty_device(void **state)
{
	struct device *d = fake_device();

	(void)state;
	expect(d, "get=1\n\n", "listen_port=0\nerrno=0\n\n");
	expect(d, "get=1\n\nget=1\n\n", "listen_port=0\nerrno=0\n\nlisten_port=0\nerrno=0\n\n");
	device_free(d);
}

static void all_that_was_set_comes_back(void **state)
{
	struct device *d = fake_device();

	(void)state;
	expect(d,
	       "set=1\nprivate_key=" CLAMPED "\nlisten_port=51820\nfwmark=16\npublic_key=" KEY1
	       "\npreshared_key=" KEY2 "\nendpoint=[2001:db8::1]:7\npersistent_keepalive_interval=25\n"
	       "allowed_ip=10.1.2.3/8\nallowed_ip=fd00::1/128\npublic_key=" KEY2 "\n\nget=1\n\n",
	       "errno=0\n\nprivate_key=" CLAMPED "\nlisten_port=51820\nfwmark=16\npublic_key=" KEY1
	       "\npreshared_key=" KEY2 "\nprotocol_version=1\nendpoint=[2001:db8::1]:7\n" NEVER_USED
	       "persistent_keepalive_interval=25\nallowed_ip=10.0.0.0/8\nallowed_ip=fd00::1/128\n"
	       "public_key=" KEY2 "\nprotocol_version=1\n" NEVER_USED
	       "persistent_keepalive_interval=0\nerrno=0\n\n");
	device_free(d);
}

static void counters_and_times(void **state)
{
	struct device *d = fake_device();
	u8 key[WG_PUBLIC_LEN];
	struct peer *p;

	(void)state;
	memset(key, 2, sizeof(key));
	p = peers_add(d, key);
	p->remote.rx_bytes = UINT64_MAX;
	p->remote.tx_bytes = 10;
	p->last_handshake = 1700000000123456789;
	expect(d, "get=1\n\n",
	       "listen_port=0\npublic_key=" KEY2 "\nprotocol_version=1\n"
	       "last_handshake_time_sec=1700000000\nlast_handshake_time_nsec=123456789\n"
	       "tx_bytes=10\nrx_bytes=18446744073709551615\npersistent_keepalive_interval=0\n"
	       "errno=0\n\n");
	device_free(d);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Those that stay are told once, in a small buffer, though one goes and one comes on the way. */
static void peers_may_change_between_the_pieces(void **state)
{
	struct device *d = fake_device();
	char *text = calloc(1, 1 << 20), buf[2 * UAPI_GET_PIECE], line[32];
	u8 key[WG_PUBLIC_LEN];
	struct uapi_get g;
	size_t n, at = 0;
	u32 gone = 0;

	(void)state;
	for (u32 i = 0; i < 100; i++)
		peers_add(d, fake_key(key, i));
	uapi_get_begin(&g, d);
	while ((n = uapi_get_some(&g, buf, sizeof(buf)))) {
		memcpy(text + at, buf, n);
		if (!at) {
			gone = wg_load_le32(g.cursor.at->remote.handshake.remote_static);
			peers_remove(d, g.cursor.at);
			peers_add(d, fake_key(key, 100));
		}
		at += n;
	}
	assert_true(gone > 0 && gone < 99);
	for (u32 i = 0; i <= 100; i++) {
		snprintf(line, sizeof(line), "public_key=%02x000000", i);
		if (i != gone)
			assert_int_equal(count(text, line), 1);
	}
	assert_string_equal(text + at - 10, "\nerrno=0\n\n");
	assert_null(d->cursors);
	free(text);
	device_free(d);
}

static void one_that_is_broken_off_leaves_no_cursor(void **state)
{
	struct device *d = fake_device();
	struct uapi_session *s = calloc(1, sizeof(*s));

	(void)state;
	s->device = d;
	s->in_len = 7;
	memcpy(s->in, "get=1\n\n", 7);
	uapi_session_work(s);
	assert_non_null(d->cursors);
	uapi_session_end(s);
	assert_null(d->cursors);
	free(s);
	device_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_device),
		cmocka_unit_test(all_that_was_set_comes_back),
		cmocka_unit_test(counters_and_times),
		cmocka_unit_test(peers_may_change_between_the_pieces),
		cmocka_unit_test(one_that_is_broken_off_leaves_no_cursor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

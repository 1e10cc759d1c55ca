// SPDX-License-Identifier: GPL-2.0
#include "../../../../src/tun/uapi/uapi-set.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include "../../../../src/tun/control/actions.h"
#include "../../../../src/tun/control/link.h"
#include "../../../../src/tun/device/peers.h"
#include "../fake.h"
#include "../uapi.h"
#include <cmocka.h>

static void expect(struct device *d, const char *request, const char *answer)
{
	for (size_t piece = 1; piece < 1000; piece += 333) {
		char *got = uapi_talk(d, request, piece);

		assert_string_equal(got, answer);
		free(got);
	}
}

/* Once: the request must not be repeated. */
static void expect_once(struct device *d, const char *request, const char *answer)
{
	char *got = uapi_talk(d, request, 7);

	assert_string_equal(got, answer);
	free(got);
}

static struct peer *peer_1(struct device *d)
{
	u8 key[WG_PUBLIC_LEN];

	memset(key, 1, sizeof(key));
	return peers_find(d, key);
}

#define OK	"errno=0\n\n"
#define INVALID "errno=-22\n\n"

static void settings_of_the_device(void **state)
{
	struct device *d = fake_device();

	(void)state;
	expect(d, "set=1\n\n", OK);
	expect(d, "set=1\nprivate_key=" KEY1 "\nlisten_port=5\nfwmark=4294967295\n\n", OK);
	assert_true(d->local.identity.present);
	assert_int_equal(d->listen_port, 5);
	assert_int_equal(d->fwmark, UINT32_MAX);
	assert_int_equal(fake.binds + fake.marks, 0);
	expect(d, "set=1\nprivate_key=" ZEROS "\n\n", OK);
	assert_false(d->local.identity.present);
	device_free(d);
}

static void a_peer_whole(void **state)
{
	struct device *d = fake_device();
	const u8 ip4[4] = {10, 1, 2, 3}, ip6[16] = {0xfd, [15] = 1};
	struct peer *p;

	(void)state;
	expect(d,
	       "set=1\npublic_key=" KEY1 "\npreshared_key=" KEY2 "\nendpoint=192.0.2.1:51820\n"
	       "persistent_keepalive_interval=25\nreplace_allowed_ips=true\nallowed_ip=10.0.0.0/8\n"
	       "allowed_ip=fd00::/8\nprotocol_version=1\n\n",
	       OK);
	p = peer_1(d);
	assert_non_null(p);
	assert_int_equal(p->remote.handshake.preshared_key[31], 2);
	assert_int_equal(p->endpoint.addr4.sin_port, htons(51820));
	assert_int_equal(p->remote.timers.persistent_interval, 25);
	assert_ptr_equal(wg_allowedips_find(&d->allowed, 4, ip4), &p->remote);
	assert_ptr_equal(wg_allowedips_find(&d->allowed, 6, ip6), &p->remote);
	expect(d, "set=1\npublic_key=" KEY1 "\nallowed_ip=-10.0.0.0/8\n\n", OK);
	assert_null(wg_allowedips_find(&d->allowed, 4, ip4));
	expect(d, "set=1\npublic_key=" KEY1 "\nendpoint=[2001:db8::1%lo]:1\n\n", OK);
	assert_int_equal(p->endpoint.addr6.sin6_scope_id, 1);
	expect(d, "set=1\npublic_key=" KEY1 "\nremove=true\nendpoint=192.0.2.1:1\n\n", OK);
	assert_null(peer_1(d));
	device_free(d);
}

static void only_what_is_there_is_updated(void **state)
{
	struct device *d = fake_device();

	(void)state;
	expect(d, "set=1\npublic_key=" KEY1 "\nupdate_only=true\nallowed_ip=10.0.0.0/8\n\n", OK);
	expect(d, "set=1\npublic_key=" KEY1 "\nallowed_ip=10.0.0.0/8\nupdate_only=true\n\n", OK);
	expect(d, "set=1\npublic_key=" KEY1 "\nremove=true\n\n", OK);
	assert_int_equal(d->n_peers, 0);
	expect(d, "set=1\npublic_key=" KEY1 "\n\n", OK);
	assert_int_equal(d->n_peers, 1);
	expect(d, "set=1\npublic_key=" KEY1 "\nupdate_only=true\npersistent_keepalive_interval=3\n\n", OK);
	assert_int_equal(peer_1(d)->remote.timers.persistent_interval, 3);
	expect(d, "set=1\nreplace_peers=true\npublic_key=" KEY2 "\n\n", OK);
	assert_int_equal(d->n_peers, 1);
	assert_null(peer_1(d));
	device_free(d);
}

static void wrong_lines_are_refused_and_the_next_request_is_served(void **state)
{
	static const char *const lines[] = {
		"private_key=", "private_key=" KEY1 "0", "listen_port=65536", "listen_port=-1",
		"listen_port=", "fwmark=4294967296", "fwmark=0x1", "replace_peers=false", "nonsense=1",
		"nonsense", "=", "endpoint=1.2.3.4:5", "public_key=g" KEY1,
		"public_key=" KEY1 "\nlisten_port=5", "public_key=" KEY1 "\nendpoint=1.2.3.4",
		"public_key=" KEY1 "\nendpoint=:5", "public_key=" KEY1 "\nendpoint=[::1:5",
		"public_key=" KEY1 "\nendpoint=[::1%nolink]:5", "public_key=" KEY1 "\nendpoint=a.example:5",
		"public_key=" KEY1 "\nendpoint=1.2.3.4:65536", "public_key=" KEY1 "\nallowed_ip=10.0.0.0",
		"public_key=" KEY1 "\nallowed_ip=10.0.0.0/33", "public_key=" KEY1 "\nallowed_ip=::/129",
		"public_key=" KEY1 "\nallowed_ip=/0", "public_key=" KEY1 "\nallowed_ip=--1.1.1.1/1",
		"public_key=" KEY1 "\nprotocol_version=2", "public_key=" KEY1 "\nremove=yes",
		"public_key=" KEY1 "\npersistent_keepalive_interval=65536",
	};
	struct device *d = fake_device();

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char request[512];

		snprintf(request, sizeof(request), "set=1\n%s\nfwmark=7\n\nset=1\n\n", lines[i]);
		expect(d, request, INVALID OK);
	}
	assert_int_equal(d->fwmark, 0);
	expect(d, "put=1\nx=y\n\nset=1\n\n", INVALID OK);
	expect(d, "get=2\n\nset=1\n\n", INVALID OK);
	device_free(d);
}

static void while_up_ports_and_marks_go_to_the_sockets(void **state)
{
	struct device *d = fake_device();

	(void)state;
	d->link_up = d->up = true;
	expect_once(d, "set=1\nlisten_port=7\nfwmark=3\n\n", OK);
	assert_int_equal(fake.binds, 1);
	assert_int_equal(fake.marks, 1);
	expect(d, "set=1\nlisten_port=7\nfwmark=3\n\n", OK);
	assert_int_equal(fake.binds + fake.marks, 2);
	fake.refuse = EADDRINUSE;
	expect_once(d, "set=1\nlisten_port=8\n\n", "errno=-98\n\n");
	expect_once(d, "set=1\nfwmark=8\n\n", "errno=-98\n\n");
	assert_int_equal(d->listen_port, 7);
	assert_int_equal(d->fwmark, 3);
	fake.refuse = 0;
	expect_once(d, "set=1\nlisten_port=0\n\n", OK);
	assert_int_equal(d->listen_port, 40000);
	assert_int_equal(fake.resumes, 0);
	device_free(d);
}

/* The link went up while another program had the port. */
static void a_port_that_is_free_opens_what_could_not_open(void **state)
{
	struct device *d = fake_device();

	(void)state;
	expect_once(d, "set=1\nlisten_port=7\npublic_key=" KEY1 "\npersistent_keepalive_interval=9\n\n", OK);
	fake.refuse = EADDRINUSE;
	fake.state = TUNIF_UP;
	link_changed(d, true);
	assert_false(d->up);
	expect_once(d, "set=1\nlisten_port=8\n\n", "errno=-98\n\n");
	assert_int_equal(d->listen_port, 7);
	assert_int_equal(fake.resumes + fake.keepalives, 0);
	assert_false(d->up);
	fake.refuse = 0;
	expect_once(d, "set=1\nlisten_port=7\n\n", OK);
	assert_true(d->up);
	assert_int_equal(fake.resumes, 1);
	assert_int_equal(fake.holds, 1);
	actions_asked(d);
	assert_int_equal(fake.keepalives, 1);
	fake.state = TUNIF_DOWN;
	link_changed(d, false);
	assert_false(d->up);
	assert_int_equal(fake.unbinds, 1);
	expect_once(d, "set=1\nlisten_port=9\n\n", OK);
	assert_int_equal(fake.binds, 3);
	device_free(d);
}

/* wg-quick asks so, before netlink has told of the link. */
static void setting_the_port_again_tells_whether_the_link_could_come_up(void **state)
{
	struct device *d = fake_device();

	(void)state;
	expect_once(d, "set=1\nlisten_port=7\n\n", OK);
	fake.state = TUNIF_UP;
	fake.refuse = EADDRINUSE;
	expect_once(d, "set=1\nlisten_port=7\n\n", "errno=-98\n\n");
	assert_true(d->link_up);
	assert_false(d->up);
	assert_int_equal(d->listen_port, 7);
	fake.refuse = 0;
	expect_once(d, "set=1\nlisten_port=7\n\n", OK);
	assert_true(d->up);
	device_free(d);
}

static void asking_does_not_choose_another_port(void **state)
{
	struct device *d = fake_device();

	(void)state;
	fake.state = TUNIF_UP;
	expect_once(d, "set=1\nlisten_port=0\n\n", OK);
	assert_true(d->up);
	assert_int_equal(fake.binds, 1);
	device_free(d);
}

static void sockets_that_could_not_be_opened_are_tried_again(void **state)
{
	struct device *d = fake_device();

	(void)state;
	assert_true(link_work(d) == WG_NEVER);
	expect_once(d, "set=1\nlisten_port=7\npublic_key=" KEY1 "\npersistent_keepalive_interval=9\n\n", OK);
	fake.refuse = EADDRINUSE;
	link_changed(d, true);
	assert_true(link_work(d) > device_now());
	fake.refuse = 0;
	assert_true(link_work(d) > device_now());
	assert_false(d->up);
	d->next_open = 0;
	fake.refuse = EADDRINUSE;
	assert_true(link_work(d) > device_now());
	d->next_open = 0;
	fake.refuse = 0;
	assert_true(link_work(d) == WG_NEVER);
	assert_true(d->up);
	actions_asked(d);
	assert_int_equal(fake.keepalives, 1);
	link_changed(d, false);
	d->next_open = 0;
	assert_true(link_work(d) == WG_NEVER);
	assert_false(d->up);
	device_free(d);
}

/* The mark was not permitted: another one is tried at once. */
static void another_mark_is_tried_at_once(void **state)
{
	struct device *d = fake_device();

	(void)state;
	expect_once(d, "set=1\nfwmark=7\n\n", OK);
	fake.refuse = EPERM;
	link_changed(d, true);
	assert_true(link_work(d) > device_now());
	fake.refuse = 0;
	expect_once(d, "set=1\nfwmark=0\n\n", OK);
	assert_true(link_work(d) == WG_NEVER);
	assert_true(d->up);
	device_free(d);
}

static void a_keepalive_that_is_turned_on_is_sent(void **state)
{
	struct device *d = fake_device();

	(void)state;
	d->up = true;
	expect_once(d, "set=1\npublic_key=" KEY1 "\npersistent_keepalive_interval=9\n\n", OK);
	assert_int_equal(fake.keepalives, 1);
	assert_ptr_equal(heap_first(&d->deadlines), peer_1(d));
	expect_once(d, "set=1\npublic_key=" KEY1 "\npersistent_keepalive_interval=0\n\n", OK);
	assert_int_equal(fake.keepalives, 1);
	device_free(d);
}

static void a_shorter_interval_counts_at_once(void **state)
{
	struct device *d = fake_device();

	(void)state;
	d->up = true;
	expect_once(d, "set=1\npublic_key=" KEY1 "\npersistent_keepalive_interval=600\n\n", OK);
	assert_true(peer_1(d)->deadline > device_now() + 500 * WG_SECOND);
	expect_once(d, "set=1\npublic_key=" KEY1 "\npersistent_keepalive_interval=9\n\n", OK);
	assert_true(peer_1(d)->deadline < device_now() + 10 * WG_SECOND);
	assert_int_equal(fake.keepalives, 1);
	device_free(d);
}

/* Its own public key: of a private key of ones, clamped. */
static void we_are_no_peer_of_ours(void **state)
{
	struct device *d = fake_device();
	char request[256], hex[65];

	(void)state;
	expect(d, "set=1\nprivate_key=" KEY1 "\n\n", OK);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", d->local.identity.public_key[i]);
	snprintf(request, sizeof(request), "set=1\npublic_key=%s\nallowed_ip=1.1.1.1/32\n\n", hex);
	expect(d, request, OK);
	assert_int_equal(d->n_peers, 0);
	expect(d, "set=1\nprivate_key=" KEY2 "\n\n", OK);
	expect(d, request, OK);
	assert_int_equal(d->n_peers, 1);
	expect(d, "set=1\nprivate_key=" KEY1 "\n\n", OK);
	assert_int_equal(d->n_peers, 0);
	device_free(d);
}

static void what_breaks_off_leaves_no_lock(void **state)
{
	struct device *d = fake_device();

	(void)state;
	expect(d, "set=1\npublic_key=" KEY1 "\nallowed_ip=1.1.1.1/32\nallow", "");
	assert_int_equal(pthread_rwlock_trywrlock(&d->config), 0);
	pthread_rwlock_unlock(&d->config);
	device_free(d);
}

static void an_endless_line_ends_the_connection(void **state)
{
	struct device *d = fake_device();
	char *text = malloc(2 * UAPI_IN);

	(void)state;
	memset(text, 'a', 2 * UAPI_IN);
	text[2 * UAPI_IN - 1] = '\0';
	expect(d, text, INVALID);
	free(text);
	device_free(d);
}

static void line(struct uapi_set *s, const char *text)
{
	char copy[200];

	strcpy(copy, text);
	uapi_set_line(s, copy);
}

/* Two requests take turns; what one removes the other must not touch, nor make what is there. */
static void requests_that_take_turns(void **state)
{
	struct device *d = fake_device();
	struct uapi_set a, b;

	(void)state;
	uapi_set_begin(&a, d);
	uapi_set_begin(&b, d);
	line(&a, "public_key=" KEY1);
	line(&a, "persistent_keepalive_interval=5");
	uapi_set_pause(&a);
	assert_non_null(peer_1(d));
	line(&b, "replace_peers=true");
	assert_int_equal(uapi_set_end(&b), 0);
	line(&a, "endpoint=192.0.2.1:1");
	line(&a, "allowed_ip=10.0.0.0/8");
	assert_int_equal(uapi_set_end(&a), 0);
	assert_null(peer_1(d));

	uapi_set_begin(&a, d);
	uapi_set_begin(&b, d);
	line(&a, "public_key=" KEY1);
	uapi_set_pause(&a);
	line(&b, "public_key=" KEY1);
	assert_int_equal(uapi_set_end(&b), 0);
	assert_int_equal(uapi_set_end(&a), 0);
	assert_int_equal(d->n_peers, 1);
	device_free(d);
}

/* Nothing after it is carried out, as the connection ends without an answer. */
static void a_line_with_nul_ends_the_connection(void **state)
{
	static const char request[] = "set=1\nlisten_port=5\nlisten\0_port=6\nlisten_port=7\n\n"
				      "set=1\nlisten_port=8\n\n";
	struct uapi_session *s = calloc(1, sizeof(*s));
	struct device *d = fake_device();

	(void)state;
	s->device = d;
	memcpy(s->in, request, sizeof(request) - 1);
	s->in_len = sizeof(request) - 1;
	for (int i = 0; i < 10; i++)
		uapi_session_work(s);
	assert_true(s->hopeless);
	assert_int_equal(s->out_len, 0);
	uapi_session_end(s);
	assert_int_equal(d->listen_port, 5);
	free(s);
	device_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_of_the_device),
		cmocka_unit_test(a_peer_whole),
		cmocka_unit_test(only_what_is_there_is_updated),
		cmocka_unit_test(wrong_lines_are_refused_and_the_next_request_is_served),
		cmocka_unit_test(while_up_ports_and_marks_go_to_the_sockets),
		cmocka_unit_test(a_port_that_is_free_opens_what_could_not_open),
		cmocka_unit_test(setting_the_port_again_tells_whether_the_link_could_come_up),
		cmocka_unit_test(asking_does_not_choose_another_port),
		cmocka_unit_test(sockets_that_could_not_be_opened_are_tried_again),
		cmocka_unit_test(another_mark_is_tried_at_once),
		cmocka_unit_test(a_keepalive_that_is_turned_on_is_sent),
		cmocka_unit_test(a_shorter_interval_counts_at_once),
		cmocka_unit_test(we_are_no_peer_of_ours),
		cmocka_unit_test(what_breaks_off_leaves_no_lock),
		cmocka_unit_test(an_endless_line_ends_the_connection),
		cmocka_unit_test(requests_that_take_turns),
		cmocka_unit_test(a_line_with_nul_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Every row of the tables of settings, by what its type and role ask for: complete, told to both kinds of
 * data path, read back from them, and noticed by wg_diff. A row with a hole fails here. */
#include "../../../../src/lib/device/setting.h"
#include <linux/genetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"
#include "../../../../src/lib/device/diff.h"
#include "../../../../src/lib/device/kernel.h"
#include "../../../../src/lib/device/uapi.h"
#include "setting-samples.h"

#define BUF 4096

/* What is wrong with a row is said with its name. */
static const char *name_of(const struct wg_setting *s)
{
	return s->key ? s->key : s->uapi ? s->uapi : s->label ? s->label : "?";
}

#define expect(s, condition)                                          \
	do {                                                          \
		if (!(condition))                                     \
			fail_msg("%s: %s", name_of(s), #condition);   \
	} while (0)

static void for_each_row(void (*check)(const struct wg_setting *s))
{
	for (enum wg_section section = 0; section < WG_SECTIONS; section++)
		for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++)
			check(s);
}

/* A device with one peer, and the object that the row is about. */
static struct wg_device *fresh_device(const struct wg_setting *s, void **object)
{
	struct wg_device *dev = wg_device_new();
	struct wg_peer *peer = wg_device_add_peer(dev);

	strcpy(dev->name, "wg0");
	memset(peer->public_key, 1, WG_KEY_LEN);
	peer->flags = WG_PEER_HAS_PUBLIC_KEY | WG_PEER_REPLACE_ALLOWEDIPS;
	*object = s->section == WG_SECTION_PEER ? (void *)peer : dev;
	return dev;
}

static struct wg_device *sample_device(const struct wg_setting *s, size_t i)
{
	void *object;
	struct wg_device *dev = fresh_device(s, &object);

	sample_set(s, dev, object, i);
	return dev;
}

static const void *object_of(const struct wg_setting *s, const struct wg_device *dev)
{
	return s->section == WG_SECTION_PEER ? (const void *)dev->peers : dev;
}

static void expect_sample(const struct wg_setting *s, const struct wg_device *dev, size_t i)
{
	cleanup(wg_device_freep) struct wg_device *want = sample_device(s, i);

	expect(s, !memcmp(wg_setting_value(s, object_of(s, dev)), wg_setting_value(s, object_of(s, want)),
			  wg_setting_ops(s)->size));
	expect(s, !s->flag || wg_setting_has_flag(s, object_of(s, dev)));
}

static void check_completeness(const struct wg_setting *s)
{
	const struct wg_setting_ops *ops = wg_setting_ops(s);
	bool shown = s->place[WG_ORDER_SHOW];
	size_t size = s->section == WG_SECTION_PEER ? sizeof(struct wg_peer) : sizeof(struct wg_device);

	expect(s, s->type < WG_TYPES && ops->size && ops->is_set);
	expect(s, s->offset + ops->size <= size);
	expect(s, s->attribute <= (s->section == WG_SECTION_PEER ? WGPEER_A_MAX : WGDEVICE_A_MAX));
	if (s->role == WG_ROLE_VALUE || s->role == WG_ROLE_LIST)
		expect(s, s->key && s->option && s->column && s->label && s->uapi && s->attribute);
	/* wg_diff sends a setting of the interface only by its flag. */
	if (s->role == WG_ROLE_VALUE && s->section == WG_SECTION_INTERFACE)
		expect(s, s->flag);
	/* wg-quick remembers by their flags which settings of a peer the file gave, and endpoints apart. */
	if (s->role == WG_ROLE_VALUE && s->section == WG_SECTION_PEER)
		expect(s, s->flag || s->type == WG_TYPE_ENDPOINT);
	if (s->role == WG_ROLE_VALUE)
		expect(s, ops->agrees && ops->write_uapi && ops->read_uapi && ops->read_payload);
	if (s->role == WG_ROLE_FACT)
		expect(s, !s->key && !s->option && ops->read_payload && s->attribute &&
			  (s->uapi || s->section == WG_SECTION_INTERFACE));
	expect(s, !s->key == !s->place[WG_ORDER_FILE]);
	if (s->role != WG_ROLE_IDENTITY)
		expect(s, !s->option == !s->place[WG_ORDER_COMMAND]);
	expect(s, !s->column == !shown && !s->label == !shown);
	if (s->role != WG_ROLE_IDENTITY)
		expect(s, !s->place[WG_ORDER_DUMP] == !shown);
	if (s->type == WG_TYPE_MARK || s->type == WG_TYPE_INTERVAL)
		expect(s, s->noun);
}

static void every_row_is_complete(void **state)
{
	(void)state;
	for_each_row(check_completeness);
}

static bool is_same_name(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static void check_uniqueness(const struct wg_setting *s)
{
	for (const struct wg_setting *t = wg_settings(s->section); t->type != WG_TYPE_NONE; t++) {
		if (t == s)
			continue;
		expect(s, s->section == t->section);
		expect(s, s->offset + wg_setting_ops(s)->size <= t->offset ||
			  t->offset + wg_setting_ops(t)->size <= s->offset);
		expect(s, !s->flag || !(s->flag & t->flag));
		expect(s, !s->attribute || s->attribute != t->attribute ||
			  s->type == WG_TYPE_NANOSECONDS || t->type == WG_TYPE_NANOSECONDS);
		expect(s, !is_same_name(s->uapi, t->uapi) && !is_same_name(s->key, t->key) &&
			  !is_same_name(s->option, t->option));
		for (enum wg_setting_order order = 0; order < WG_ORDERS; order++)
			expect(s, !s->place[order] || s->place[order] != t->place[order]);
	}
}

static void no_two_rows_are_in_each_others_way(void **state)
{
	(void)state;
	for_each_row(check_uniqueness);
}

static void orders_have_all_rows_once(void **state)
{
	(void)state;
	for (enum wg_section section = 0; section < WG_SECTIONS; section++) {
		for (enum wg_setting_order order = 0; order < WG_ORDERS; order++) {
			const struct wg_setting *const *list = wg_settings_in_order(section, order);
			size_t n = 0;

			for (const struct wg_setting *s = wg_settings(section); s->type != WG_TYPE_NONE; s++)
				n += s->place[order] != 0;
			for (; *list; list++, n--)
				expect(*list, !list[1] || list[1]->place[order] > list[0]->place[order]);
			assert_int_equal(n, 0);
		}
	}
}

/* The line that says it, in a request or in an answer. */
static void write_line(char *line, size_t size, const struct wg_setting *s, size_t i)
{
	snprintf(line, size, "\n%s=%s\n", s->uapi, samples[s->type][i].uapi);
}

static void check_uapi_write(const struct wg_setting *s)
{
	if (s->role == WG_ROLE_FACT)
		return;
	for (size_t i = 0; i < 2; i++) {
		cleanup(wg_device_freep) struct wg_device *dev = sample_device(s, i);
		char text[BUF] = "", line[256];
		FILE *f = fmemopen(text, sizeof(text), "w");

		assert_non_null(f);
		wg_uapi_write(f, dev);
		fclose(f);
		write_line(line, sizeof(line), s, i);
		expect(s, strstr(text, line));
	}
}

static void userspace_is_told_every_setting(void **state)
{
	(void)state;
	for_each_row(check_uapi_write);
}

static void check_uapi_read(const struct wg_setting *s)
{
	if (!s->uapi || s->role == WG_ROLE_LIST)
		return;
	for (size_t i = 0; i < 2; i++) {
		cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
		char text[BUF], line[256];
		struct wg_error err;
		FILE *f;

		write_line(line, sizeof(line), s, i);
		snprintf(text, sizeof(text), "%s%serrno=0\n\n",
			 s->section == WG_SECTION_PEER && s->role != WG_ROLE_IDENTITY
				 ? "public_key=" SAMPLE_HEX_1
				 : "fwmark=0", line);
		f = fmemopen(text, strlen(text), "r");
		assert_non_null(f);
		expect(s, wg_uapi_read(f, dev, &err) == 0);
		fclose(f);
		expect_sample(s, dev, i);
	}
}

static void userspace_is_asked_for_every_setting(void **state)
{
	(void)state;
	for_each_row(check_uapi_read);
}

static struct nlmsghdr *start_message(char *buf)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	mnl_nlmsg_put_extra_header(nlh, sizeof(struct genlmsghdr));
	return nlh;
}

static const struct nlattr *find_attribute(const void *payload, size_t len, u16 type)
{
	const struct nlattr *attr;

	mnl_attr_for_each_payload(payload, len)
		if (mnl_attr_get_type(attr) == type)
			return attr;
	return NULL;
}

/* The attribute of that row in a message about one device with one peer. */
static const struct nlattr *find_in_message(const struct wg_setting *s, const struct nlmsghdr *nlh)
{
	const void *payload = mnl_nlmsg_get_payload_offset(nlh, GENL_HDRLEN);
	size_t len = mnl_nlmsg_get_payload_len(nlh) - GENL_HDRLEN;
	const struct nlattr *peers, *peer;

	if (s->section == WG_SECTION_INTERFACE)
		return find_attribute(payload, len, s->attribute);
	peers = find_attribute(payload, len, WGDEVICE_A_PEERS);
	assert_non_null(peers);
	peer = mnl_attr_get_payload(peers);
	return find_attribute(mnl_attr_get_payload(peer), mnl_attr_get_payload_len(peer), s->attribute);
}

static void check_kernel_write(const struct wg_setting *s)
{
	if (s->role == WG_ROLE_FACT)
		return;
	for (size_t i = 0; i < 2; i++) {
		static char buf[BUF] __attribute__((aligned(8)));
		cleanup(wg_device_freep) struct wg_device *dev = sample_device(s, i);
		struct wg_kernel_writer w = {.dev = dev};
		struct nlmsghdr *nlh = start_message(buf);
		const struct nlattr *attr;
		u8 payload[128];
		size_t len;

		assert_int_equal(wg_kernel_write(&w, nlh, BUF), 0);
		attr = find_in_message(s, nlh);
		expect(s, attr);
		if (s->role == WG_ROLE_LIST)
			continue;
		len = sample_payload(s, i, payload);
		expect(s, mnl_attr_get_payload_len(attr) == len);
		expect(s, !memcmp(mnl_attr_get_payload(attr), payload, len));
	}
}

static void the_kernel_is_told_every_setting(void **state)
{
	(void)state;
	for_each_row(check_kernel_write);
}

/* Reads a reply that has the row's attribute with `len` bytes of the sample. */
static int read_reply(const struct wg_setting *s, struct wg_device *dev, size_t i, size_t len)
{
	static char buf[BUF] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = start_message(buf);
	struct nlattr *peers = NULL, *peer = NULL;
	u8 payload[128] = {0}, key[WG_KEY_LEN];

	sample_payload(s, i, payload);
	memset(key, 1, sizeof(key));
	if (s->section == WG_SECTION_PEER) {
		peers = mnl_attr_nest_start(nlh, WGDEVICE_A_PEERS);
		peer = mnl_attr_nest_start(nlh, 0);
		if (s->role != WG_ROLE_IDENTITY)
			mnl_attr_put(nlh, WGPEER_A_PUBLIC_KEY, sizeof(key), key);
	}
	mnl_attr_put(nlh, s->attribute, len, payload);
	if (peer) {
		mnl_attr_nest_end(nlh, peer);
		mnl_attr_nest_end(nlh, peers);
	}
	return wg_kernel_read(nlh, dev);
}

static void check_kernel_read(const struct wg_setting *s)
{
	u8 payload[128];

	if (!s->attribute || s->role == WG_ROLE_LIST)
		return;
	for (size_t i = 0; i < 2; i++) {
		size_t len = sample_payload(s, i, payload);
		cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
		cleanup(wg_device_freep) struct wg_device *short_one = wg_device_new();
		cleanup(wg_device_freep) struct wg_device *long_one = wg_device_new();

		expect(s, read_reply(s, dev, i, len) == MNL_CB_OK);
		expect_sample(s, dev, i);
		expect(s, read_reply(s, short_one, i, len - 1) == MNL_CB_ERROR);
		expect(s, read_reply(s, long_one, i, len + 1) == MNL_CB_ERROR);
	}
}

static void the_kernel_is_asked_for_every_setting(void **state)
{
	(void)state;
	for_each_row(check_kernel_read);
}

/* A key of zeros stands for none; a number of zero is a value. */
static void check_zero(const struct wg_setting *s)
{
	cleanup(wg_device_freep) struct wg_device *dev = wg_device_new();
	void *object = s->section == WG_SECTION_PEER ? (void *)wg_device_add_peer(dev) : dev;

	if (!s->flag || s->role == WG_ROLE_IDENTITY)
		return;
	wg_setting_reported(s, object);
	expect(s, wg_setting_has_flag(s, object) == !wg_setting_ops(s)->is_key);
	expect(s, !wg_setting_is_shown(s, object));
}

static void only_keys_of_zeros_are_none(void **state)
{
	(void)state;
	for_each_row(check_zero);
}

static bool diff(struct wg_device *want, const struct wg_device *have)
{
	struct wg_error err;
	bool changed;

	assert_int_equal(wg_diff(want, have, &changed, &err), 0);
	return changed;
}

static void check_diff(const struct wg_setting *s)
{
	cleanup(wg_device_freep) struct wg_device *have = sample_device(s, 0);
	cleanup(wg_device_freep) struct wg_device *same = sample_device(s, 0);
	cleanup(wg_device_freep) struct wg_device *other = sample_device(s, 1);

	if (s->role != WG_ROLE_VALUE && s->role != WG_ROLE_LIST)
		return;
	expect(s, !diff(same, have));
	expect(s, diff(other, have));
	expect(s, wg_setting_is_given(s, object_of(s, other)));
	if (s->role == WG_ROLE_VALUE)
		expect_sample(s, other, 1);
}

static void every_change_is_noticed(void **state)
{
	(void)state;
	for_each_row(check_diff);
}

/* What a file does not mention stays of the interface. Of a peer, it is removed if a flag can say that. */
static void check_absence(const struct wg_setting *s)
{
	void *object;
	cleanup(wg_device_freep) struct wg_device *have = sample_device(s, 0);
	cleanup(wg_device_freep) struct wg_device *none = fresh_device(s, &object);

	if (s->role != WG_ROLE_VALUE)
		return;
	expect(s, diff(none, have) == (s->section == WG_SECTION_PEER && s->flag));
}

static void what_a_file_lacks_is_removed_from_peers_only(void **state)
{
	(void)state;
	for_each_row(check_absence);
}

/* Two entries of one peer: the later one counts. */
static void check_fold(const struct wg_setting *s)
{
	void *object;
	cleanup(wg_device_freep) struct wg_device *have = fresh_device(s, &object);
	cleanup(wg_device_freep) struct wg_device *want = sample_device(s, 0);
	struct wg_peer *later;

	if (s->role != WG_ROLE_VALUE || s->section != WG_SECTION_PEER)
		return;
	later = wg_device_add_peer(want);
	memset(later->public_key, 1, WG_KEY_LEN);
	later->flags = WG_PEER_HAS_PUBLIC_KEY;
	sample_set(s, want, later, 1);
	expect(s, diff(want, have));
	assert_int_equal(want->n_peers, 1);
	expect_sample(s, want, 1);
}

static void the_last_entry_of_a_peer_counts(void **state)
{
	(void)state;
	for_each_row(check_fold);
}

static void flags_are_those_that_can_be_set(void **state)
{
	(void)state;
	assert_int_equal(wg_settings_flags(WG_SECTION_INTERFACE) &
				 (WG_DEVICE_REPLACE_PEERS | WG_DEVICE_HAS_PUBLIC_KEY |
				  WG_DEVICE_HAS_PRIVATE_KEY | WG_DEVICE_HAS_LISTEN_PORT |
				  WG_DEVICE_HAS_FWMARK),
			 WG_DEVICE_HAS_PRIVATE_KEY | WG_DEVICE_HAS_LISTEN_PORT | WG_DEVICE_HAS_FWMARK);
	assert_int_equal(wg_settings_flags(WG_SECTION_PEER) &
				 (WG_PEER_HAS_PUBLIC_KEY | WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE),
			 WG_PEER_HAS_PRESHARED_KEY | WG_PEER_HAS_KEEPALIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(no_two_rows_are_in_each_others_way),
		cmocka_unit_test(orders_have_all_rows_once),
		cmocka_unit_test(userspace_is_told_every_setting),
		cmocka_unit_test(userspace_is_asked_for_every_setting),
		cmocka_unit_test(the_kernel_is_told_every_setting),
		cmocka_unit_test(the_kernel_is_asked_for_every_setting),
		cmocka_unit_test(only_keys_of_zeros_are_none),
		cmocka_unit_test(every_change_is_noticed),
		cmocka_unit_test(what_a_file_lacks_is_removed_from_peers_only),
		cmocka_unit_test(the_last_entry_of_a_peer_counts),
		cmocka_unit_test(flags_are_those_that_can_be_set),
	};

	return cmocka_run_group_tests_name("lib/setting", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Against this kernel's own controller family, and the reply loop on made-up datagrams. */
#include "../../../../src/lib/net/genl.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../../src/lib/base/cleanup.h"

static int count(const struct nlmsghdr *nlh, void *ctx)
{
	(void)nlh;
	++*(unsigned int *)ctx;
	return MNL_CB_OK;
}

static void test_controller(void **state)
{
	cleanup(wg_genl_close) struct wg_genl g = {0};
	struct wg_error err = {0};
	unsigned int families = 0;

	(void)state;
	assert_int_equal(wg_genl_open(&g, "nlctrl", 2, &err), 0);
	assert_int_equal(g.family, GENL_ID_CTRL);
	assert_int_equal(wg_genl_request(&g, wg_genl_prepare(&g, CTRL_CMD_GETFAMILY, NLM_F_DUMP),
					 count, &families, &err), 0);
	assert_true(families > 0);
	assert_int_equal(wg_genl_request(&g, wg_genl_prepare(&g, 200, NLM_F_ACK), NULL, NULL, &err),
			 -1);
	assert_int_equal(err.code, EOPNOTSUPP);
	assert_int_equal(wg_genl_open(&(struct wg_genl){0}, "wgnosuchfamily", 1, &err), -1);
	assert_int_equal(err.code, EPROTONOSUPPORT);
}

static struct nlmsghdr *message(void *buf, u16 type, u16 flags, u32 seq, int code)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = seq;
	*(int *)mnl_nlmsg_put_extra_header(nlh, sizeof(code)) = code;
	return nlh;
}

static void test_feed(void **state)
{
	char buf[256] __attribute__((aligned(8)));
	unsigned int n = 0;
	struct wg_genl_answer a = {.seq = 5, .reply = count, .ctx = &n};
	struct nlmsghdr *nlh;

	(void)state;
	nlh = message(buf, 0x20, NLM_F_MULTI, 5, 0);
	assert_false(wg_genl_feed(&a, buf, nlh->nlmsg_len));
	assert_int_equal(n, 1);
	/* Another request's end is not ours. */
	nlh = message(buf, NLMSG_DONE, NLM_F_MULTI, 4, 0);
	assert_false(wg_genl_feed(&a, buf, nlh->nlmsg_len));
	/* Interrupted: read on, tell nobody. */
	nlh = message(buf, 0x20, NLM_F_MULTI | NLM_F_DUMP_INTR, 5, 0);
	assert_false(wg_genl_feed(&a, buf, nlh->nlmsg_len));
	assert_int_equal(n, 1);
	assert_true(a.interrupted);
	nlh = message(buf, NLMSG_DONE, NLM_F_MULTI, 5, -ENODEV);
	assert_true(wg_genl_feed(&a, buf, nlh->nlmsg_len));
	assert_int_equal(a.code, ENODEV);
}

static void test_detail(void **state)
{
	char buf[256] __attribute__((aligned(8)));
	struct wg_genl_answer a = {.seq = 1};
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));

	(void)state;
	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
	nlh->nlmsg_seq = 1;
	e->error = -EINVAL;
	e->msg.nlmsg_len = 4000;
	mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, "bad attribute");
	assert_true(wg_genl_feed(&a, buf, nlh->nlmsg_len));
	assert_int_equal(a.code, EINVAL);
	assert_string_equal(a.detail, "bad attribute");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_controller),
		cmocka_unit_test(test_feed),
		cmocka_unit_test(test_detail),
	};

	return cmocka_run_group_tests_name("lib/genl", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* A datagram of GET_DEVICE replies, through the reply loop and the parser; what was understood is
 * written as SET_DEVICE messages of every input's own size. */
#include <stdlib.h>
#include "../../src/lib/device/kernel.h"
#include "../../src/lib/net/genl.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static int read_reply(const struct nlmsghdr *nlh, void *ctx)
{
	return wg_kernel_read(nlh, ctx);
}

static void write_back(const struct wg_device *dev, size_t room)
{
	static char buf[4096] __attribute__((aligned(8)));
	struct wg_kernel_writer w = {.dev = dev};
	int more;

	do {
		struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

		mnl_nlmsg_put_extra_header(nlh, GENL_HDRLEN);
		more = wg_kernel_write(&w, nlh, room);
		if (nlh->nlmsg_len > room && more >= 0)
			abort();
	} while (more > 0);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct wg_device *dev = wg_device_new();
	struct wg_genl_answer a = {.reply = read_reply, .ctx = dev};
	void *datagram = malloc(size + 1);

	memcpy(datagram, data, size);
	wg_genl_feed(&a, datagram, size);
	write_back(dev, 200 + size % 2000);
	free(datagram);
	wg_device_free(dev);
	return 0;
}

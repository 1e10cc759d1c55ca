// SPDX-License-Identifier: GPL-2.0
/* What a peer may send inside: a train of packets of any kind, of a length that comes first. */
#include <stdlib.h>
#include "../../src/tun/path/coalesce.h"
#include "../../src/tun/path/icmp.h"

#define MOST 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void finish(struct coalesce *c)
{
	coalesce_finish(c);
	if (c->len > 65535 || (c->count > 1 && c->header.gso_size != c->size))
		abort();
	coalesce_undo(c);
	coalesce_reset(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct coalesce c;
	u8 *packets[MOST], answer[ICMP_MAX];
	u32 n = 0;
	size_t len;

	if (size < 2)
		return 0;
	len = ((size_t)data[0] << 3) + (data[1] & 7) + 20;
	data += 2;
	size -= 2;
	c.udp = true;
	for (; size >= 40 && n < MOST; n++) {
		size_t this = size < len ? size : len;

		/* The caller has looked at the header's own length. */
		if (this < 40)
			break;
		packets[n] = malloc(this);
		if (!packets[n])
			break;
		memcpy(packets[n], data, this);
		if (icmp_unreachable(answer, packets[n], (u32)this) > ICMP_MAX)
			abort();
		if (!coalesce_add(&c, packets[n], (u32)this)) {
			finish(&c);
			coalesce_add(&c, packets[n], (u32)this);
		}
		data += this;
		size -= this;
	}
	if (c.count)
		finish(&c);
	while (n > 0)
		free(packets[--n]);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* What a program at the other end of the TUN device may write: any virtio_net_hdr before any
 * packet. What comes of it is then put together again. */
#include <stdlib.h>
#include "../../src/tun/path/coalesce.h"
#include "../../src/tun/path/segment.h"

#define MOST 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void join(u8 **packets, const u32 *lengths, u32 n)
{
	static struct coalesce c;
	u32 len = 0;

	coalesce_reset(&c);
	c.udp = true;
	for (u32 i = 0; i < n; i++) {
		if (coalesce_add(&c, packets[i], lengths[i]))
			continue;
		coalesce_finish(&c);
		coalesce_undo(&c);
		coalesce_reset(&c);
		if (!coalesce_add(&c, packets[i], lengths[i]))
			abort();
	}
	coalesce_finish(&c);
	for (u32 i = 1; i <= c.count; i++)
		len += (u32)c.iov[i].iov_len;
	if (n && len != c.len)
		abort();
}

/* Each in memory of its own length, so that nothing is read or written beyond. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtio_net_hdr h;
	u8 *packet, *packets[MOST];
	u32 lengths[MOST], n = 0, len;
	struct gso_packet s;

	if (size < sizeof(h) || size > sizeof(h) + 65535)
		return 0;
	memcpy(&h, data, sizeof(h));
	len = (u32)(size - sizeof(h));
	packet = malloc(len);
	if (!packet)
		return 0;
	memcpy(packet, data + sizeof(h), len);
	if (segment_begin(&s, &h, packet, len)) {
		for (; n < s.gso.count && n < MOST; n++) {
			lengths[n] = segment_len(&s, n);
			packets[n] = malloc(lengths[n]);
			if (!packets[n])
				break;
			segment_write_header(&s, n, packets[n]);
			memcpy(packets[n] + s.gso.header_len, segment_payload(&s, n), lengths[n] - s.gso.header_len);
		}
		join(packets, lengths, n);
	}
	while (n > 0)
		free(packets[--n]);
	free(packet);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* A client of wg-tun's UAPI socket. The first byte says in what pieces the rest comes and how much
 * of an answer is taken at once; afterwards the device must be whole, and no lock held. */
#include <stdlib.h>
#include "../../src/tun/device/peers.h"
#include "../unit/tun/fake.h"
#include "../unit/tun/uapi.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void check(struct device *d)
{
	size_t n = 0;

	for (struct peer *p = d->peers; p; p = p->next, n++)
		if (peers_find(d, p->remote.handshake.remote_static) != p)
			abort();
	if (n != d->n_peers || d->cursors || d->peer_memory.live != n ||
	    pthread_rwlock_trywrlock(&d->config))
		abort();
	pthread_rwlock_unlock(&d->config);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct device *d;
	char *text, *answer;

	if (!size)
		return 0;
	d = fake_device();
	d->up = data[0] & 1;
	text = calloc(1, size);
	memcpy(text, data + 1, size - 1);
	answer = uapi_talk(d, text, data[0] / 2 + 1);
	free(answer);
	free(text);
	check(d);
	device_free(d);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
#include "tai64n.h"

/* The label of 1970-01-01 00:00:00 UTC, ten seconds ahead of TAI's own count of that day. */
#define TAI64_EPOCH 0x400000000000000aULL

void wg_tai64n_from(u8 out[static WG_TIMESTAMP_LEN], u64 unix_now)
{
	u32 ns;

	wg_store_be64(out, TAI64_EPOCH + wg_divide(unix_now, WG_SECOND, &ns));
	wg_store_be32(out + 8, ns & ~(WG_TAI64N_GRAIN - 1));
}

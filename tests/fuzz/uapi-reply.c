// SPDX-License-Identifier: GPL-2.0
/* The answer of a userspace implementation; what was understood is written back. */
#include <stdio.h>
#include "../../src/lib/device/uapi.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct wg_device *dev = wg_device_new();
	struct wg_error err = {0};
	FILE *in = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	FILE *out = fopen("/dev/null", "w");

	if (in && out && wg_uapi_read(in, dev, &err) == 0)
		wg_uapi_write(out, dev);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
	wg_device_free(dev);
	return 0;
}

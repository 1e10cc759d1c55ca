// SPDX-License-Identifier: GPL-2.0
/* `wg showconf`: a device as the file that setconf takes. */
#include <errno.h>
#include <stdio.h>
#include "../lib/base/cleanup.h"
#include "../lib/base/secret.h"
#include "../lib/conf/showconf.h"
#include "interface.h"
#include "verb.h"

int verb_showconf(const struct wg_call *call, struct wg_error *err)
{
	static char buf[64 * 1024];
	cleanup(wg_device_freep) struct wg_device *dev = NULL;
	int failed;

	wg_secret_guard();
	if (interface_get(&dev, call->argv[0], err) < 0)
		return 1;
	wg_device_drop_parting(dev);
	/* Keys go through the buffer: one of our own can be wiped. */
	wg_secret_lock(buf, sizeof(buf));
	setvbuf(stdout, buf, _IOFBF, sizeof(buf));
	fputs("[Interface]\n", stdout);
	wg_showconf_interface(stdout, dev);
	wg_showconf_peers(stdout, dev);
	failed = fflush(stdout) || ferror(stdout);
	if (failed)
		wg_error_errno(err, errno, "Unable to write to standard output");
	wg_secret_wipe(buf, sizeof(buf));
	return failed;
}

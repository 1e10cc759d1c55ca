/* SPDX-License-Identifier: GPL-2.0 */
/* Runs the daemon from its start to its end. */
#ifndef WG_TUN_DAEMON_H
#define WG_TUN_DAEMON_H

#include "../lib/base/error.h"
#include "options.h"

/* Creates the interface and serves it. In the foreground it returns when the daemon has ended. In
 * the background it returns in the calling process once the interface can be configured; in the
 * daemon's process it does not return. Returns 0, or -1 with err if the daemon did not start. */
int daemon_run(const struct options *o, struct wg_error *err);

#endif

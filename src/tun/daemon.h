/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon from its start to its end. */
#ifndef WG_TUN_DAEMON_H
#define WG_TUN_DAEMON_H

#include "../lib/error.h"
#include "options.h"

/* In the foreground returns when the daemon has ended. In the background it returns in the process
 * that called, as soon as the interface can be configured; the daemon itself never does. Negative,
 * with err, where it did not start. */
int daemon_run(const struct options *o, struct wg_error *err);

#endif

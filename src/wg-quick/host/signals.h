/* SPDX-License-Identifier: GPL-2.0 */
/* Signals that end a run: they are noted, and looked at between steps. */
#ifndef WG_QUICK_SIGNALS_H
#define WG_QUICK_SIGNALS_H

#include "../../lib/base/error.h"

/* The stop word of this program (../lib/wait.h): the signals that came since it was last set to 0.
 * `up` never sets it to 0 before it fails, so any signal ends it. What undoes sets it to 0 before
 * each action: a signal counts for the action during which it comes, and for no later hook. */
extern volatile int signals_stop;

/* From here on INT, TERM, HUP and QUIT are counted in signals_stop, which requests to a daemon watch
 * too, and a closed standard error, or a limit on the size of files, ends nothing midway. Children
 * get the default actions. */
void signals_catch(void);
/* Writes "interrupted by SIGTERM", with the last signal of this stop word, and code EINTR. Returns
 * -1. */
int signals_error(int word, struct wg_error *err);
/* From here on HUP is ignored, by children too: for what must be done to its end although the
 * session that asked for it dies, perhaps because the tunnel does. */
void signals_outlive_session(void);

#endif

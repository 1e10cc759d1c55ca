/* SPDX-License-Identifier: GPL-2.0 */
/* Signals that end a run: they are noted, and looked at between steps. */
#ifndef WG_QUICK_SIGNALS_H
#define WG_QUICK_SIGNALS_H

/* The number of the last one that came, or 0. */
extern volatile int signals_stop;

/* From here on INT, TERM, HUP and QUIT are noted in signals_stop, and a closed standard error, or a
 * limit on the size of files, ends nothing midway. Children get the default actions. */
void signals_catch(void);
/* From here on HUP is ignored, by children too: for what must be done to its end although the
 * session that asked for it dies, perhaps because the tunnel does. */
void signals_outlive_session(void);

#endif

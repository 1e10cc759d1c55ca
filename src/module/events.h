/* SPDX-License-Identifier: GPL-2.0 */
/* What happens to the machine and matters to all devices: a network namespace ends; it is suspended or
 * hibernated, and its memory with our keys may be kept elsewhere; it is a copy of a virtual machine, and
 * must not use the same keys and counters as the other. */
#ifndef WG_MODULE_EVENTS_H
#define WG_MODULE_EVENTS_H

int wg_events_init(void);
void wg_events_exit(void);

#endif

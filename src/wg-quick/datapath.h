/* SPDX-License-Identifier: GPL-2.0 */
/* Which module carries a tunnel that the kernel made. */
#ifndef WG_QUICK_DATAPATH_H
#define WG_QUICK_DATAPATH_H

#include <stddef.h>

/* One phrase for people. `sys`: the module's folder in sysfs, normally DATAPATH_SYS; where it
 * cannot be read, WireGuard is part of the kernel, or sysfs is hidden. */
void datapath_describe(char *out, size_t size, const char *sys);

#define DATAPATH_SYS "/sys/module/wireguard"

/* The kernel has no WireGuard, even after it asked for the module. Where a file of one lies in
 * `modules` (DATAPATH_MODULES) for this kernel, tries to load it. Returns 0: it is loaded now; 1: `out`
 * says in one sentence why it cannot be; -1: there is none. */
int datapath_load(char *out, size_t size, const char *modules);
/* The sentence of an errno of finit_module(2). */
void datapath_refusal(char *out, size_t size, const char *file, int error);

#define DATAPATH_MODULES "/lib/modules"

#endif

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
 * `root`/lib/modules for this kernel, and the kernel wants signatures (`root`/sys says so), `out` says
 * that in one sentence; else it is empty. */
void datapath_refusal(char *out, size_t size, const char *root);

#endif

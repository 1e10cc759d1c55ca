/* SPDX-License-Identifier: GPL-2.0 */
/* Which module carries a tunnel that the kernel made. */
#ifndef WG_QUICK_DATAPATH_H
#define WG_QUICK_DATAPATH_H

#include <stddef.h>

/* One phrase for people. `sys`: the module's folder in sysfs, normally DATAPATH_SYS; where it
 * cannot be read, WireGuard is part of the kernel, or sysfs is hidden. */
void datapath_describe(char *out, size_t size, const char *sys);

#define DATAPATH_SYS "/sys/module/wireguard"

#endif

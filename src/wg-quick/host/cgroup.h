/* SPDX-License-Identifier: GPL-2.0 */
/* A control group (version 2) whose programs give each socket that they open a mark. */
#ifndef WG_QUICK_CGROUP_H
#define WG_QUICK_CGROUP_H

#include "../../lib/base/error.h"
#include "../../port.h"

/* The path that a group of this name has, or would have, right below the root of the hierarchy. Free it. NULL
 * with err where no hierarchy of version 2 is mounted. */
char *cgroup_path(const char *name, struct wg_error *err);
/* Makes the group, if it is not there, and has the kernel give the mark to each socket of IPv4 and IPv6 that is
 * opened in it from now on. */
int cgroup_make(const char *path, u32 mark, struct wg_error *err);
/* Whether the group is there. */
bool cgroup_exists(const char *path);
/* Moves this process into the group. */
int cgroup_join(const char *path, struct wg_error *err);
/* No new socket gets a mark any more, and the group goes. 1: processes are in it, and it stays; 0 where it is
 * gone, or was. */
int cgroup_remove(const char *path, struct wg_error *err);

#endif

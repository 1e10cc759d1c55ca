/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_WORKQUEUE_H
#define WG_COMPAT_LINUX_WORKQUEUE_H

#include_next <linux/workqueue.h>

/* 6.17: before, what was not WQ_UNBOUND was bound to a processor. */
#ifndef WG_HAVE_WQ_PERCPU
#define WQ_PERCPU	 0
#define system_percpu_wq system_wq
#define system_dfl_wq	 system_unbound_wq
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_TIMER_H
#define WG_COMPAT_LINUX_TIMER_H

#include_next <linux/timer.h>

/* 6.16 */
#ifndef timer_container_of
#define timer_container_of(var, timer, field) container_of(timer, typeof(*(var)), field)
#endif

/* 6.2 */
#ifndef WG_HAVE_TIMER_DELETE
static inline int timer_delete(struct timer_list *timer)
{
	return del_timer(timer);
}
#endif

/* 6.2. Here it does not keep others from starting the timer again: they must know. */
#ifndef WG_HAVE_TIMER_SHUTDOWN
static inline int timer_shutdown_sync(struct timer_list *timer)
{
	return del_timer_sync(timer);
}
#endif

#endif

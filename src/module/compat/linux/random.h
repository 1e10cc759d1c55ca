/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_RANDOM_H
#define WG_COMPAT_LINUX_RANDOM_H

#include_next <linux/random.h>

/* 6.2 */
#ifndef WG_HAVE_RANDOM_U32_BELOW
static inline u32 get_random_u32_below(u32 ceil)
{
	return (u32)(((u64)get_random_u32() * ceil) >> 32);
}
#endif

/* 5.18: before, nothing noticed that a virtual machine had been copied. */
#ifndef WG_HAVE_RANDOM_VMFORK
struct notifier_block;

static inline int register_random_vmfork_notifier(struct notifier_block *nb)
{
	return 0;
}

static inline int unregister_random_vmfork_notifier(struct notifier_block *nb)
{
	return 0;
}
#endif

#endif

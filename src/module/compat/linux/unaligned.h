/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_UNALIGNED_H
#define WG_COMPAT_LINUX_UNALIGNED_H

/* 6.12 */
#ifdef WG_HAVE_UNALIGNED
#include_next <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_SKBUFF_H
#define WG_COMPAT_LINUX_SKBUFF_H

#include_next <linux/skbuff.h>

/* 6.5 */
#ifndef WG_HAVE_SKB_FRAG_FILL
static inline void skb_frag_fill_page_desc(skb_frag_t *frag, struct page *page, int off, int size)
{
	__skb_frag_set_page(frag, page);
	skb_frag_off_set(frag, off);
	skb_frag_size_set(frag, size);
}
#endif

#endif

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

/* 5.16: zeroes the state that __copy_skb_header() copies as one piece */
#ifdef WG_HAVE_SKB_HEADERS
#define compat_skb_clear_headers(skb) memset(&(skb)->headers, 0, sizeof((skb)->headers))
#else
#define compat_skb_clear_headers(skb)       \
	memset(&(skb)->headers_start, 0,    \
	       offsetof(struct sk_buff, headers_end) - offsetof(struct sk_buff, headers_start))
#endif

/* 6.3 */
#ifndef WG_HAVE_SKB_UNSET_MAC
static inline void skb_unset_mac_header(struct sk_buff *skb)
{
	skb->mac_header = (typeof(skb->mac_header))~0U;
}
#endif

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef WG_COMPAT_LINUX_UDP_H
#define WG_COMPAT_LINUX_UDP_H

#include_next <linux/udp.h>

/* 6.7: the bits of a socket have names and are set by functions. */
#ifndef WG_HAVE_UDP_FLAGS
#define COMPAT_UDP_NO_CHECK6_TX	 no_check6_tx
#define COMPAT_UDP_NO_CHECK6_RX	 no_check6_rx
#define COMPAT_UDP_GRO_ENABLED	 gro_enabled
#define COMPAT_UDP_ACCEPT_L4	 accept_udp_l4
#define COMPAT_UDP_ENCAP_ENABLED encap_enabled

#define udp_test_bit(nr, sk)  (udp_sk(sk)->COMPAT_UDP_##nr)
#define udp_set_bit(nr, sk)   ((void)(udp_sk(sk)->COMPAT_UDP_##nr = 1))
#define udp_clear_bit(nr, sk) ((void)(udp_sk(sk)->COMPAT_UDP_##nr = 0))
#endif

#endif

# SPDX-License-Identifier: GPL-2.0
# What this kernel's headers have: -DWG_HAVE_... for the shadow headers beside this file. Headers are
# asked and not the version, which says little about a kernel that others keep up to date.

# $(call wg-probe,NAME,HEADER,WORD)
wg-probe = $(shell grep -q -s -w -e '$(strip $3)' $(srctree)/include/$(strip $2) && \
	echo -DWG_HAVE_$(strip $1))

ccflags-y += $(call wg-probe,TIMER_DELETE, linux/timer.h, timer_delete)
ccflags-y += $(call wg-probe,TIMER_SHUTDOWN, linux/timer.h, timer_shutdown_sync)
ccflags-y += $(call wg-probe,RANDOM_U32_BELOW, linux/random.h, get_random_u32_below)
ccflags-y += $(call wg-probe,RANDOM_VMFORK, linux/random.h, register_random_vmfork_notifier)
ccflags-y += $(call wg-probe,WQ_PERCPU, linux/workqueue.h, WQ_PERCPU)
ccflags-y += $(call wg-probe,SKB_FRAG_FILL, linux/skbuff.h, skb_frag_fill_page_desc)
ccflags-y += $(call wg-probe,SKB_HEADERS, linux/skbuff.h, struct_group.headers)
ccflags-y += $(call wg-probe,SKB_UNSET_MAC, linux/skbuff.h, skb_unset_mac_header)
ccflags-y += $(call wg-probe,NETSTATS_TX_ADD, linux/netdevice.h, dev_sw_netstats_tx_add)
ccflags-y += $(call wg-probe,TSTATS64, linux/netdevice.h, dev_get_tstats64)
ccflags-y += $(call wg-probe,CORE_STATS, linux/netdevice.h, dev_core_stats_rx_dropped_inc)
ccflags-y += $(call wg-probe,NAPI_ADD_WEIGHT, linux/netdevice.h, netif_napi_add_weight)
ccflags-y += $(call wg-probe,TSO_MAX, linux/netdevice.h, netif_set_tso_max_size)
ccflags-y += $(call wg-probe,LLTX, linux/netdevice.h, lltx:1)
ccflags-y += $(call wg-probe,SOCKADDR_UNSIZED, linux/socket.h, sockaddr_unsized)
ccflags-y += $(call wg-probe,TUNNEL_OF_SOCK, net/udp_tunnel.h, setup_udp_tunnel_sock.struct net .net. struct sock .sk)
ccflags-y += $(call wg-probe,UNALIGNED, linux/unaligned.h, get_unaligned)
ccflags-y += $(call wg-probe,GSO_H, net/gso.h, skb_gso_segment)
ccflags-y += $(call wg-probe,GRO_H, net/gro.h, skb_gro_receive)
ccflags-y += $(call wg-probe,FLOWI_COMMON, net/flow.h, flowi4_to_flowi_common)
ccflags-y += $(call wg-probe,IPV6_STUB, net/ipv6_stubs.h, ipv6_dst_lookup_flow)
ccflags-y += $(call wg-probe,NEWLINK_PARAMS, net/rtnetlink.h, rtnl_newlink_params)
ccflags-y += $(call wg-probe,RESV_START_OP, net/genetlink.h, resv_start_op)
ccflags-y += $(call wg-probe,INFO_DUMP, net/genetlink.h, genl_info_dump)

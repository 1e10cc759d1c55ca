/* SPDX-License-Identifier: GPL-2.0 */
/* struct virtio_net_hdr and the TUN device's offloads, with what the headers of Debian 12 lack. */
#ifndef WG_TUN_VNET_H
#define WG_TUN_VNET_H

#include <linux/if_tun.h>
#include <linux/virtio_net.h>

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

#endif

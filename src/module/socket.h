/* SPDX-License-Identifier: GPL-2.0 */
/* The two UDP sockets of a device, in the namespace where its link was created. */
#ifndef WG_MODULE_SOCKET_H
#define WG_MODULE_SOCKET_H

#include <linux/ipv6.h>
#include <linux/udp.h>
#include "device.h"
#include "peer.h"

/* Opens both sockets at this port (0: any that both get) and closes the old ones. That IPv6 is
 * absent in the kernel or disabled is no error. If it fails, nothing has changed. Sets listen_port.
 * The caller holds update_lock. */
int wg_socket_open(struct wg_device *wg, u16 port);
/* Closes the sockets. Nobody uses them any more when this returns. */
void wg_socket_close(struct wg_device *wg);

/* Sends one UDP payload to a peer's endpoint. skb->data is at the payload, with room for headers in
 * front (at least WG_SOCKET_PUSHED); if gso_size and gso_segs are set it becomes a UDP GSO packet.
 * `ds` is DSCP and ECN of the outer header. A source that has gone is forgotten. Takes the packet
 * over. Returns 0 if it was handed to the links below, and counted, even if
 * one of their queues dropped it; else a negative error. Softirq or BH off. */
int wg_socket_send_peer(struct wg_peer *peer, struct sk_buff *skb, u8 ds);
/* DSCP and ECN of initiations and responses: AF41. Cookie replies have 0: they answer what may be a
 * flood. */
#define WG_SOCKET_HANDSHAKE_DS 0x88

/* Sends a copy of a handshake message. `peer` is the peer whose endpoint `to` is, NULL if `to` is where a
 * message came from that is answered: its source is right. `len` is at most WG_HANDSHAKE_MAX, `ds` is
 * DSCP and ECN of the outer header. Returns 0, or a negative error: there is no memory, no socket, or no
 * route. Any context. */
int wg_socket_send_message(struct wg_device *wg, struct wg_peer *peer, const struct wg_endpoint *to,
			   const u8 *message, size_t len, u8 ds);

/* Bytes in front of a payload: what the outer headers of UDP and IP need, and what should be there,
 * with room for those of the link below. */
#define WG_SOCKET_PUSHED   (sizeof(struct ipv6hdr) + sizeof(struct udphdr))
#define WG_SOCKET_HEADROOM (LL_MAX_HEADER + WG_SOCKET_PUSHED + 32)

#endif

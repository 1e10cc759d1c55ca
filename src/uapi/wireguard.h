/* SPDX-License-Identifier: GPL-2.0 */
/* The numbers of the kernel's "wireguard" generic netlink family, version 1. Kept here, and not
 * taken from the system's headers, because Debian 12's lack WGALLOWEDIP_A_FLAGS (Linux 6.16). */
#ifndef WG_UAPI_WIREGUARD_H
#define WG_UAPI_WIREGUARD_H

#define WG_GENL_NAME    "wireguard"
#define WG_GENL_VERSION 1
#define WG_KEY_LEN      32

enum wg_cmd {
	WG_CMD_GET_DEVICE = 0, /* NLM_F_DUMP; by WGDEVICE_A_IFINDEX or WGDEVICE_A_IFNAME */
	WG_CMD_SET_DEVICE = 1,
};

enum wgdevice_flag {
	WGDEVICE_F_REPLACE_PEERS = 1U << 0,
};

enum wgdevice_attribute {
	WGDEVICE_A_IFINDEX = 1, /* u32 */
	WGDEVICE_A_IFNAME,      /* string */
	WGDEVICE_A_PRIVATE_KEY, /* 32 bytes; zeros remove it */
	WGDEVICE_A_PUBLIC_KEY,  /* 32 bytes */
	WGDEVICE_A_FLAGS,       /* u32, enum wgdevice_flag */
	WGDEVICE_A_LISTEN_PORT, /* u16 */
	WGDEVICE_A_FWMARK,      /* u32 */
	WGDEVICE_A_PEERS,       /* nest of numbered nests */
	WGDEVICE_A_MAX = WGDEVICE_A_PEERS,
};

enum wgpeer_flag {
	WGPEER_F_REMOVE_ME = 1U << 0,
	WGPEER_F_REPLACE_ALLOWEDIPS = 1U << 1,
	WGPEER_F_UPDATE_ONLY = 1U << 2,
};

enum wgpeer_attribute {
	WGPEER_A_PUBLIC_KEY = 1,                /* 32 bytes */
	WGPEER_A_PRESHARED_KEY,                 /* 32 bytes; zeros remove it */
	WGPEER_A_FLAGS,                         /* u32, enum wgpeer_flag */
	WGPEER_A_ENDPOINT,                      /* struct sockaddr_in or sockaddr_in6 */
	WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, /* u16, seconds, 0 is off */
	WGPEER_A_LAST_HANDSHAKE_TIME,           /* struct __kernel_timespec: two s64 */
	WGPEER_A_RX_BYTES,                      /* u64 */
	WGPEER_A_TX_BYTES,                      /* u64 */
	WGPEER_A_ALLOWEDIPS,                    /* nest of numbered nests */
	WGPEER_A_PROTOCOL_VERSION,              /* u32 */
	WGPEER_A_MAX = WGPEER_A_PROTOCOL_VERSION,
};

enum wgallowedip_flag {
	WGALLOWEDIP_F_REMOVE_ME = 1U << 0,
};

enum wgallowedip_attribute {
	WGALLOWEDIP_A_FAMILY = 1, /* u16, AF_INET or AF_INET6 */
	WGALLOWEDIP_A_IPADDR,     /* 4 or 16 bytes */
	WGALLOWEDIP_A_CIDR_MASK,  /* u8 */
	WGALLOWEDIP_A_FLAGS,      /* u32, enum wgallowedip_flag */
	WGALLOWEDIP_A_MAX = WGALLOWEDIP_A_FLAGS,
};

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* libmnl, through a table of its functions, so that a program decides when to load it: `wg genkey`
 * and `wg pubkey` never speak netlink, and loading a library is a twentieth of their time. Include
 * this instead of libmnl's own header. `wg` does not link with a function that is not listed. */
#ifndef WG_LIB_MNL_H
#define WG_LIB_MNL_H

#include <libmnl/libmnl.h>
#include "../base/error.h"

#define WG_MNL_FUNCTIONS(X) \
	X(mnl_attr_get_payload) X(mnl_attr_get_payload_len) X(mnl_attr_get_str) \
	X(mnl_attr_get_type) X(mnl_attr_get_u16) X(mnl_attr_nest_cancel) X(mnl_attr_nest_end) \
	X(mnl_attr_nest_start) X(mnl_attr_nest_start_check) X(mnl_attr_next) X(mnl_attr_ok) \
	X(mnl_attr_put) X(mnl_attr_put_check) X(mnl_attr_put_str) X(mnl_attr_put_strz) \
	X(mnl_attr_put_u32) X(mnl_attr_validate) X(mnl_nlmsg_get_payload) \
	X(mnl_nlmsg_get_payload_len) X(mnl_nlmsg_get_payload_offset) \
	X(mnl_nlmsg_get_payload_tail) X(mnl_nlmsg_next) X(mnl_nlmsg_ok) \
	X(mnl_nlmsg_put_extra_header) X(mnl_nlmsg_put_header) X(mnl_socket_bind) \
	X(mnl_socket_close) X(mnl_socket_get_fd) X(mnl_socket_get_portid) X(mnl_socket_open2) \
	X(mnl_socket_recvfrom) X(mnl_socket_sendto) X(mnl_socket_setsockopt)

struct wg_mnl {
/* NOLINTNEXTLINE(bugprone-macro-parentheses): `f` is what is declared */
#define WG_MNL_MEMBER(f) __typeof__(f) *f;
	WG_MNL_FUNCTIONS(WG_MNL_MEMBER)
#undef WG_MNL_MEMBER
};

/* mnl.c has a table that is complete from the start, for programs that are linked with libmnl;
 * ../wg/mnl-late.c has one that wg_mnl_load fills. */
extern struct wg_mnl wg_mnl;
/* Before the first call of any of the functions. */
int wg_mnl_load(struct wg_error *err);

#ifndef WG_MNL_LINKED
#define mnl_attr_get_payload wg_mnl.mnl_attr_get_payload
#define mnl_attr_get_payload_len wg_mnl.mnl_attr_get_payload_len
#define mnl_attr_get_str wg_mnl.mnl_attr_get_str
#define mnl_attr_get_type wg_mnl.mnl_attr_get_type
#define mnl_attr_get_u16 wg_mnl.mnl_attr_get_u16
#define mnl_attr_nest_cancel wg_mnl.mnl_attr_nest_cancel
#define mnl_attr_nest_end wg_mnl.mnl_attr_nest_end
#define mnl_attr_nest_start wg_mnl.mnl_attr_nest_start
#define mnl_attr_nest_start_check wg_mnl.mnl_attr_nest_start_check
#define mnl_attr_next wg_mnl.mnl_attr_next
#define mnl_attr_ok wg_mnl.mnl_attr_ok
#define mnl_attr_put wg_mnl.mnl_attr_put
#define mnl_attr_put_check wg_mnl.mnl_attr_put_check
#define mnl_attr_put_str wg_mnl.mnl_attr_put_str
#define mnl_attr_put_strz wg_mnl.mnl_attr_put_strz
#define mnl_attr_put_u32 wg_mnl.mnl_attr_put_u32
#define mnl_attr_validate wg_mnl.mnl_attr_validate
#define mnl_nlmsg_get_payload wg_mnl.mnl_nlmsg_get_payload
#define mnl_nlmsg_get_payload_len wg_mnl.mnl_nlmsg_get_payload_len
#define mnl_nlmsg_get_payload_offset wg_mnl.mnl_nlmsg_get_payload_offset
#define mnl_nlmsg_get_payload_tail wg_mnl.mnl_nlmsg_get_payload_tail
#define mnl_nlmsg_next wg_mnl.mnl_nlmsg_next
#define mnl_nlmsg_ok wg_mnl.mnl_nlmsg_ok
#define mnl_nlmsg_put_extra_header wg_mnl.mnl_nlmsg_put_extra_header
#define mnl_nlmsg_put_header wg_mnl.mnl_nlmsg_put_header
#define mnl_socket_bind wg_mnl.mnl_socket_bind
#define mnl_socket_close wg_mnl.mnl_socket_close
#define mnl_socket_get_fd wg_mnl.mnl_socket_get_fd
#define mnl_socket_get_portid wg_mnl.mnl_socket_get_portid
#define mnl_socket_open2 wg_mnl.mnl_socket_open2
#define mnl_socket_recvfrom wg_mnl.mnl_socket_recvfrom
#define mnl_socket_sendto wg_mnl.mnl_socket_sendto
#define mnl_socket_setsockopt wg_mnl.mnl_socket_setsockopt
#endif

#endif

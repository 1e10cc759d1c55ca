/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of rtnl share: the socket, its batch, and a question with the list it fills. */
#ifndef WG_LIB_RTNL_PRIVATE_H
#define WG_LIB_RTNL_PRIVATE_H

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include "rtnl.h"

#define WG_RTNL_MESSAGE 512 /* bytes that hold any request of ours */

/* A request under construction. */
union wg_rtnl_message {
	struct nlmsghdr nlh;
	char bytes[WG_RTNL_MESSAGE];
};

struct wg_rtnl {
	struct mnl_socket *nl;
	u32 seq;     /* of the newest message sent */
	bool strict; /* dumps are filtered by the kernel, which refuses requests it cannot read */
	char *reply; /* one datagram */
	char *batch; /* whole messages, not numbered yet */
	size_t len, room;
	bool no_memory; /* a change was lost on the way into the batch */
};

/* A question: what is wanted, how one reply becomes one item, and the items so far. */
struct wg_rtnl_query {
	/* Fills `item` (zeroed); false where the reply is not wanted, or malformed. */
	bool (*parse)(const struct wg_rtnl_query *q, const struct nlmsghdr *nlh, void *item);
	u16 type;	  /* the replies' message type */
	u8 family;	  /* 0: any */
	u32 table, index; /* 0: any */
	const char *kind; /* NULL: any */
	bool scope_link;
	size_t size; /* of one item */
	void *items; /* grows by realloc */
	size_t n, room;
};

/* Starts a request with a zeroed family header of `size` bytes, which is returned. */
void *wg_rtnl_start(union wg_rtnl_message *m, u16 type, u16 flags, size_t size);
/* Adds a finished change to the batch. */
void wg_rtnl_append(struct wg_rtnl *rt, const union wg_rtnl_message *m);
/* Sends the request and reads all its replies, again where a dump was interrupted. On failure
 * err->code is the kernel's errno, err->text its text, and the list is empty. */
int wg_rtnl_ask(struct wg_rtnl *rt, union wg_rtnl_message *m, struct wg_rtnl_query *q,
		struct wg_error *err);

#endif

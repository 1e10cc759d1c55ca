/* SPDX-License-Identifier: GPL-2.0 */
/* Generic netlink over libmnl: a socket bound to one family. */
#ifndef WG_LIB_GENL_H
#define WG_LIB_GENL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include "../../port.h"
#include "../base/error.h"

struct wg_genl {
	struct mnl_socket *nl;
	u16 family; /* the kernel's number for the family */
	u8 version;
	u32 seq;
	u32 portid;
	char *buf; /* WG_GENL_BUF bytes, wiped at close: replies hold keys */
};

#define WG_GENL_BUF (64 * 1024) /* room for a request or one datagram of replies */

/* err->code is EPROTONOSUPPORT where the kernel has no such family (after it tried to load it). */
int wg_genl_open(struct wg_genl *g, const char *family, u8 version, struct wg_error *err);
void wg_genl_close(struct wg_genl *g); /* zeroed, or closed before: allowed; for cleanup() */
/* Starts a request in g->buf. */
struct nlmsghdr *wg_genl_prepare(struct wg_genl *g, u8 cmd, u16 flags);
/* Sends a request and reads replies until its ACK or the end of its dump. `reply` (may be NULL)
 * sees each message's header, returns MNL_CB_OK or MNL_CB_ERROR with errno set. err->code: the
 * kernel's errno, and err->text its text, with what else the kernel said in brackets; EINTR for a
 * dump that changed while it was read (ask again: the socket is fit for it). */
int wg_genl_request(struct wg_genl *g, struct nlmsghdr *nlh, mnl_cb_t reply, void *ctx,
		    struct wg_error *err);

/* The pure part, for tests: the answer to one request, datagram by datagram. */
struct wg_genl_answer {
	u32 seq;
	mnl_cb_t reply;
	void *ctx;
	bool interrupted; /* the dump is not one consistent state: `reply` sees no more of it */
	int code;         /* an errno value once it failed, else 0 */
	char detail[128]; /* the kernel's own words about a refusal, or "" */
};

/* False while more is to come. Messages of other requests are skipped. */
bool wg_genl_feed(struct wg_genl_answer *a, const void *datagram, size_t len);

#endif

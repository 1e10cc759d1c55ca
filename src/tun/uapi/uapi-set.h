/* SPDX-License-Identifier: GPL-2.0 */
/* A "set=1" request of the cross-platform UAPI, line by line as it comes. Each line takes effect at
 * once; after one that is wrong the rest is read and ignored. */
#ifndef WG_TUN_UAPI_SET_H
#define WG_TUN_UAPI_SET_H

#include "../device/device.h"

struct uapi_set {
	struct device *device;
	int error;	  /* errno value of the first line that was refused; 0 so far */
	bool has_config;  /* device->config is written, by us */
	bool paused;	  /* since the last line about a peer others may have changed the peers */
	bool in_peer;	  /* a public_key= came: lines are about that peer */
	bool is_new;	  /* the peer was not there before this request */
	bool wanted;	  /* the peer is to be made with the next line, or at its end */
	u8 key[WG_PUBLIC_LEN]; /* of the peer that is wanted */
	struct peer *peer; /* NULL: not made yet, or its lines mean nothing */
	u32 actions;	  /* for the peer, once its lines are through */
};

void uapi_set_begin(struct uapi_set *s, struct device *d);
/* "KEY=VALUE", which is cut apart. */
void uapi_set_line(struct uapi_set *s, char *line);
/* No line is at hand: lets the workers go on. */
void uapi_set_pause(struct uapi_set *s);
/* The request is whole, or its client is gone. Returns `error`. */
int uapi_set_end(struct uapi_set *s);

#endif

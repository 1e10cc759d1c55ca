/* SPDX-License-Identifier: GPL-2.0 */
/* Prefixes that several peers of one file list, with Failover = yes. A device gives a prefix to one peer, so
 * the first peer of the file gets it in config.dev, and the others stand by. */
#ifndef WG_QUICK_SHARES_H
#define WG_QUICK_SHARES_H

#include "config.h"

/* Finds the prefixes that several peers of c->dev list, puts them into c->shares, and takes them from all of
 * these peers but the first. Nothing is done without c->failover. */
void shares_find(struct config *c);
/* Gives each of c->shares, in c->dev, to that one of its peers which has it on the device `have`; so what the
 * watch has moved is no difference. */
void shares_follow(struct config *c, const struct wg_device *have);
/* Gives each of c->shares to all of its peers that `dev` has: a device as it is becomes one to be saved. */
void shares_spread(const struct config *c, struct wg_device *dev);
/* For `strip`, of a file that is read line by line: adds the list of allowed IPs, the value of a line, to `peer` of
 * c->dev. Returns whether an earlier peer has one of them; *rest then is the list without those. Free it. A list
 * that is wrong stays as it is. */
bool shares_strip(struct config *c, struct wg_peer *peer, const char *value, size_t len, char **rest);
void shares_wipe(struct config *c);

#endif

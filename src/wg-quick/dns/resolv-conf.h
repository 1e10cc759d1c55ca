/* SPDX-License-Identifier: GPL-2.0 */
/* /etc/resolv.conf while tunnels have their DNS servers in it. The file itself holds all that is needed
 * to put back what was there before, in comments: so it cannot be lost apart from it, and it is there after
 * a crash or a reboot. The tunnel that came last counts; when it goes, the one before it does. Pure. */
#ifndef WG_QUICK_RESOLV_CONF_H
#define WG_QUICK_RESOLV_CONF_H

#include "../config/strlist.h"

enum resolv_conf_mode {
	RESOLV_CONF_SWAPPED,     /* another file took the place of the former one */
	RESOLV_CONF_OVERWRITTEN, /* the former file was written to: it is a mount point */
	RESOLV_CONF_MOUNTED,     /* a file was mounted over the former one, which cannot be written */
	RESOLV_CONF_MODES,
};

enum resolv_conf_was {
	RESOLV_CONF_WAS_FILE,
	RESOLV_CONF_WAS_LINK,
	RESOLV_CONF_WAS_NOTHING,
	RESOLV_CONF_WAS_KINDS,
};

/* The servers of one tunnel, one at least. */
struct resolv_conf_entry {
	char *tunnel;
	struct strings servers; /* plain addresses */
	struct strings search;
};

struct resolv_conf {
	char boot[40]; /* of which boot the tunnels are; "": not known */
	enum resolv_conf_mode mode;
	enum resolv_conf_was was;
	char *before;  /* the former text, or the target of the former link; malloc'd */
	struct resolv_conf_entry *entries; /* the last one counts; malloc'd */
	size_t n;
};

/* The text of the file. At least one entry. Free it. */
char *resolv_conf_write(const struct resolv_conf *r);
/* Reads exactly what resolv_conf_write makes. False for anything else, as a file that somebody has
 * changed; *r then needs no resolv_conf_wipe. */
bool resolv_conf_read(struct resolv_conf *r, const char *text);
/* Whether a former text can be kept in the file: it has at most 64 KiB. */
bool resolv_conf_fits(const char *before);
/* The entry of a tunnel, or NULL. */
const struct resolv_conf_entry *resolv_conf_find(const struct resolv_conf *r, const char *tunnel);
/* Appends a copy, behind all others; one of the same tunnel goes. */
void resolv_conf_add(struct resolv_conf *r, const char *tunnel, const struct strings *servers,
		     const struct strings *search);
void resolv_conf_remove(struct resolv_conf *r, const char *tunnel);
/* Removes the tunnels of another boot: they are not up. */
void resolv_conf_drop_stale(struct resolv_conf *r, const char *boot);
void resolv_conf_wipe(struct resolv_conf *r);

#endif

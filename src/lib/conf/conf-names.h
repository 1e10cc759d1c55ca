/* SPDX-License-Identifier: GPL-2.0 */
/* Keys of configuration files that are not `wg`'s own, and whose they are: so that an error can say
 * more than that a key is unknown. */
#ifndef WG_LIB_CONF_NAMES_H
#define WG_LIB_CONF_NAMES_H

#include "../../port.h"
#include "../device/setting.h"

enum wg_conf_owner {
	WG_OWNER_QUICK,    /* wg-quick, as upstream's has it; `wg setconf' and its like refuse the key */
	WG_OWNER_OURS,     /* wg-quick, which upstream's has not; `wg setconf' and its like pass over the line */
	WG_OWNER_AMNEZIA,  /* AmneziaWG, a changed protocol */
	WG_OWNER_NETWORKD, /* systemd.netdev(5), for the same things */
};

struct wg_conf_name {
	const char *name;
	enum wg_conf_owner owner;
	enum wg_section section; /* QUICK and OURS: where the key stands. One of both sections has two rows */
	const char *instead; /* what the key is called in our files; NULL: there is none */
};

extern const struct wg_conf_name wg_conf_names[]; /* ends with a row whose name is NULL */

#endif

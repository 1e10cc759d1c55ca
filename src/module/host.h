/* SPDX-License-Identifier: GPL-2.0 */
/* What the core asks for (../core/host.h). Its verbs are called under the handshake lock or a peer's
 * lock, and what they are given stays alive for as long as that is held. */
#ifndef WG_MODULE_HOST_H
#define WG_MODULE_HOST_H

#include "../core/host.h"

extern const struct wg_host wg_host; /* ctx: the struct wg_device, to be filled in */

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* A cookie reply that is to be sent. */
#ifndef WG_TUN_HANDSHAKE_REPLY_H
#define WG_TUN_HANDSHAKE_REPLY_H

#include "../../core/messages.h"
#include "endpoint.h"

struct handshake_reply {
	struct endpoint to;
	struct wg_message_cookie message;
};

#endif

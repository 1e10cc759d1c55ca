/* SPDX-License-Identifier: GPL-2.0 */
/* The first operand of most verbs: the name of an interface. */
#ifndef WG_INTERFACE_H
#define WG_INTERFACE_H

#include "../lib/command/command.h"
#include "../lib/device/model.h"

/* As wg_backend_get and wg_backend_set (lib/device/backend.h) and wg_change_send (lib/device/change.h), but
 * where there is no interface of that name, the sentence in err ends with the name that was probably meant, if
 * any is near. */
int interface_get(struct wg_device **dev, const char *name, struct wg_error *err);
int interface_set(const struct wg_device *dev, struct wg_error *err);
int interface_change(struct wg_device *change, const struct wg_device *have, struct wg_error *err);
/* The same for other words than interfaces' names that may stand there: `words` ends with NULL. */
int interface_get_or(struct wg_device **dev, const char *name, const char *const *words,
		     struct wg_error *err);

/* Completion of an interface, and of an interface and a file. */
void complete_interface(const struct wg_call *call);
void complete_conf(const struct wg_call *call);

#endif

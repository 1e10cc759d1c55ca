/* SPDX-License-Identifier: GPL-2.0 */
/* The values of settings as files and command lines have them: one row for each type of setting
 * (../device/setting.h). */
#ifndef WG_LIB_SETTING_TEXT_H
#define WG_LIB_SETTING_TEXT_H

#include <stdio.h>
#include "../base/error.h"
#include "../base/log.h"
#include "../device/resolve.h"
#include "../device/setting.h"

/* Where wg_setting_parse puts the value that it reads. */
struct wg_setting_target {
	struct wg_device *dev;
	struct wg_peer *peer;       /* of `dev`; NULL for a setting of the interface */
	struct wg_resolve *resolve; /* receives an endpoint that is given by name */
	const struct wg_log *log;   /* receives warnings */
	const char *file;           /* for messages; NULL: the command line. It must outlive `resolve` */
	unsigned int line;          /* of the file */
};

/* Parses `len` bytes without white space, with the contract of the functions in value.h: it returns 0, or
 * -1 with `err` and the offset *at of the mistake. The setting's flag is set in both cases. The setting
 * must not have WG_ROLE_FACT. */
int wg_setting_parse(const struct wg_setting *s, const struct wg_setting_target *to, const char *value,
		     size_t len, size_t *at, struct wg_error *err);
/* Writes a value that wg_setting_parse reads as the same, without a line end. `object` is the struct
 * wg_device or struct wg_peer of the setting's section. The setting must not have WG_ROLE_FACT, and an
 * endpoint must be set. */
void wg_setting_print(FILE *f, const struct wg_setting *s, const void *object);

#endif

// SPDX-License-Identifier: GPL-2.0
/* The table that conf-code.h spells, as rows. */
#include "conf-code.h"

#include <stdarg.h>
#include <stdio.h>

#define ROW(name, code, warning, fix) [WG_CODE_##name] = {code, warning, fix},
static const struct wg_conf_code_row rows[WG_CODES] = {WG_CONF_CODES(ROW)};

const struct wg_conf_code_row *wg_conf_code(enum wg_conf_code code)
{
	return &rows[code];
}

int wg_conf_wrong(struct wg_error *err, enum wg_conf_code code, const char *fmt, ...)
{
	va_list args;

	wg_error_set(err, "%s", "");
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	err->reason = code;
	return -1;
}

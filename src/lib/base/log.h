/* SPDX-License-Identifier: GPL-2.0 */
/* What lib/ has to tell while it works (warnings, progress) goes to a sink of the caller's; lib/
 * itself never prints. */
#ifndef WG_LIB_LOG_H
#define WG_LIB_LOG_H

enum wg_log_level {
	WG_LOG_WARNING,  /* something the user should change or know; the work goes on */
	WG_LOG_PROGRESS, /* why nothing seems to happen */
};

struct wg_log {
	/* `text`: one line without newline, valid during the call only. */
	void (*say)(void *ctx, enum wg_log_level level, const char *text);
	void *ctx;
};

/* `log` may be NULL: then nobody listens. */
void wg_log_say(const struct wg_log *log, enum wg_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The values of settings as text, for files and command lines alike. Each parser takes text of
 * `len` bytes that need not end in NUL and holds no white space (the callers took it out), writes
 * the result only on success, and says in `err` what was expected. `*at` receives the offset of
 * the first offending byte, for the caller's column. */
#ifndef WG_LIB_VALUE_H
#define WG_LIB_VALUE_H

#include "../base/error.h"
#include "../base/log.h"
#include "../device/model.h"

struct wg_resolve;

/* 0 to 65535, or a UDP service name known to this system; 0 lets the data path choose. */
int wg_value_port(u16 *port, const char *s, size_t len, size_t *at, struct wg_error *err);
/* "off" in any case, decimal (leading zeros allowed), or 0x and lower- or upper-case digits. `noun` is
 * what an error expects, with its article. */
int wg_value_mark(u32 *mark, const char *noun, const char *s, size_t len, size_t *at,
		  struct wg_error *err);
/* "off" in any case, or 0 to 65535. `noun` as above. */
int wg_value_interval(u16 *seconds, const char *noun, const char *s, size_t len, size_t *at,
		      struct wg_error *err);
/* The error never quotes the text. */
int wg_value_key(u8 key[static WG_KEY_LEN], const char *s, size_t len, size_t *at,
		 struct wg_error *err);
/* An address without prefix length or zone: family and 4 or 16 bytes. */
int wg_value_address(u8 *family, u8 addr[static 16], const char *s, size_t len, struct wg_error *err);
/* One "[+|-|!]ADDRESS[/CIDR]" of a list; *sign is '+', '-', '!' or 0. */
int wg_value_prefix(char *sign, u8 *family, u8 addr[static 16], u8 *cidr, const char *s, size_t len,
		    size_t *at, struct wg_error *err);
/* A comma list of the above, appended to the peer. A list with "+" or "-" anywhere in it changes the
 * peer's allowed IPs instead of replacing them: WG_PEER_REPLACE_ALLOWEDIPS is cleared. An element with
 * "!" is WG_ALLOWEDIP_EXCLUDE: once the peer's last list is parsed, wg_peer_exclude is due. Host bits
 * set are a warning: `log`. The empty list is allowed here. */
int wg_value_allowedips(struct wg_device *dev, struct wg_peer *peer, const char *s, size_t len,
			const struct wg_log *log, size_t *at, struct wg_error *err);
/* HOST:PORT, ADDRESS:PORT or [ADDRESS[%ZONE]]:PORT. A numeric address and port is written to the
 * peer at once; a name is checked for form, and its port for existence, and queued in `resolve`
 * with `file` and `line`, which its errors name (file: NULL for the command line, else it outlives
 * `resolve`). */
int wg_value_endpoint(struct wg_peer *peer, const char *s, size_t len, struct wg_resolve *resolve,
		      const char *file, unsigned int line, size_t *at, struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Keys that a configuration file names by the path of another file. */
#ifndef WG_QUICK_KEY_FILE_H
#define WG_QUICK_KEY_FILE_H

#include "config.h"

/* The file that a value of PrivateKeyFile or PresharedKeyFile stands for: `%d/` at its beginning is the
 * folder of the credentials that systemd gave to this process, or if it gave none, to the unit
 * wg-quick@NAME.service; any other relative path is relative to the folder of c->path. malloc'd. */
char *key_file_path(const struct config *c, const char *value, size_t len);
/* Whether the value names a credential, and systemd has given this process none. */
bool key_file_is_absent_credential(const char *value, size_t len);
/* Reads a key in base64, with white space around it at most, from a regular file or a pipe; a pipe that
 * stays empty is waited for ten seconds long. A file that everybody can read is warned of in c->log. On
 * error, which has the reason WG_CODE_KEY_FILE and shows nothing of the content, `key` is unchanged. */
int key_file_read(u8 key[static WG_KEY_LEN], const struct config *c, const char *value, size_t len,
		  struct wg_error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What show and showconf write: a large buffer in front of a descriptor, and the spelling of the
 * values. The buffer is wiped, for keys go through it. Write errors are kept until the end. */
#ifndef WG_OUTPUT_H
#define WG_OUTPUT_H

#include "../lib/base/error.h"
#include "../lib/device/model.h"

#define OUTPUT_SIZE (16 * 1024)

struct output {
	int fd;
	int code; /* the errno value of the first write that failed; nothing is written after it */
	size_t used;
	char buf[OUTPUT_SIZE];
};

struct output *output_new(int fd);
/* Writes what is left. Fails where any write did. */
int output_finish(struct output *o, struct wg_error *err);
void output_freep(struct output **o); /* for cleanup(); wipes */

void output_char(struct output *o, char c);
void output_text(struct output *o, const char *s);
void output_number(struct output *o, u64 n);
void output_hex(struct output *o, u32 n); /* 0x and lower-case digits */
void output_key(struct output *o, const u8 key[static WG_KEY_LEN]);
void output_address(struct output *o, u8 family, const void *addr);
/* ADDRESS:PORT or [ADDRESS%ZONE]:PORT. */
void output_endpoint(struct output *o, const union wg_endpoint *e);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The forms of `wg show`. */
#ifndef WG_SHOW_H
#define WG_SHOW_H

#include <stdio.h>
#include "output.h"

/* show-pretty.c */
struct pretty {
	bool colour;
	bool show_keys; /* private and preshared ones */
	s64 now;        /* Unix time */
};
void show_pretty(struct output *o, const struct wg_device *dev, const struct pretty *p);
/* "1 hour, 2 minutes, 6 seconds", with units in cyan. */
void show_duration(struct output *o, bool colour, u64 seconds);
/* "1.50 KiB". */
void show_bytes(struct output *o, bool colour, u64 bytes);

/* show-columns.c: one setting in lines of columns. False where there is no such parameter. With
 * `prefix`, every line begins with the interface's name. */
bool show_parameter(struct output *o, const struct wg_device *dev, const char *parameter,
		    bool prefix);
bool show_has_parameter(const char *parameter);
/* The parameter that a misspelt word is most like, or NULL. */
const char *show_guess_parameter(const char *word);
/* Writes the names of all parameters, with `separator` between them. */
void show_write_parameters(FILE *f, const char *separator);
/* Offers them for completion (lib/command/candidates.h). */
void show_offer_parameters(void);

#endif

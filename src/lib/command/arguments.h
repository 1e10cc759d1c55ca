/* SPDX-License-Identifier: GPL-2.0 */
/* The words after a verb, sorted into options and operands. */
#ifndef WG_LIB_ARGUMENTS_H
#define WG_LIB_ARGUMENTS_H

#include "command.h"

#define WG_ARGUMENTS_SHOWN  64 /* bytes of a word that a message shows */
#define WG_ARGUMENTS_QUOTED 80 /* room that a quoted word takes */

/* `call` has its program and verb, and is zero otherwise; words[0] is the verb, and argc counts it. Fills
 * the rest of `call`: options may stand before, between and behind operands. Returns 0, or -1 with one
 * sentence in err for a word that is neither an option nor a possible operand, a missing value, operand or
 * one too many, or options that exclude each other; with --help among the words nothing is missing.
 * Release with wg_arguments_wipe in both cases. */
int wg_arguments_read(struct wg_call *call, const struct wg_command *c, int argc, char **words,
		      struct wg_error *err);
/* The same without complaints, for completion: what no row names is an operand. Returns the option that
 * the next word is the value of, or NULL. */
const struct wg_option *wg_arguments_guess(struct wg_call *call, int argc, char **words);
/* Releases what was read; *call itself is the caller's. For cleanup(). */
void wg_arguments_wipe(struct wg_call **call);

/* Writes the word in quotes into `out`, as wg_printable shows it and cut after WG_ARGUMENTS_SHOWN bytes. For a
 * word that may be a key, it writes WG_CONF_HIDDEN instead. */
void wg_arguments_quote(char out[static WG_ARGUMENTS_QUOTED], const char *word);

#endif

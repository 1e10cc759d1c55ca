/* SPDX-License-Identifier: GPL-2.0 */
/* The words after a verb, sorted into options and operands. */
#ifndef WG_LIB_ARGUMENTS_H
#define WG_LIB_ARGUMENTS_H

#include "command.h"

#define WG_ARGUMENTS_SHOWN  64 /* bytes of a word that a message shows */
#define WG_ARGUMENTS_QUOTED 80 /* room that a quoted word takes */

/* Sorts the words of a call. The caller has set call->program and call->verb, and nothing else; words[0] is the
 * verb, and argc counts it. The function fills the rest of `call`, whose texts point into `words`; options may stand
 * before, between and behind operands. It returns 0, or -1 with one sentence in err: for a word that is neither an
 * option nor a possible operand, for a value or an operand that is missing, for an operand too many, and for options
 * that exclude each other. If --help is among the words, nothing counts as missing. The caller releases `call` with
 * wg_arguments_wipe in both cases. */
int wg_arguments_read(struct wg_call *call, const struct wg_command *c, int argc, char **words,
		      struct wg_error *err);
/* Does the same for completion, where no word is wrong: a word that no row names is an operand. It returns the
 * option that the next word is the value of, or NULL. */
const struct wg_option *wg_arguments_guess(struct wg_call *call, int argc, char **words);
/* Releases what wg_arguments_read or wg_arguments_guess has filled in; *call itself is the caller's. For
 * cleanup(). */
void wg_arguments_wipe(struct wg_call **call);

/* Writes the word in quotes into `out`, as wg_printable shows it and cut after WG_ARGUMENTS_SHOWN bytes. For a
 * word that may be a key, it writes WG_CONF_HIDDEN instead. */
void wg_arguments_quote(char out[static WG_ARGUMENTS_QUOTED], const char *word);

#endif

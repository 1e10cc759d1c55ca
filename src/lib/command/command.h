/* SPDX-License-Identifier: GPL-2.0 */
/* The command line of a program with verbs. One table drives the choice of the verb, the reading of its
 * options, the usage, --help, completion, and the sentence that answers a wrong word. */
#ifndef WG_LIB_COMMAND_H
#define WG_LIB_COMMAND_H

#include <limits.h>
#include <stdio.h>
#include "../../port.h"
#include "../base/error.h"

#define WG_COMMAND_OPTIONS_MAX 8 /* options of one verb */
#define WG_COMMAND_ANY UINT_MAX  /* as many operands as the user likes */

struct wg_option {
	const char *name;    /* with its dashes: "--dry-run" */
	const char *value;   /* what it takes, as the usage calls it, or NULL: nothing. The user writes
			      * "--name VALUE" or "--name=VALUE". */
	const char *summary; /* what it does, in one phrase, for --help */
	/* Neighbouring options with the same number exclude each other; with 0, an option excludes none. */
	unsigned int group;
};

struct wg_command;
struct wg_completion;

/* The words of one call of a verb. */
struct wg_call {
	const char *program; /* the program's name, for messages */
	const struct wg_verb *verb;
	/* `argv` has the operands, that is what is no option, and then NULL; `argc` counts them. */
	unsigned int argc;
	char **argv;
	char **words; /* all words as given, beginning with the verb, and then NULL */
	bool given[WG_COMMAND_OPTIONS_MAX];         /* for each row of verb->options */
	const char *value[WG_COMMAND_OPTIONS_MAX]; /* of an option that takes one and was given */
	bool help;                                  /* --help or -h is among the words */
	const struct wg_completion *line;           /* for wg_verb.complete, else NULL (candidates.h) */
};

/* Returns whether the user gave this option, which must be a row of call->verb->options, dashes included. */
bool wg_call_has(const struct wg_call *call, const char *option);

struct wg_verb {
	const char *name;
	const struct wg_option *options; /* at most WG_COMMAND_OPTIONS_MAX, then a row without a name; or NULL */
	/* The operands as the usage line shows them, then NULL. `least` and `most` say how many there may be;
	 * operand i + 1 is expected where only i were given and `least` is greater. */
	const char *operands[3];
	/* Writes what the usage line has behind these, where the rows of another table make it; or NULL. */
	void (*write_rest)(FILE *f);
	unsigned int least, most;
	/* What follows the first operand is a language of the verb's: no word of it is an option. */
	bool own_words;
	bool help_word;      /* "help" alone is --help */
	const char *summary; /* what the verb does, in one phrase that begins with a verb: "Prints ..." */
	const char *details; /* sentences that --help adds, or NULL */
	/* Returns the exit status. Where that is not 0, and err->text not empty, the text is printed. The
	 * number of operands is right, and call->help is false. */
	int (*run)(const struct wg_call *call, struct wg_error *err);
	/* Offers the words that may come after the operands of `call` (candidates.h), whatever the user has typed of
	 * the word so far. NULL: none. */
	void (*complete)(const struct wg_call *call);
};

/* A program. Where the two differ by tradition, a field says how. */
struct wg_command {
	const char *name;
	bool as_called;              /* messages name the program as argv[0] does */
	const char *prefix;          /* before each error: "wg-quick: ", or "" */
	const char *unknown_verb;    /* how the sentence about a wrong verb begins, before the quoted word */
	const char *write_error;     /* "cannot write to standard output" */
	const struct wg_verb *verbs; /* then a row without a name */
	const char *default_verb;    /* what runs without any word; NULL: the usage on standard error, status 1 */
	const char *usage_tail;      /* what --help prints after the verbs */
	bool usage_has_operands; /* --help shows each verb's options and operands */
	/* What takes the place of a standard descriptor that the caller closed (stdfd.h). */
	const char *stdfd_path;
	int stdfd_flags;
	void (*prepare)(void); /* called before a verb runs, or NULL */
	/* Whether a word that begins with - and is no option of the verb's is an operand. NULL: it is one where the
	 * verb has no options at all and takes one more operand. */
	bool (*is_operand)(const char *word);
	/* --help and -h ask for help only as the one word after the verb; elsewhere they are words like others. */
	bool lone_help;
};

/* Does all that a main() of such a program does: it opens the standard descriptors that are closed, finds the verb
 * of argv[1], reads the words behind it, and runs it. It handles help, --help, -h, version, --version, -v and the
 * hidden __complete itself (candidates.h). It returns the exit status: that of the verb, or 1 for a wrong word or if
 * standard output cannot be written. For a wrong word it prints one sentence on standard error, which says what is
 * wrong, and names the word that was probably meant or what was expected. */
int wg_command_main(const struct wg_command *c, int argc, char **argv);

/* Returns the row of c->verbs that has this name, or NULL. */
const struct wg_verb *wg_command_find(const struct wg_command *c, const char *name);

#endif

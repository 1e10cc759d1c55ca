// SPDX-License-Identifier: GPL-2.0
/* Options win over the environment, whose variables are those of other implementations. */
#include "options.h"
#include <ctype.h>
#include <getopt.h>
#include <net/if.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "../lib/base/suggest.h"
#include "../lib/command/arguments.h"
#include "../lib/command/candidates.h"
#include "../lib/conf/conf-quote.h"

static int set_level(struct options *o, const char *text, struct wg_error *err)
{
	char word[WG_ARGUMENTS_QUOTED];

	o->logs = true;
	if (logger_level_from(text, &o->level))
		return 0;
	wg_arguments_quote(word, text);
	return wg_error_set(err, "--log-level %s: expected silent, error or verbose", word);
}

/* What other programs call their levels. Those that tell more than errors but are not for the
 * search of faults stand for the default: such a value is rarely meant for us. */
static void read_level(struct options *o, const char *text)
{
	static const struct {
		const char *name;
		enum logger_level level;
	} levels[] = {
		{"silent", LOGGER_SILENT},  {"off", LOGGER_SILENT},	{"none", LOGGER_SILENT},
		{"error", LOGGER_ERROR},    {"err", LOGGER_ERROR},	{"fatal", LOGGER_ERROR},
		{"critical", LOGGER_ERROR}, {"warn", LOGGER_ERROR},	{"warning", LOGGER_ERROR},
		{"notice", LOGGER_ERROR},   {"info", LOGGER_ERROR},	{"verbose", LOGGER_VERBOSE},
		{"debug", LOGGER_VERBOSE},  {"trace", LOGGER_VERBOSE},
	};

	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (!strcasecmp(text, levels[i].name)) {
			o->level = levels[i].level;
			return;
		}
	o->unknown_level = text;
}

static int set_workers(struct options *o, const char *text, struct wg_error *err)
{
	char *end, word[WG_ARGUMENTS_QUOTED];
	unsigned long n = strtoul(text, &end, 10);

	wg_arguments_quote(word, text);
	if (!isdigit((unsigned char)*text) || *end || n < 1 || n > OPTIONS_MAX_WORKERS)
		return wg_error_set(err, "--workers %s: expected a number from 1 to %d", word, OPTIONS_MAX_WORKERS);
	o->workers = (unsigned int)n;
	return 0;
}

/* Names go by the kernel's rules, and a pattern of the kernel's (%d) is none. */
static int check_name(const char *name, struct wg_error *err)
{
	char word[WG_ARGUMENTS_QUOTED];

	wg_arguments_quote(word, name);
	if (strlen(name) >= IFNAMSIZ)
		return wg_error_set(err, "%s is not a valid interface name: it has more than %d characters", word,
				    IFNAMSIZ - 1);
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return wg_error_set(err, "%s is not a valid interface name: expected a word", word);
	for (const char *c = name; *c; c++)
		if (*c == '/' || *c == ':' || *c == '%' || isspace((unsigned char)*c) ||
		    iscntrl((unsigned char)*c))
			return wg_error_set(err,
					    "%s is not a valid interface name: it must not have "
					    "white space or any of / : %%",
					    word);
	return 0;
}

static int read_environment(struct options *o, struct wg_error *err)
{
	const char *level = getenv("LOG_LEVEL"), *foreground = getenv("WG_PROCESS_FOREGROUND");
	const char *offload = getenv("WG_TUN_OFFLOAD");

	if (foreground && !strcmp(foreground, "1"))
		o->foreground = true;
	if (!o->offload_set && offload_parse(&o->offload, offload && *offload ? offload : "auto",
					     "WG_TUN_OFFLOAD", err) < 0)
		return -1;
	if (level && *level && !o->logs)
		read_level(o, level);
	return 0;
}

static int take_foreground(struct options *o, const char *value, struct wg_error *err)
{
	(void)value;
	(void)err;
	o->foreground = true;
	return 0;
}

static int take_offload(struct options *o, const char *value, struct wg_error *err)
{
	o->offload_set = true;
	return offload_parse(&o->offload, value, "--offload", err);
}

static int take_user(struct options *o, const char *value, struct wg_error *err)
{
	(void)err;
	o->user = value;
	return 0;
}

static int take_help(struct options *o, const char *value, struct wg_error *err)
{
	(void)value;
	(void)err;
	o->what = OPTIONS_HELP;
	return 0;
}

static int take_version(struct options *o, const char *value, struct wg_error *err)
{
	(void)value;
	(void)err;
	o->what = OPTIONS_VERSION;
	return 0;
}

static void offer_levels(const char *prefix, const char *typed)
{
	(void)typed;
	wg_offer_after(prefix, "silent", "nothing");
	wg_offer_after(prefix, "error", "what fails");
	wg_offer_after(prefix, "verbose", "also what happens");
}

static void offer_users(const char *prefix, const char *typed)
{
	const struct passwd *user;

	(void)typed;
	setpwent();
	while ((user = getpwent()))
		wg_offer_after(prefix, user->pw_name, NULL);
	endpwent();
}

/* One row an option: getopt's tables, --help, completion and what a misspelt one is told come from it. */
static const struct row {
	char letter;
	const char *name;
	const char *value;   /* what it takes, or NULL: nothing */
	const char *summary; /* lines after the first are set in by print_row */
	int (*take)(struct options *o, const char *value, struct wg_error *err);
	/* Offers the values, each after `prefix`. NULL: none. */
	void (*offer)(const char *prefix, const char *typed);
} rows[] = {
	{'f', "foreground", NULL, "stay; tell a service manager by NOTIFY_SOCKET", take_foreground, NULL},
	{'l', "log-level", "LEVEL", "silent, error or verbose (also LOG_LEVEL in the environment)", set_level, offer_levels},
	{'o', "offload", "WHICH", "auto, on, off, or names with commas between them: see wg-tun(8)\n"
				  "(also WG_TUN_OFFLOAD in the environment)", take_offload, offload_offer},
	{'u', "user", "USER", "the user to become, once all is prepared (_wg-tun or nobody)", take_user, offer_users},
	{'w', "workers", "NUMBER", "threads that move packets (one a processor)", set_workers, NULL},
	{'h', "help", NULL, "print this", take_help, NULL},
	{'v', "version", NULL, "print the version", take_version, NULL},
};

#define ROWS          (sizeof(rows) / sizeof(*rows))
#define SUMMARY_AT    25 /* the column of --help at which summaries begin, from 0 */

static void print_row(const struct row *r, FILE *f)
{
	const char *line = r->summary, *end;
	int used = fprintf(f, "  -%c, --%s%s%s", r->letter, r->name, r->value ? "=" : "",
			   r->value ? r->value : "");

	for (; (end = strchr(line, '\n')); line = end + 1, used = 0)
		fprintf(f, "%*s%.*s\n", SUMMARY_AT - used, "", (int)(end - line), line);
	fprintf(f, "%*s%s\n", SUMMARY_AT - used, "", line);
}

void options_print_help(FILE *f)
{
	fputs("Usage: wg-tun [OPTION...] NAME\n"
	      "Creates the WireGuard interface NAME, to be configured with wg(8), and serves it.\n\n", f);
	for (size_t i = 0; i < ROWS; i++)
		print_row(&rows[i], f);
}

/* Quotes a long option. Where its value may be a key, only the name is shown. */
static void quote_option(char out[static WG_ARGUMENTS_QUOTED], const char *word)
{
	char name[WG_ARGUMENTS_SHOWN + 1];
	size_t len = strcspn(word, "=");

	if (wg_conf_may_be_key(word, strlen(word)) && word[len] && len < sizeof(name)) {
		memcpy(name, word, len);
		name[len] = '\0';
		word = name;
	}
	wg_arguments_quote(out, word);
}

/* `word` is an option as the user wrote it, or has it somewhere behind one dash. */
static int refuse(int letter, const char *word, struct wg_error *err)
{
	const struct row *found = NULL;
	char name[32], quoted[WG_ARGUMENTS_QUOTED];
	struct wg_suggest guess;

	for (size_t i = 0; i < ROWS && optopt; i++)
		if (rows[i].letter == optopt)
			found = &rows[i];
	if (found && letter == ':')
		return wg_error_set(err, "--%s needs a value: expected --%s=%s", found->name, found->name,
				    found->value);
	if (found)
		return wg_error_set(err, "--%s takes no value", found->name);
	if (optopt) {
		wg_arguments_quote(quoted, (const char[]){'-', (char)optopt, '\0'});
		return wg_error_set(err, "unknown option %s: see wg-tun --help", quoted);
	}
	quote_option(quoted, word);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	wg_suggest_init(&guess, name, strlen(name));
	for (size_t i = 0; i < ROWS; i++)
		wg_suggest_try(&guess, rows[i].name);
	if (guess.best)
		return wg_error_set(err, "unknown option %s: did you mean `--%s'?", quoted, guess.best);
	return wg_error_set(err, "unknown option %s: see wg-tun --help", quoted);
}

/* getopt's form of the rows: ":fl:o:u:w:hv", and an array that ends with zeros. */
static void make_tables(char letters[static 2 * ROWS + 2], struct option options[static ROWS + 1])
{
	char *s = letters;

	*s++ = ':';
	for (size_t i = 0; i < ROWS; i++) {
		*s++ = rows[i].letter;
		if (rows[i].value)
			*s++ = ':';
		options[i] = (struct option){rows[i].name, rows[i].value ? required_argument : no_argument,
					     NULL, rows[i].letter};
	}
	*s = '\0';
	options[ROWS] = (struct option){0};
}

static int take_option(struct options *o, int letter, char **argv, struct wg_error *err)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].letter == letter)
			return rows[i].take(o, optarg, err);
	return refuse(letter, argv[optind - 1], err);
}

int options_parse(struct options *o, int argc, char **argv, struct wg_error *err)
{
	struct option long_options[ROWS + 1];
	char letters[2 * ROWS + 2];
	int letter;

	make_tables(letters, long_options);
	memset(o, 0, sizeof(*o));
	o->level = LOGGER_ERROR;
	opterr = 0;
	optind = 0;
	while ((letter = getopt_long(argc, argv, letters, long_options, NULL)) >= 0) {
		if (take_option(o, letter, argv, err) < 0)
			return -1;
		if (o->what != OPTIONS_RUN)
			return 0;
	}
	if (argc - optind != 1)
		return wg_error_set(err, "expected the name of one interface: see wg-tun --help");
	o->name = argv[optind];
	if (check_name(o->name, err) < 0)
		return -1;
	return read_environment(o, err);
}

static const struct row *find_long(const char *name, size_t len)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == len && !strncmp(rows[i].name, name, len))
			return &rows[i];
	return NULL;
}

/* Marks the options of one word as given. Returns the row of which the next word is the value, or NULL. */
static const struct row *note_word(const char *word, bool given[static ROWS])
{
	const struct row *r = NULL;

	if (word[0] != '-' || !word[1])
		return NULL;
	if (word[1] == '-') {
		r = find_long(word + 2, strcspn(word + 2, "="));
		if (r)
			given[r - rows] = true;
		return r && r->value && !strchr(word, '=') ? r : NULL;
	}
	for (const char *c = word + 1; *c; c++)
		for (size_t i = 0; i < ROWS; i++) {
			if (rows[i].letter != *c)
				continue;
			given[i] = true;
			if (rows[i].value)
				return c[1] ? NULL : &rows[i];
		}
	return NULL;
}

/* `word` is "--NAME=" and what is typed of the value. */
static void offer_joined_value(const char *word, size_t len)
{
	const struct row *r = find_long(word + 2, len - 2);
	char prefix[32];

	if (!r || !r->offer)
		return;
	snprintf(prefix, sizeof(prefix), "--%s=", r->name);
	r->offer(prefix, word + len + 1);
}

void options_complete(int argc, char **argv)
{
	bool given[ROWS] = {false};
	const struct row *before = NULL;
	struct wg_completion line;
	char name[32];

	if (!wg_completion_read(&line, argc, argv))
		return;
	for (unsigned int i = 1; i < line.at; i++) {
		if (!before && !strcmp(line.words[i], "--"))
			return;
		before = before ? NULL : note_word(line.words[i], given);
	}
	if (before) {
		if (before->offer)
			before->offer("", line.words[line.at]);
		return;
	}
	if (!strncmp(line.words[line.at], "--", 2) && strchr(line.words[line.at], '=')) {
		offer_joined_value(line.words[line.at], strcspn(line.words[line.at], "="));
		return;
	}
	for (size_t i = 0; i < ROWS; i++) {
		snprintf(name, sizeof(name), "--%s", rows[i].name);
		if (!given[i])
			wg_offer(name, rows[i].summary);
	}
}

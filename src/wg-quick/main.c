// SPDX-License-Identifier: GPL-2.0
/* The command `wg-quick`: finds the verb, runs it, prints the one sentence that says what went
 * wrong. Exit status: 0, that of a hook or helper that failed, else 1. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../lib/base/alloc.h"
#include "../lib/base/cleanup.h"
#include "../lib/base/secret.h"
#include "../lib/command/stdfd.h"
#include "../lib/base/suggest.h"
#include "../port.h"
#include "../version.h"
#include "verb.h"

static const struct verb verbs[] = {
	{"up", "[--dry-run | --idempotent] NAME | FILE", "Brings a tunnel up",
	 "Each step is printed, as the command that does the same, and noted under " STATEDIR "\n"
	 "before it is done. If one fails, or on SIGINT, SIGTERM, SIGHUP or SIGQUIT, everything is\n"
	 "undone. With --dry-run the steps are printed to standard output and nothing is done.\n"
	 "What is left of an earlier tunnel of that name, whose interface is gone or whose `up' or\n"
	 "`down' was cut short, is undone first. With --idempotent it is no error if the tunnel is\n"
	 "up as the file asks for.\n",
	 verb_up, complete_up},
	{"down", "[--force] NAME | FILE", "Takes a tunnel down",
	 "Undoes what `up' did, even if the file has changed or gone since, or `up' was killed.\n"
	 "Where there is no journal of `up', the file and the network say what there is to undo.\n"
	 "With --force it goes on past hooks that fail and whatever else cannot be undone, lists\n"
	 "that, and forgets the tunnel.\n",
	 verb_down, complete_down},
	{"reload", "[--dry-run] NAME | FILE", "Makes a tunnel that is up what its file says now",
	 "Only the difference is carried out: sessions, endpoints that peers roamed to, and what hooks\n"
	 "have set stay. No hook is run. If a step fails, everything is as before. With --dry-run the\n"
	 "steps are printed to standard output and nothing is done.\n",
	 verb_reload, complete_reload},
	{"diff", "NAME | FILE", "Prints what `reload' would do", NULL, verb_diff, complete_config},
	{"repair", "NAME | FILE", "Puts back what others have taken from a tunnel",
	 "Rules, routes, addresses and the like that `up' or `reload' made, and that are not there\n"
	 "any more, are made again. Nothing else is touched.\n",
	 verb_repair, complete_config},
	{"status", "[NAME | FILE]", "Says whether a tunnel is as its file asks",
	 "Without an argument, each tunnel that has a file in " CONFDIR ". Exit status: 0, it is as the\n"
	 "file asks; 1, it cannot be told; 2, it is up and differs, and the steps that `reload' would do\n"
	 "are printed; 3, it is not up.\n",
	 verb_status, complete_config},
	{"save", "NAME | FILE", "Writes a tunnel's present state to its file", NULL,
	 verb_save, complete_config},
	{"strip", "NAME | FILE", "Prints a file without the keys that only wg-quick knows",
	 "For use with `wg syncconf' and its like. The output holds the private key.\n", verb_strip,
	 complete_config},
	{"check", "NAME | FILE...", "Finds all mistakes of files, and what is hardly meant",
	 "Prints FILE:LINE:COLUMN, what is wrong, a code, and what to do. `up' refuses what is an\n"
	 "error here; warnings are for what is legal. Nothing is changed and no name looked up.\n"
	 "Exit status: 0 if there is no error, else 1.\n",
	 verb_check, complete_check},
	{.name = NULL},
};

static const char files[] =
	"NAME is 1 to 15 letters, digits and _=+.-, and stands for " CONFDIR "/NAME.conf;\n"
	"FILE is any other path that ends in NAME.conf. The interface is called NAME.\n\n"
	"The file is what `wg setconf' reads, and may have more in its [Interface]:\n"
	"  Address     addresses with prefix lengths, for the interface\n"
	"  DNS         servers and search domains while the tunnel is up\n"
	"  MTU         in bytes; without it, what the way to the peers allows\n"
	"  Table       where routes go: auto, off, or a routing table\n"
	"  PreUp, PostUp, PreDown, PostDown\n"
	"              a command for bash at that moment; %i becomes NAME\n"
	"  SaveConfig  true: `down' writes the tunnel's present state to the file\n";

static void usage_verb(const struct verb *v, bool details, FILE *f)
{
	fprintf(f, "Usage: wg-quick %s %s\n", v->name, v->arguments);
	if (details)
		fprintf(f, "\n%s.\n%s", v->summary, v->details ? v->details : "");
}

static void usage(FILE *f)
{
	for (const struct verb *v = verbs; v->name; v++)
		fprintf(f, "%s wg-quick %-5s %-40s  %s\n", v == verbs ? "Usage:" : "      ", v->name,
			v->arguments, v->summary);
	fprintf(f, "\n%s\nman wg-quick says the rest.\n", files);
}

static const struct verb *find_verb(const char *name)
{
	for (const struct verb *v = verbs; v->name; v++) {
		if (!strcmp(v->name, name))
			return v;
	}
	return NULL;
}

/* Standard output is complete only once it is flushed: a full disk shows up here. */
static int finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	perror("wg-quick: cannot write to standard output");
	return status ? status : 1;
}

/* Hooks and helpers are looked for beside ourselves first, and speak C, as they always did. */
static void set_environment(void)
{
	cleanup(free_ptr) char *joined = NULL;
	const char *path = getenv("PATH");
	char self[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	setenv("LC_ALL", "C", 1);
	if (n < 0)
		return;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash || slash == self)
		return;
	*slash = '\0';
	joined = wg_format("%s:%s", self, path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
	setenv("PATH", joined, 1);
}

static bool is_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "-h") || !strcmp(word, "--help");
}

/* One sentence: the word that was probably meant, or all that there are. */
static void unknown_verb(int argc, char **argv)
{
	struct wg_suggest guess;

	wg_suggest_init(&guess, argv[1], strlen(argv[1]));
	for (const struct verb *v = verbs; v->name; v++)
		wg_suggest_try(&guess, v->name);
	wg_suggest_try(&guess, "--help");
	wg_suggest_try(&guess, "--version");
	fprintf(stderr, "wg-quick: unknown verb `%s'", argv[1]);
	if (argc == 3 && find_verb(argv[2])) {
		fprintf(stderr, ": did you mean `wg-quick %s %s'?\n", argv[2], argv[1]);
		return;
	}
	if (guess.best && strcmp(guess.best, argv[1])) {
		fprintf(stderr, ": did you mean `%s'?\n", guess.best);
		return;
	}
	for (const struct verb *v = verbs; v->name; v++)
		fprintf(stderr, "%s%s", v == verbs ? ": expected " : ", ", v->name);
	fprintf(stderr, ", or --help%s\n", argv[1][0] == '-' ? " or --version alone" : "");
}

/* Whether `word` is one of the options in a verb's usage line. Tries all of them as what a misspelt
 * one was meant to be. */
static bool is_option(const struct verb *v, const char *word, struct wg_suggest *guess)
{
	static char option[64];
	const char *s = v->arguments;

	while ((s = strstr(s, "--"))) {
		size_t len = strcspn(s, " ]|=");

		if (len == strlen(word) && !strncmp(s, word, len))
			return true;
		if (len < sizeof(option) && !guess->best) {
			memcpy(option, s, len);
			option[len] = '\0';
			wg_suggest_try(guess, option);
		}
		s += len;
	}
	return false;
}

/* For a verb that could do nothing with its arguments: whether that is an option's fault, which is
 * then named. */
static bool blame_option(const struct verb *v, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct wg_suggest guess;

		wg_suggest_init(&guess, argv[i], strlen(argv[i]));
		if (argv[i][0] != '-' || is_option(v, argv[i], &guess))
			continue;
		wg_suggest_try(&guess, "--help");
		if (guess.best && strcmp(guess.best, argv[i]))
			fprintf(stderr, "wg-quick: %s has no option `%s': did you mean `%s'?\n", v->name,
				argv[i], guess.best);
		else
			fprintf(stderr, "wg-quick: %s has no option `%s': expected %s\n", v->name,
				argv[i], v->arguments);
		return true;
	}
	return false;
}

static int run(const struct verb *v, int argc, char **argv)
{
	struct wg_error err = {0};
	int status;

	if (argc == 2 && strcmp(argv[1], "help") && is_help(argv[1])) {
		usage_verb(v, true, stdout);
		return finish(0);
	}
	set_environment();
	if (geteuid() == 0)
		wg_secret_guard();
	status = v->run(v, argc, argv, &err);
	if ((status == VERB_USAGE || (status && err.code == ENOENT)) && blame_option(v, argc, argv))
		return finish(1);
	if (status == VERB_USAGE) {
		usage_verb(v, false, stderr);
		return 1;
	}
	if (status && err.text[0])
		fprintf(stderr, "wg-quick: %s\n", err.text);
	return finish(status);
}

/* `wg-quick __complete CWORD WORD...`: the words that may stand at CWORD, one a line; ":file" is
 * for the shell to complete. WORD... begins with the program's name. */
static int complete(int argc, char **argv)
{
	long at = argc > 1 ? strtol(argv[0], NULL, 10) : 0;
	const struct verb *v;

	if (at < 1 || at > argc - 1)
		return 0;
	if (at == 1) {
		for (v = verbs; v->name; v++)
			puts(v->name);
		puts("help\n--help\n--version");
		return finish(0);
	}
	v = argc > 2 ? find_verb(argv[2]) : NULL;
	if (v && v->complete)
		v->complete((int)at, argv + 2);
	if (v && at == 2)
		puts("--help");
	return finish(0);
}

int main(int argc, char **argv)
{
	static char stderr_buffer[1 << 16];
	const struct verb *v;

	/* Children get it, too, so it can be written to. */
	wg_sanitise_stdfd("/dev/null", O_RDWR);
	/* A tunnel of ten thousand routes says ten thousand lines. */
	setvbuf(stderr, stderr_buffer, _IOFBF, sizeof(stderr_buffer));
	if (argc == 2 && is_help(argv[1])) {
		usage(stdout);
		return finish(0);
	}
	if (argc == 2 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-v"))) {
		printf("wirekit v%s (compatible with wireguard-tools v%s)\n", WIREKIT_VERSION,
		       WIREKIT_COMPATIBLE_WITH);
		return finish(0);
	}
	if (argc >= 2 && !strcmp(argv[1], "__complete"))
		return complete(argc - 2, argv + 2);
	if (argc < 2) {
		usage(stderr);
		return 1;
	}
	v = find_verb(argv[1]);
	if (!v) {
		unknown_verb(argc, argv);
		return 1;
	}
	return run(v, argc - 1, argv + 1);
}

// SPDX-License-Identifier: GPL-2.0
/* The table of verbs, and the texts that are made from it. */
#include "verb.h"
#include <stdio.h>
#include <string.h>

const char *prog_name = "wg";

static void say(void *ctx, enum wg_log_level level, const char *text)
{
	(void)ctx;
	fprintf(stderr, "%s%s\n", level == WG_LOG_WARNING ? "Warning: " : "", text);
}

const struct wg_log verb_log = {say, NULL};

#define SHOW_ARGUMENTS                                                                   \
	"{ <interface> | all | interfaces } [public-key | private-key | listen-port | "  \
	"fwmark | peers | preshared-keys | endpoints | allowed-ips | latest-handshakes " \
	"| transfer | persistent-keepalive | dump]"

#define SET_ARGUMENTS                                                                      \
	"<interface> [listen-port <port>] [fwmark <mark>] [private-key <file path>] [peer " \
	"<base64 public key> [remove] [preshared-key <file path>] [endpoint <ip>:<port>] "  \
	"[persistent-keepalive <interval seconds>] [allowed-ips [+|-]<ip1>/<cidr1>"         \
	"[,[+|-]<ip2>/<cidr2>]...] ]..."

static const struct verb verbs[] = {
	{"show", SHOW_ARGUMENTS, "Prints interfaces and their peers, for people or for scripts",
	 "Without arguments it shows all interfaces. Private and preshared keys are hidden in the\n"
	 "readable form unless WG_HIDE_KEYS=never; a single setting and `dump' print them in clear.\n"
	 "Colours: WG_COLOR_MODE=always|never|auto, and NO_COLOR.\n",
	 verb_show, complete_show},
	{"showconf", "<interface>", "Prints an interface as the file that setconf takes",
	 "The output holds the private key: redirect it with umask 077.\n", verb_showconf,
	 complete_interface},
	{"set", SET_ARGUMENTS, "Changes settings and peers named on the command line",
	 "Keys are read from files; /dev/stdin is one. An empty file removes the key. Numbers can be\n"
	 "0, and a mark or interval `off'. Allowed IPs replace those of the peer, unless any of\n"
	 "them begins with + (add) or - (remove).\n",
	 verb_set, complete_set},
	{"setconf", "<interface> <configuration filename>",
	 "Makes an interface exactly what a file says",
	 "What the file does not mention is cleared, and all sessions end; see syncconf.\n",
	 verb_setconf, complete_conf},
	{"addconf", "<interface> <configuration filename>",
	 "Adds what a file says to an interface",
	 "Peers of the file are added or changed, all others stay.\n", verb_setconf, complete_conf},
	{"syncconf", "<interface> <configuration filename>",
	 "Makes an interface what a file says, changing only what differs",
	 "Only what differs is changed, so that sessions go on. Peers that the file does not have\n"
	 "are removed; settings of the interface that it does not mention stay.\n",
	 verb_setconf, complete_conf},
	{"genkey", "", "Prints a fresh private key", NULL, verb_genkey, NULL},
	{"genpsk", "", "Prints a fresh key for two peers to share", NULL, verb_genkey, NULL},
	{"pubkey", "", "Turns the private key on standard input into its public key", NULL, verb_pubkey,
	 NULL},
	{NULL, NULL, NULL, NULL, NULL, NULL},
};

const struct verb *verb_table(void)
{
	return verbs;
}

const struct verb *verb_find(const char *name)
{
	for (const struct verb *v = verbs; v->name; v++) {
		if (!strcmp(v->name, name))
			return v;
	}
	return NULL;
}

void verb_usage(const struct verb *verb, bool details, FILE *f)
{
	fprintf(f, "Usage: %s %s%s%s\n", prog_name, verb->name, verb->arguments[0] ? " " : "",
		verb->arguments);
	if (details)
		fprintf(f, "\n%s.\n%s", verb->summary, verb->details ? verb->details : "");
}

void verb_usage_all(FILE *f)
{
	fprintf(f, "Usage: %s <cmd> [<args>]\n\nAvailable subcommands:\n", prog_name);
	for (const struct verb *v = verbs; v->name; v++)
		fprintf(f, "  %s: %s\n", v->name, v->summary);
	fputs("You may pass `--help' to any of these subcommands to view usage.\n", f);
}

// SPDX-License-Identifier: GPL-2.0
/* The command `wg`. Exit status 0, or 1 for every failure. */
#include <fcntl.h>
#include "../lib/command/command.h"
#include "interface.h"
#include "verb.h"

#define INTERFACE "<interface>"
#define FILENAME  "<configuration filename>"

static const struct wg_verb verbs[] = {
	{.name = "show", .operands = {"{ <interface> | all | interfaces }"}, .write_rest = usage_show, .most = 2,
	 .summary = "Prints interfaces and their peers, for people or for scripts",
	 .details =
	 "Without arguments it shows all interfaces. Private and preshared keys are hidden in the\n"
	 "readable form unless WG_HIDE_KEYS=never; a single setting and `dump' print them in clear.\n"
	 "Colours: WG_COLOR_MODE=always|never|auto, and NO_COLOR.\n",
	 .help_word = true, .run = verb_show, .complete = complete_show},
	{.name = "showconf", .operands = {INTERFACE}, .least = 1, .most = 1,
	 .summary = "Prints an interface as the file that setconf takes",
	 .details = "The output holds the private key: redirect it with umask 077.\n",
	 .run = verb_showconf, .complete = complete_interface},
	/* Without a setting, verb_set itself says what is missing. */
	{.name = "set", .operands = {INTERFACE}, .write_rest = usage_set, .least = 1, .most = WG_COMMAND_ANY,
	 .own_words = true,
	 .summary = "Changes settings and peers named on the command line",
	 .details =
	 "Keys are read from files; /dev/stdin is one. An empty file removes the key. Numbers can be\n"
	 "0, and a mark or interval `off'. Allowed IPs replace those of the peer, unless any of\n"
	 "them begins with + (add) or - (remove).\n",
	 .run = verb_set, .complete = complete_set},
	{.name = "setconf", .operands = {INTERFACE, FILENAME}, .least = 2, .most = 2,
	 .summary = "Makes an interface exactly what a file says",
	 .details = "What the file does not mention is cleared, and all sessions end; see syncconf.\n",
	 .run = verb_setconf, .complete = complete_conf},
	{.name = "addconf", .operands = {INTERFACE, FILENAME}, .least = 2, .most = 2,
	 .summary = "Adds what a file says to an interface",
	 .details = "Peers of the file are added or changed, all others stay.\n",
	 .run = verb_setconf, .complete = complete_conf},
	{.name = "syncconf", .operands = {INTERFACE, FILENAME}, .least = 2, .most = 2,
	 .summary = "Makes an interface what a file says, changing only what differs",
	 .details =
	 "Only what differs is changed, so that sessions go on. Peers that the file does not have\n"
	 "are removed; settings of the interface that it does not mention stay.\n",
	 .run = verb_setconf, .complete = complete_conf},
	{.name = "genkey", .summary = "Prints a fresh private key", .run = verb_genkey},
	{.name = "genpsk", .summary = "Prints a fresh key for two peers to share", .run = verb_genkey},
	{.name = "pubkey", .summary = "Turns the private key on standard input into its public key",
	 .run = verb_pubkey},
	{.name = NULL},
};

static const struct wg_command wg = {
	.name = "wg",
	.as_called = true,
	.prefix = "",
	.unknown_verb = "Invalid subcommand:",
	.write_error = "Unable to write to standard output",
	.verbs = verbs,
	.default_verb = "show",
	.usage_tail = "You may pass `--help' to any of these subcommands to view usage.\n",
	/* Writing to it fails, which is said. */
	.stdfd_path = "/",
	.stdfd_flags = O_PATH,
	.lone_help = true,
};

int main(int argc, char **argv)
{
	return wg_command_main(&wg, argc, argv);
}

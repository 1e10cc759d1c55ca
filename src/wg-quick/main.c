// SPDX-License-Identifier: GPL-2.0
/* The command `wg-quick`. Exit status: 0, that of a hook or helper that failed, else 1; `status` has its
 * own. */
#include <fcntl.h>
#include <stdio.h>
#include "verb.h"

#define TUNNEL "NAME | FILE"

static const struct wg_option up_options[] = {
	{"--dry-run", NULL, "prints the steps to standard output, and does none of them; of a tunnel that is up, as if "
			    "it was down", 1},
	{"--idempotent", NULL, "is no error if the tunnel is up and `reload' would have nothing to do", 1},
	{.name = NULL},
};

static const struct wg_option down_options[] = {
	{"--force", NULL, "goes on past whatever fails, lists what is left, and forgets the tunnel", 0},
	{.name = NULL},
};

static const struct wg_option reload_options[] = {
	{"--dry-run", NULL, "prints the steps to standard output, and does none of them", 0},
	{.name = NULL},
};

static const struct wg_verb verbs[] = {
	{.name = "up", .options = up_options, .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Brings a tunnel up",
	 .details =
	 "Each step is printed, as the command that does the same, and noted under " STATEDIR "\n"
	 "before it is done. If one fails, or on SIGINT, SIGTERM, SIGHUP or SIGQUIT, everything is\n"
	 "undone. What is left of an earlier tunnel of that name, whose interface is gone or whose\n"
	 "`up' or `down' was cut short, is undone first.\n",
	 .run = verb_up, .complete = complete_config},
	{.name = "down", .options = down_options, .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Takes a tunnel down",
	 .details =
	 "Undoes what `up' did, even if the file has changed or gone since, or `up' was killed.\n"
	 "Where there is no journal of `up', the file and the network say what there is to undo.\n",
	 .run = verb_down, .complete = complete_config},
	{.name = "reload", .options = reload_options, .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Makes a tunnel that is up what its file says now",
	 .details =
	 "Only the difference is carried out: sessions, endpoints that peers roamed to, and what hooks\n"
	 "have set stay. No hook is run. If a step fails, everything is as before.\n",
	 .run = verb_reload, .complete = complete_config},
	{.name = "diff", .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Prints what `reload' would do",
	 .run = verb_diff, .complete = complete_config},
	{.name = "repair", .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Puts back what others have taken from a tunnel",
	 .details =
	 "Rules, routes, addresses and the like that `up' or `reload' made, and that are not there\n"
	 "any more, are made again. Nothing else is touched. A tunnel that has lost its interface, as\n"
	 "with a data path that was killed, is brought up again.\n",
	 .run = verb_repair, .complete = complete_config},
	{.name = "status", .operands = {"[" TUNNEL "]"}, .most = 1,
	 .summary = "Says whether a tunnel is as its file asks",
	 .details =
	 "Without an argument, each tunnel that has a file in " CONFDIR ". Exit status: 0, it is as the\n"
	 "file asks; 1, it cannot be told; 2, it is up and differs, and the steps that `reload' would do\n"
	 "are printed; 3, it is not up.\n",
	 .run = verb_status, .complete = complete_config},
	{.name = "save", .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Writes a tunnel's present state to its file",
	 .run = verb_save, .complete = complete_config},
	{.name = "strip", .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Prints a file without the keys that only wg-quick knows",
	 .details = "For use with `wg syncconf' and its like. The output holds the private key.\n",
	 .run = verb_strip, .complete = complete_config},
	{.name = "check", .operands = {TUNNEL "..."}, .least = 1, .most = WG_COMMAND_ANY,
	 .summary = "Finds all mistakes of files, and what is hardly meant",
	 .details =
	 "Prints FILE:LINE:COLUMN, what is wrong, a code, and what to do. `up' refuses what is an\n"
	 "error here; warnings are for what is legal. Nothing is changed and no name looked up.\n"
	 "Exit status: 0 if there is no error, else 1.\n",
	 .run = verb_check, .complete = complete_config},
	{.name = NULL},
};

static const struct wg_command wg_quick = {
	.name = "wg-quick",
	.prefix = "wg-quick: ",
	.unknown_verb = "unknown verb",
	.write_error = "cannot write to standard output",
	.verbs = verbs,
	.usage_has_operands = true,
	.usage_tail =
	"\nNAME is 1 to 15 letters, digits and _=+.-, and stands for " CONFDIR "/NAME.conf;\n"
	"FILE is any other path that ends in NAME.conf. The interface is called NAME.\n\n"
	"The file is what `wg setconf' reads, and may have more in its [Interface]:\n"
	"  Address     addresses with prefix lengths, for the interface\n"
	"  DNS         servers and search domains while the tunnel is up\n"
	"  DNSBackend  what sets them: auto, resolved, resolvconf, file, none\n"
	"  DNSRequired no: the tunnel comes up if nothing takes them\n"
	"  MTU         in bytes; without it, what the way to the peers allows\n"
	"  Table       where routes go: auto, off, or a routing table\n"
	"  PreUp, PostUp, PreDown, PostDown\n"
	"              a command for bash at that moment; %i becomes NAME\n"
	"  SaveConfig  true: `down' writes the tunnel's present state to the file\n"
	"\nman wg-quick says the rest.\n",
	/* Children get it, too, so it can be written to. */
	.stdfd_path = "/dev/null",
	.stdfd_flags = O_RDWR,
	.prepare = verb_prepare,
	.is_operand = operand_exists,
};

int main(int argc, char **argv)
{
	static char stderr_buffer[1 << 16];

	/* A tunnel of ten thousand routes says ten thousand lines. */
	setvbuf(stderr, stderr_buffer, _IOFBF, sizeof(stderr_buffer));
	return wg_command_main(&wg_quick, argc, argv);
}

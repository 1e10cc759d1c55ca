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
	{"--no-hooks", NULL, "runs no hooks, neither now nor when the tunnel goes down", 0},
	{.name = NULL},
};

static const struct wg_option down_options[] = {
	{"--force", NULL, "goes on past whatever fails, lists what is left, and forgets the tunnel", 0},
	{"--no-hooks", NULL, "runs no hooks", 0},
	{.name = NULL},
};

static const struct wg_option reload_options[] = {
	{"--dry-run", NULL, "prints the steps to standard output, and does none of them", 0},
	{"--no-hooks", NULL, "leaves `down' the hooks that it has: those that the file has by now do not count", 0},
	{.name = NULL},
};

static const struct wg_option exec_options[] = {
	{"--bypass", NULL, "runs it outside of the tunnel, which is a full one", 0},
	{.name = NULL},
};

static const struct wg_option set_options[] = {
	{"--save", NULL, "changes the file, too, or neither of the two; it may also stand among the settings", 0},
	{NULL, NULL, NULL, 0},
};

static const struct wg_option killswitch_options[] = {
	{"--lift", NULL, "removes it, whatever the file says, and whether the tunnel is up or not", 0},
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
	 .run = verb_down, .complete = complete_tunnel_up},
	{.name = "reload", .options = reload_options, .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Makes a tunnel that is up what its file says now",
	 .details =
	 "Only the difference is carried out: sessions, endpoints that peers roamed to, and what hooks\n"
	 "have set stay. No hook is run. If a step fails, everything is as before.\n",
	 .run = verb_reload, .complete = complete_tunnel_up},
	{.name = "diff", .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Prints what `reload' would do",
	 .run = verb_diff, .complete = complete_tunnel_up},
	{.name = "repair", .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Puts back what others have taken from a tunnel",
	 .details =
	 "Rules, routes, addresses and the like that `up' or `reload' made, and that are not there\n"
	 "any more, are made again. Nothing else is touched. A tunnel that has lost its interface, as\n"
	 "with a data path that was killed, is brought up again.\n",
	 .run = verb_repair, .complete = complete_tunnel_up},
	{.name = "status", .operands = {"[" TUNNEL "]"}, .most = 1,
	 .summary = "Says whether a tunnel is as its file asks",
	 .details =
	 "Without an argument, each tunnel that has a file in " CONFDIR ". Exit status: 0, it is as the\n"
	 "file asks; 1, it cannot be told; 2, it is up and differs, and the steps that `reload' would do\n"
	 "are printed; 3, it is not up.\n",
	 .run = verb_status, .complete = complete_tunnel},
	{.name = "watch", .operands = {"[" TUNNEL "...]"}, .most = WG_COMMAND_ANY,
	 .summary = "Looks after tunnels while they are up",
	 .details =
	 "Without an argument, after all tunnels. Looks the endpoint of a peer that does not answer up\n"
	 "again, and tries its other addresses and Endpoint lines; gives its allowed IPs to another peer\n"
	 "that lists them, with Failover; and repairs what others take away, as `repair' does, also a\n"
	 "data path that has ended. Runs until SIGTERM or SIGINT; wg-quick-watch.service runs it.\n",
	 .run = verb_watch, .complete = complete_tunnel},
	{.name = "exec", .options = exec_options, .operands = {TUNNEL, "COMMAND..."}, .least = 2,
	 .most = WG_COMMAND_ANY, .own_words = true,
	 .summary = "Runs a program inside a tunnel that has a Namespace",
	 .details =
	 "The program takes the place of wg-quick: its exit status and its signals are its own. It runs\n"
	 "as root; `wg-quick exec NAME -- sudo -u USER COMMAND' runs it as a user. If it cannot be run,\n"
	 "the exit status is 127 where there is no such program, and 126 otherwise.\n",
	 .run = verb_exec, .complete = complete_exec},
	{.name = "save", .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Edits a tunnel's file so that it says what the tunnel is now",
	 .details = "What means the same, and all comments, stay as they are.\n",
	 .run = verb_save, .complete = complete_tunnel_up},
	{.name = "set", .options = set_options, .operands = {TUNNEL}, .write_rest = usage_quick_set, .least = 1,
	 .most = WG_COMMAND_ANY, .own_words = true,
	 .summary = "Changes settings and peers of a tunnel, as `wg set' does",
	 .details =
	 "Routes stay as they are: `reload' makes them what the file says.\n",
	 .run = verb_set, .complete = complete_quick_set},
	{.name = "strip", .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Prints a file without the keys that only wg-quick knows",
	 .details = "For use with `wg syncconf' and its like. The output holds the private key.\n",
	 .run = verb_strip, .complete = complete_config},
	{.name = "killswitch", .options = killswitch_options, .operands = {TUNNEL}, .least = 1, .most = 1,
	 .summary = "Loads the kill switch of a tunnel, or lifts it",
	 .details =
	 "Of a file with KillSwitch = boot: from now on, what leaves the host past the tunnel is dropped,\n"
	 "until it is lifted. wg-quick-killswitch@NAME.service runs it before the network is set up.\n"
	 "Of a tunnel that is up, with any KillSwitch: loads it again after --lift, as `reload' does.\n",
	 .run = verb_killswitch, .complete = complete_config},
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
	"  MTU         in bytes; without it, what the routes to the peers allow; probe: what the ways do\n"
	"  Table       where routes go: auto, off, or a routing table\n"
	"  PreUp, PostUp, PreDown, PostDown\n"
	"              a command for bash at that moment; %i becomes NAME\n"
	"  EndpointResolution\n"
	"              wait: `up' ends once endpoints that are names are looked up; background: before\n"
	"  Failover    yes: allowed IPs that several peers list go to the first that answers\n"
	"  HookTimeout off, or how many seconds each of them may take\n"
	"  Namespace   the network namespace of the interface\n"
	"  UnderlayNamespace\n"
	"              the network namespace of the encrypted packets\n"
	"  SaveConfig  true: `down' writes the tunnel's present state to the file\n"
	"  KillSwitch  yes: what would leave the host past the tunnel is dropped; lan: private\n"
	"              networks can be reached; boot: also from boot on, and after `down'\n"
	"  Masquerade  yes: what comes from the tunnel leaves with the host's address; into: what goes\n"
	"              into the tunnel has the tunnel's; both\n"
	"  Forward     yes: the host forwards packets\n"
	"  ClampMSS    yes: TCP through the host is told the tunnel's MTU\n"
	"  PrivateKeyFile\n"
	"              a file that holds the PrivateKey; %d/ is systemd's credentials\n"
	"and in a [Peer]:\n"
	"  PresharedKeyFile\n"
	"              a file that holds the PresharedKey\n"
	"  Routes      what is routed to the peer in place of AllowedIPs; off: nothing\n"
	"  RouteMetric the metric of its routes\n"
	"AllowedIPs may exclude prefixes: 0.0.0.0/0, !192.168.0.0/16. The files NAME.conf.d/*.conf\n"
	"are read, too.\n"
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

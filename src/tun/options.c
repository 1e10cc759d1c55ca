// SPDX-License-Identifier: GPL-2.0
/* Options win over the environment, whose variables are those of other implementations. */
#include "options.h"
#include <ctype.h>
#include <getopt.h>
#include <net/if.h>
#include <stdlib.h>
#include <strings.h>

const char options_help[] =
	"Usage: wg-tun [OPTION...] NAME\n"
	"Creates the WireGuard interface NAME, to be configured with wg(8), and serves it.\n"
	"\n"
	"  -f, --foreground       stay; tell a service manager by NOTIFY_SOCKET\n"
	"  -l, --log-level=LEVEL  silent, error or verbose (also LOG_LEVEL in the environment)\n"
	"  -o, --offload=WHICH    auto, on, off, or names with commas between them: see wg-tun(8)\n"
	"                         (also WG_TUN_OFFLOAD in the environment)\n"
	"  -u, --user=USER        the user to become, once all is prepared (nobody)\n"
	"  -w, --workers=NUMBER   threads that move packets (one a processor)\n"
	"  -h, --help             print this\n"
	"  -v, --version          print the version\n";

static const struct option long_options[] = {
	{"foreground", no_argument, NULL, 'f'},
	{"log-level", required_argument, NULL, 'l'},
	{"offload", required_argument, NULL, 'o'},
	{"user", required_argument, NULL, 'u'},
	{"workers", required_argument, NULL, 'w'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'},
	{0},
};

static int set_level(struct options *o, const char *text, struct wg_error *err)
{
	o->logs = true;
	if (logger_level_from(text, &o->level))
		return 0;
	return wg_error_set(err, "--log-level `%s': expected silent, error or verbose", text);
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
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (!isdigit((unsigned char)*text) || *end || n < 1 || n > OPTIONS_MAX_WORKERS)
		return wg_error_set(err, "--workers `%s': expected a number from 1 to %d", text,
				    OPTIONS_MAX_WORKERS);
	o->workers = (unsigned int)n;
	return 0;
}

/* Names go by the kernel's rules, and a pattern of the kernel's (%d) is none. */
static int check_name(const char *name, struct wg_error *err)
{
	if (strlen(name) >= IFNAMSIZ)
		return wg_error_set(
			err, "`%s' is not a valid interface name: it has more than %d characters",
			name, IFNAMSIZ - 1);
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return wg_error_set(err, "`%s' is not a valid interface name: expected a word", name);
	for (const char *c = name; *c; c++)
		if (*c == '/' || *c == ':' || *c == '%' || isspace((unsigned char)*c) ||
		    iscntrl((unsigned char)*c))
			return wg_error_set(err,
					    "`%s' is not a valid interface name: it must not have "
					    "white space or any of / : %%",
					    name);
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

static int take_option(struct options *o, int letter, char **argv, struct wg_error *err)
{
	switch (letter) {
	case 'f':
		o->foreground = true;
		return 0;
	case 'l':
		return set_level(o, optarg, err);
	case 'o':
		o->offload_set = true;
		return offload_parse(&o->offload, optarg, "--offload", err);
	case 'u':
		o->user = optarg;
		return 0;
	case 'w':
		return set_workers(o, optarg, err);
	case 'h':
		o->what = OPTIONS_HELP;
		return 0;
	case 'v':
		o->what = OPTIONS_VERSION;
		return 0;
	case ':':
		return wg_error_set(err, "%s needs a value: see wg-tun --help", argv[optind - 1]);
	default: /* any letter that getopt does not know */
		return wg_error_set(err, "unknown option `%s': see wg-tun --help",
				    argv[optind - 1]);
	}
}

int options_parse(struct options *o, int argc, char **argv, struct wg_error *err)
{
	int letter;

	memset(o, 0, sizeof(*o));
	o->level = LOGGER_ERROR;
	opterr = 0;
	optind = 0;
	while ((letter = getopt_long(argc, argv, ":fl:o:u:w:hv", long_options, NULL)) >= 0) {
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

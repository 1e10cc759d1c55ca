// SPDX-License-Identifier: GPL-2.0
#include "offload.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include "../../lib/base/cleanup.h"
#include "../../lib/base/alloc.h"
#include "../../lib/command/arguments.h"
#include "../../lib/command/candidates.h"
#include "../report/logger.h"

static const struct {
	const char *name;
	u32 offloads;
} names[] = {
	{"tun-gso", OFFLOAD_TUN_TSO | OFFLOAD_TUN_USO},
	{"tun-tso", OFFLOAD_TUN_TSO},
	{"tun-uso", OFFLOAD_TUN_USO},
	{"tun-gro", OFFLOAD_TUN_GRO},
	{"tun-udp-gro", OFFLOAD_TUN_UDP_GRO},
	{"udp-gso", OFFLOAD_UDP_GSO},
	{"udp-gro", OFFLOAD_UDP_GRO},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static u32 find_name(const char *text, size_t len)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (strlen(names[i].name) == len && !memcmp(names[i].name, text, len))
			return names[i].offloads;
	return 0;
}

static int parse_list(u32 *offloads, const char *text, const char *where, struct wg_error *err)
{
	char word[WG_ARGUMENTS_QUOTED];
	const char *at = text;

	*offloads = 0;
	for (;;) {
		size_t len = strcspn(at, ",");
		u32 found = find_name(at, len);

		if (!found) {
			wg_arguments_quote(word, text);
			return wg_error_set(err,
					    "%s: expected auto, on, off, or some of tun-gso, tun-tso, "
					    "tun-uso, tun-gro, tun-udp-gro, udp-gso, udp-gro with "
					    "commas between them, not %s",
					    where, word);
		}
		*offloads |= found;
		if (!at[len])
			return 0;
		at += len + 1;
	}
}

static bool is_listed(const char *list, size_t len, const char *name)
{
	for (size_t at = 0; at < len; at += strcspn(list + at, ",") + 1)
		if (strcspn(list + at, ",") == strlen(name) && !strncmp(list + at, name, strlen(name)))
			return true;
	return false;
}

void offload_offer(const char *prefix, const char *typed)
{
	const char *last = strrchr(typed, ',');
	size_t done = last ? (size_t)(last + 1 - typed) : 0;
	cleanup(free_ptr) char *before = wg_format("%s%.*s", prefix, (int)done, typed);

	if (!done) {
		wg_offer_after(before, "auto", "all but what this kernel is reported to damage");
		wg_offer_after(before, "on", "all");
		wg_offer_after(before, "off", "none");
	}
	for (size_t i = 0; i < COUNT(names); i++)
		if (!is_listed(typed, done, names[i].name))
			wg_offer_after(before, names[i].name, NULL);
}

int offload_parse(struct offload_choice *c, const char *text, const char *where,
		  struct wg_error *err)
{
	bool automatic = !strcmp(text, "auto");

	*c = (struct offload_choice){.wanted = OFFLOAD_ON, .keep = !automatic};
	if (automatic || !strcmp(text, "on"))
		return 0;
	if (strcmp(text, "off") != 0)
		return parse_list(&c->wanted, text, where, err);
	c->wanted = 0;
	return 0;
}

/* "6.1.76", "6.6", "7.1-rc3", "7.1.5-rc1": what comes behind is the distribution's. */
static bool parse_version(struct offload_kernel *k, const char *text)
{
	char *end;

	*k = (struct offload_kernel){0};
	if (*text < '0' || *text > '9')
		return false;
	k->major = (u32)strtoul(text, &end, 10);
	if (*end != '.' || end[1] < '0' || end[1] > '9')
		return false;
	k->minor = (u32)strtoul(end + 1, &end, 10);
	if (*end == '.' && end[1] >= '0' && end[1] <= '9')
		k->patch = (u32)strtoul(end + 1, &end, 10);
	k->candidate = !strncmp(end, "-rc", 3);
	return true;
}

/* Debian: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)". */
static bool parse_debian(struct offload_kernel *k, const char *version)
{
	static const char mark[] = "Debian ";
	const char *at = strstr(version, mark);

	return at && parse_version(k, at + sizeof(mark) - 1);
}

/* Ubuntu: "Ubuntu 6.5.0-35.35~22.04.1-generic 6.5.13": the last word. */
static bool parse_ubuntu(struct offload_kernel *k, const char *signature)
{
	const char *at = strrchr(signature, ' ');

	return at && parse_version(k, at + 1);
}

/* A package for one series that names another one is believed about neither. */
bool offload_kernel_parse(struct offload_kernel *k, const char *release, const char *version,
			  const char *signature)
{
	struct offload_kernel other;

	if (!parse_version(k, release))
		return false;
	if ((parse_ubuntu(&other, signature) || parse_debian(&other, version)) &&
	    other.major == k->major && other.minor == k->minor) {
		other.candidate |= k->candidate;
		*k = other;
	}
	return true;
}

/* Rows: kernels from `first` on and before `fixed`. Candidates of a version count as older than it,
 * so those of `fixed` are taken for broken; those of `first` are, too. */
static const struct row {
	struct offload_kernel first, fixed;
	u32 offloads;
	const char *why;
} rows[] = {
	{{7, 0, 0, true}, {7, 1, 5, false}, OFFLOAD_UDP_GSO | OFFLOAD_TUN_UDP_GRO,
	 "Linux 7.0 to 7.1.4 damages the last datagram of a UDP GSO datagram that is as long as the "
	 "others"},
	{{6, 2, 0, true}, {6, 6, 26, false}, OFFLOAD_TUN_UDP_GRO,
	 "Linux 6.2 to 6.6.25 loses UDP super-packets with VXLAN inside"},
	{{6, 7, 0, true}, {6, 8, 5, false}, OFFLOAD_TUN_UDP_GRO,
	 "Linux 6.7 to 6.8.4 loses UDP super-packets with VXLAN inside"},
};

static bool is_before(const struct offload_kernel *a, const struct offload_kernel *b)
{
	if (a->major != b->major)
		return a->major < b->major;
	if (a->minor != b->minor)
		return a->minor < b->minor;
	if (a->patch != b->patch)
		return a->patch < b->patch;
	return a->candidate && !b->candidate;
}

u32 offload_broken(const struct offload_kernel *k, char *why, size_t size)
{
	u32 broken = 0;
	size_t at = 0;

	if (size)
		why[0] = '\0';
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (is_before(k, &rows[i].first) || !is_before(k, &rows[i].fixed))
			continue;
		broken |= rows[i].offloads;
		if (at < size)
			at += (size_t)snprintf(why + at, size - at, "%s%s", at ? "; " : "",
					       rows[i].why);
	}
	return broken;
}

static void read_signature(char *out, size_t size)
{
	cleanup(close_file) FILE *f = fopen("/proc/version_signature", "re");

	if (!f || !fgets(out, (int)size, f))
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static void describe(char *out, size_t size, u32 offloads)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 1; i < COUNT(names) && at < size; i++)
		if (offloads & names[i].offloads)
			at += (size_t)snprintf(out + at, size - at, "%s%s", at ? "," : "",
					       names[i].name);
}

u32 offload_use(const struct offload_choice *c, u32 *damaged)
{
	char why[512] = "", list[128], signature[256];
	struct offload_kernel k;
	struct utsname u;

	*damaged = 0;
	read_signature(signature, sizeof(signature));
	if (!c->keep && uname(&u) == 0 &&
	    offload_kernel_parse(&k, u.release, u.version, signature))
		*damaged = offload_broken(&k, why, sizeof(why));
	describe(list, sizeof(list), c->wanted & ~*damaged);
	logger_say(LOGGER_VERBOSE, "offloads in use: %s", *list ? list : "none");
	describe(list, sizeof(list), *damaged);
	if (*damaged)
		logger_say(LOGGER_VERBOSE, "offloads not used on this kernel: %s: %s", list, why);
	return c->wanted & ~*damaged;
}

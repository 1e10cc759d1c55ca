// SPDX-License-Identifier: GPL-2.0
/* One message to the kernel's family "wireguard", however wrong, and the answer as it came:
 *
 *	netlink-raw [-q] [-x COMMAND] CMD FLAGS [ATTRIBUTE...]
 *
 * CMD: a number. FLAGS: of the header besides REQUEST; "dump", "ack". An ATTRIBUTE is TYPE=VALUE, TYPE[
 * for a nest that goes to the matching ], or TYPE( for one without the nested flag. A VALUE is bytes in
 * hex, or u8:N u16:N u32:N s:TEXT (with its NUL) t:TEXT (without). -x: run after the first datagram of
 * answers; -q: no attributes, but a summary.
 *
 * Prints the attributes of replies, then "ok", or "refused: ERRNO" or "ended: ERRNO" where that came in
 * the last message of a dump; "changed" before it where the dump says it is not consistent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "../../src/lib/net/genl.h"
#include "../../src/uapi/wireguard.h"

enum limit { DEPTH = 8, BUFFER = 65536 };

/* What a dump was made of, and whether it keeps to what linux/wireguard.h says. */
struct summary {
	size_t messages, peers, parts, ips;
	u8 key[WG_KEY_LEN]; /* of the latest peer */
	bool broken;
};

static struct nlattr *nests[DEPTH];
static int depth;
static bool quiet;
static struct summary sum;

_Noreturn static void die(const char *why)
{
	fprintf(stderr, "netlink-raw: %s\n", why);
	exit(2);
}

static void put_hex(struct nlmsghdr *nlh, u16 type, const char *hex)
{
	static u8 bytes[65536];
	size_t n = 0;

	while (hex[0] && hex[1]) {
		char digits[3] = {hex[0], hex[1], '\0'};

		bytes[n++] = (u8)strtoul(digits, NULL, 16);
		hex += 2;
	}
	mnl_attr_put(nlh, type, n, bytes);
}

static void put_value(struct nlmsghdr *nlh, u16 type, const char *v)
{
	if (!strncmp(v, "u8:", 3))
		mnl_attr_put_u8(nlh, type, (u8)strtoul(v + 3, NULL, 0));
	else if (!strncmp(v, "u16:", 4))
		mnl_attr_put_u16(nlh, type, (u16)strtoul(v + 4, NULL, 0));
	else if (!strncmp(v, "u32:", 4))
		mnl_attr_put_u32(nlh, type, (u32)strtoul(v + 4, NULL, 0));
	else if (!strncmp(v, "s:", 2))
		mnl_attr_put_strz(nlh, type, v + 2);
	else if (!strncmp(v, "t:", 2))
		mnl_attr_put_str(nlh, type, v + 2);
	else
		put_hex(nlh, type, v);
}

static void put(struct nlmsghdr *nlh, const char *arg)
{
	char *end;
	u16 type = (u16)strtoul(arg, &end, 0);

	if (*arg == ']') {
		if (!depth)
			die("] without [");
		mnl_attr_nest_end(nlh, nests[--depth]);
	} else if (*end == '[' || *end == '(') {
		if (depth == DEPTH)
			die("too deep");
		nests[depth++] = mnl_attr_nest_start(nlh, type);
		if (*end == '(')
			nests[depth - 1]->nla_type = type;
	} else if (*end == '=') {
		put_value(nlh, type, end + 1);
	} else {
		die("an argument that is no attribute");
	}
}

static void show(const struct nlattr *attr, int level)
{
	const u8 *p = mnl_attr_get_payload(attr);
	u16 len = mnl_attr_get_payload_len(attr);
	const struct nlattr *inner;

	printf("%*s%u", 2 * level, "", mnl_attr_get_type(attr));
	if (attr->nla_type & NLA_F_NESTED) {
		printf("[\n");
		mnl_attr_for_each_nested(inner, attr)
			show(inner, level + 1);
		return;
	}
	printf("=");
	for (u16 i = 0; i < len; i++)
		printf("%02x", p[i]);
	printf("\n");
}

static void count_peer(const struct nlattr *peer, bool first_of_message)
{
	const struct nlattr *attr, *inner;
	bool again = false, whole = false;

	mnl_attr_for_each_nested(attr, peer) {
		const void *p = mnl_attr_get_payload(attr);

		switch (mnl_attr_get_type(attr)) {
		case WGPEER_A_PUBLIC_KEY:
			again = sum.peers && !memcmp(sum.key, p, WG_KEY_LEN);
			memcpy(sum.key, p, WG_KEY_LEN);
			break;
		case WGPEER_A_ALLOWEDIPS:
			mnl_attr_for_each_nested(inner, attr)
				sum.ips++;
			break;
		default:
			whole = true;
		}
	}
	sum.peers += !again;
	sum.parts += again;
	/* All of it comes once, and a rest only at the beginning of a message. */
	if (whole == again || (again && !first_of_message))
		sum.broken = true;
}

static void count(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr, *peer;

	mnl_attr_for_each(attr, nlh, GENL_HDRLEN) {
		u16 type = mnl_attr_get_type(attr);
		bool first = true;

		if (sum.messages && type != WGDEVICE_A_IFNAME && type != WGDEVICE_A_PEERS)
			sum.broken = true;
		if (type != WGDEVICE_A_PEERS)
			continue;
		mnl_attr_for_each_nested(peer, attr) {
			count_peer(peer, first);
			first = false;
		}
	}
	sum.messages++;
}

static void show_message(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	count(nlh);
	if (quiet)
		return;
	printf("message\n");
	mnl_attr_for_each(attr, nlh, GENL_HDRLEN)
		show(attr, 1);
}

static const char *outcome(const char *how, int code)
{
	static char text[64];

	if (!code)
		return "ok";
	snprintf(text, sizeof(text), "%s: %s", how, strerrorname_np(-code));
	return text;
}

/* NULL: more is to come. */
static const char *read_message(const struct nlmsghdr *nlh, bool *changed)
{
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		*changed = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		return outcome("refused", ((const struct nlmsgerr *)NLMSG_DATA(nlh))->error);
	case NLMSG_DONE:
		return outcome("ended", *(const int *)NLMSG_DATA(nlh));
	default:
		show_message(nlh);
		return NULL;
	}
}

static void answer(struct mnl_socket *nl, const char *between)
{
	static char buf[BUFFER];
	const char *end = NULL;
	bool changed = false;

	while (!end) {
		ssize_t got = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		const struct nlmsghdr *nlh = (const void *)buf;
		int len = (int)got;

		if (got < 0)
			die("cannot receive");
		for (; !end && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
			end = read_message(nlh, &changed);
		if (between && system(between))
			die("the command failed");
		between = NULL;
	}
	if (quiet)
		printf("messages %zu peers %zu parts %zu ips %zu%s\n", sum.messages, sum.peers,
		       sum.parts, sum.ips, sum.broken ? " broken" : "");
	printf("%s%s\n", changed ? "changed " : "", end);
}

static u16 flags_of(const char *name)
{
	if (!strcmp(name, "dump"))
		return NLM_F_DUMP;
	if (!strcmp(name, "ack"))
		return NLM_F_ACK;
	return (u16)strtoul(name, NULL, 0);
}

int main(int argc, char **argv)
{
	const char *between = NULL;
	struct wg_error err = {0};
	struct nlmsghdr *nlh;
	struct wg_genl g;
	int opt;

	while ((opt = getopt(argc, argv, "+qx:")) != -1) {
		if (opt == 'q')
			quiet = true;
		else if (opt == 'x')
			between = optarg;
		else
			die("usage: netlink-raw [-q] [-x COMMAND] CMD FLAGS [ATTRIBUTE...]");
	}
	if (argc - optind < 2)
		die("a command and flags are wanted");
	if (wg_genl_open(&g, WG_GENL_NAME, WG_GENL_VERSION, &err) < 0)
		die(err.text);
	nlh = wg_genl_prepare(&g, (u8)atoi(argv[optind]), flags_of(argv[optind + 1]));
	for (int i = optind + 2; i < argc; i++)
		put(nlh, argv[i]);
	if (depth || mnl_socket_sendto(g.nl, nlh, nlh->nlmsg_len) < 0)
		die("cannot send");
	answer(g.nl, between);
	wg_genl_close(&g);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/* Nonsense for the kernel's family "wireguard":
 *
 *	nlfuzz SEED SECONDS
 *
 * Sends messages that are mostly well made, of few keys, names and addresses so that they meet, and
 * then spoils most of them: lengths, types, flags, bytes. Reads what answers come. Prints how many the
 * kernel took and how many it refused; what it does to itself shows in its log. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include "../../src/lib/net/genl.h"
#include "../../src/uapi/wireguard.h"

enum limit { MESSAGE = 16384, ROOM = MESSAGE * 2 };

static u64 state;

static u32 dice(u32 sides)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (u32)(state >> 32) % sides;
}

static bool seldom(u32 of)
{
	return !dice(of);
}

static void put_bytes(struct nlmsghdr *nlh, u16 type, size_t len, u8 fill)
{
	u8 bytes[256];

	memset(bytes, fill, sizeof bytes);
	if (seldom(30))
		len = dice(sizeof bytes);
	mnl_attr_put(nlh, type, len, bytes);
}

static void put_endpoint(struct nlmsghdr *nlh)
{
	u8 addr[28] = {0};
	u16 family = (u16)(seldom(2) ? 2 : 10);

	memcpy(addr, &family, sizeof family);
	addr[2] = 0x12;
	addr[3] = (u8)dice(256);
	addr[4] = 127;
	addr[23] = (u8)dice(2);
	mnl_attr_put(nlh, WGPEER_A_ENDPOINT, seldom(20) ? dice(29) : family == 2 ? 16 : 28, addr);
}

static void put_allowed_ips(struct nlmsghdr *nlh)
{
	struct nlattr *list = mnl_attr_nest_start(nlh, WGPEER_A_ALLOWEDIPS), *one;
	bool v6;

	for (u32 n = dice(12); n--;) {
		v6 = seldom(2);
		one = mnl_attr_nest_start(nlh, (u16)dice(3));
		if (!seldom(30))
			mnl_attr_put_u16(nlh, WGALLOWEDIP_A_FAMILY, v6 ? 10 : 2);
		put_bytes(nlh, WGALLOWEDIP_A_IPADDR, v6 ? 16 : 4, (u8)dice(4));
		if (!seldom(30))
			mnl_attr_put_u8(nlh, WGALLOWEDIP_A_CIDR_MASK, (u8)dice(v6 ? 130 : 34));
		if (seldom(4))
			mnl_attr_put_u32(nlh, WGALLOWEDIP_A_FLAGS, dice(3));
		mnl_attr_nest_end(nlh, one);
	}
	mnl_attr_nest_end(nlh, list);
}

static void put_peer(struct nlmsghdr *nlh)
{
	struct nlattr *peer = mnl_attr_nest_start(nlh, (u16)dice(3));

	if (!seldom(30))
		put_bytes(nlh, WGPEER_A_PUBLIC_KEY, WG_KEY_LEN, (u8)dice(24));
	if (seldom(3))
		mnl_attr_put_u32(nlh, WGPEER_A_FLAGS, dice(seldom(10) ? 4000 : 8));
	if (seldom(4))
		put_bytes(nlh, WGPEER_A_PRESHARED_KEY, WG_KEY_LEN, (u8)dice(3));
	if (seldom(2))
		put_endpoint(nlh);
	if (seldom(4))
		mnl_attr_put_u16(nlh, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, (u16)dice(3));
	if (seldom(2))
		put_allowed_ips(nlh);
	if (seldom(40))
		put_bytes(nlh, (u16)dice(16), 8, 1);
	mnl_attr_nest_end(nlh, peer);
}

static void put_device(struct nlmsghdr *nlh)
{
	static const char *const names[] = {"fz0", "fz1", "fz2", "lo", "", "0123456789abcdef"};
	struct nlattr *peers;

	if (seldom(8))
		mnl_attr_put_u32(nlh, WGDEVICE_A_IFINDEX, dice(8));
	if (!seldom(20))
		mnl_attr_put_strz(nlh, WGDEVICE_A_IFNAME, names[dice(seldom(10) ? 6 : 3)]);
	if (seldom(6))
		put_bytes(nlh, WGDEVICE_A_PRIVATE_KEY, WG_KEY_LEN, (u8)dice(24));
	if (seldom(8))
		mnl_attr_put_u32(nlh, WGDEVICE_A_FLAGS, dice(3));
	if (seldom(6))
		mnl_attr_put_u16(nlh, WGDEVICE_A_LISTEN_PORT, (u16)(seldom(3) ? 0 : 40000 + dice(4)));
	if (seldom(8))
		mnl_attr_put_u32(nlh, WGDEVICE_A_FWMARK, dice(3));
	if (seldom(3))
		return;
	peers = mnl_attr_nest_start(nlh, WGDEVICE_A_PEERS);
	for (u32 n = dice(10); n--;)
		put_peer(nlh);
	mnl_attr_nest_end(nlh, peers);
}

/* Half of the changes hit the 16-bit words that lengths and types are. */
static void spoil(struct nlmsghdr *nlh)
{
	u8 *body = (u8 *)nlh + MNL_NLMSG_HDRLEN;
	size_t len = nlh->nlmsg_len - MNL_NLMSG_HDRLEN;
	size_t at;

	for (u32 n = 1 + dice(4); n--;) {
		at = dice((u32)len);
		if (seldom(2))
			body[at] ^= (u8)(1U << dice(8));
		else
			body[at & ~(size_t)3] = (u8)dice(seldom(2) ? 256 : 48);
	}
	if (seldom(10))
		nlh->nlmsg_len = (u32)(MNL_NLMSG_HDRLEN + dice((u32)len + 1));
}

static void message(struct nlmsghdr *nlh, u16 family)
{
	struct genlmsghdr *genl;

	mnl_nlmsg_put_header(nlh);
	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof *genl);
	genl->cmd = WG_CMD_SET_DEVICE;
	genl->version = WG_GENL_VERSION;
	if (seldom(5)) {
		genl->cmd = WG_CMD_GET_DEVICE;
		nlh->nlmsg_flags |= NLM_F_DUMP;
	}
	if (seldom(40))
		genl->cmd = (u8)dice(4);
	if (seldom(40))
		nlh->nlmsg_flags ^= (u16)(1U << dice(12));
	put_device(nlh);
	if (!seldom(3))
		spoil(nlh);
}

int main(int argc, char **argv)
{
	static _Alignas(8) char buffer[ROOM];
	struct wg_error err = {0};
	struct wg_genl g = {0};
	unsigned long taken = 0, refused = 0;
	time_t end;
	ssize_t n;

	if (argc != 3)
		return 2;
	state = strtoull(argv[1], NULL, 0) * 0x9e3779b97f4a7c15 + 1;
	end = time(NULL) + atoi(argv[2]);
	if (wg_genl_open(&g, WG_GENL_NAME, WG_GENL_VERSION, &err) < 0) {
		fprintf(stderr, "nlfuzz: %s\n", err.text);
		return 2;
	}
	while (time(NULL) < end) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)(void *)buffer;

		memset(buffer, 0, sizeof buffer);
		message(nlh, g.family);
		if (mnl_socket_sendto(g.nl, buffer, nlh->nlmsg_len) < 0)
			refused++;
		while ((n = recv(mnl_socket_get_fd(g.nl), buffer, sizeof buffer, MSG_DONTWAIT)) > 0) {
			nlh = (struct nlmsghdr *)(void *)buffer;
			if (nlh->nlmsg_type == NLMSG_ERROR &&
			    ((struct nlmsgerr *)mnl_nlmsg_get_payload(nlh))->error)
				refused++;
			else
				taken++;
		}
	}
	wg_genl_close(&g);
	printf("# %lu taken, %lu refused\n", taken, refused);
	return !(taken && refused);
}

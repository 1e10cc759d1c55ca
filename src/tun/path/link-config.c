// SPDX-License-Identifier: GPL-2.0
#include "link-config.h"
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>
#include "../../core/messages.h"
#include "udp.h"

#define BELOW_IPV6_MTU 1279 /* the smallest of IPv6 is 1280 (RFC 8200 section 5) */

struct u32_attribute {
	struct rtattr header;
	u32 value;
};

struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
};

static struct request request_for(unsigned int ifindex, size_t len)
{
	return (struct request){
		.header = {(u32)len, RTM_NEWLINK, NLM_F_REQUEST, LINK_CONFIG_SEQ, 0},
		.link = {.ifi_index = (int)ifindex},
	};
}

static void send_request(int netlink, const void *request, size_t len)
{
	ssize_t n = send(netlink, request, len, 0);

	(void)n;
}

static void set_u32(int netlink, unsigned int ifindex, u16 attribute, u32 value)
{
	struct {
		struct request request;
		struct u32_attribute attribute;
	} r = {
		.request = request_for(ifindex, sizeof(r)),
		.attribute = {{8, attribute}, value},
	};

	send_request(netlink, &r, sizeof(r));
}

/* The size of a super-packet whose segments fit one send once they are sealed, by the payload of
 * IPv4 and TCP with timestamps; that of IPv6 is less, but not by enough for one segment more. The
 * kernel's TCP takes the largest headers it can think of (MAX_TCP_HEADER, 320 here) from this. The
 * kernel cuts larger ones, which are forwarded. */
static u32 gso_size_for(u32 mtu)
{
	u32 most = UDP_PAYLOAD / (mtu + WG_DATA_OVERHEAD), headers = 20 + 32;

	if (most > UDP_SEGMENTS)
		most = UDP_SEGMENTS;
	return most > 1 && mtu > headers ? most * (mtu - headers) + headers + 400 : UDP_PAYLOAD;
}

void link_config_fit_mtu(int netlink, unsigned int ifindex, u32 mtu)
{
	set_u32(netlink, ifindex, IFLA_GSO_MAX_SIZE, gso_size_for(mtu));
}

static void clear_multicast(int netlink, unsigned int ifindex)
{
	struct request r = request_for(ifindex, sizeof(r));

	r.link.ifi_change = IFF_MULTICAST;
	send_request(netlink, &r, sizeof(r));
}

/* IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF { redirects } } } */
static void clear_redirects(int netlink, unsigned int ifindex)
{
	struct {
		struct request request;
		struct rtattr spec, family, conf;
		struct u32_attribute redirects;
	} r = {
		.request = request_for(ifindex, sizeof(r)),
		.spec = {20, IFLA_AF_SPEC},
		.family = {16, AF_INET},
		.conf = {12, IFLA_INET_CONF},
		.redirects = {{8, IPV4_DEVCONF_SEND_REDIRECTS}, 0},
	};

	send_request(netlink, &r, sizeof(r));
}

/* IFLA_AF_SPEC { AF_INET6 { mode } }. The kernel refuses this where the link has no IPv6, so it is
 * a request of its own. */
static void clear_address_generation(int netlink, unsigned int ifindex)
{
	struct {
		struct request request;
		struct rtattr spec, family, mode;
		u8 value, padding[3];
	} r = {
		.request = request_for(ifindex, sizeof(r)),
		.spec = {16, IFLA_AF_SPEC},
		.family = {12, AF_INET6},
		.mode = {5, IFLA_INET6_ADDR_GEN_MODE},
		.value = IN6_ADDR_GEN_MODE_NONE,
	};

	send_request(netlink, &r, sizeof(r));
}

void link_config_silence(int netlink, unsigned int ifindex, bool up)
{
	clear_redirects(netlink, ifindex);
	if (!up)
		clear_address_generation(netlink, ifindex);
}

/* The kernel has made the device with IFF_MULTICAST, and where IPv6 is forwarded it has joined the
 * routers' group for it, which it would report for ever. It leaves the group while the MTU is too
 * small for IPv6. */
void link_config_new(unsigned int ifindex)
{
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (s < 0)
		return;
	set_u32(s, ifindex, IFLA_MTU, BELOW_IPV6_MTU);
	clear_multicast(s, ifindex);
	set_u32(s, ifindex, IFLA_MTU, LINK_CONFIG_MTU);
	set_u32(s, ifindex, IFLA_TXQLEN, LINK_CONFIG_QUEUE);
	link_config_fit_mtu(s, ifindex, LINK_CONFIG_MTU);
	link_config_silence(s, ifindex, false);
	close(s);
}

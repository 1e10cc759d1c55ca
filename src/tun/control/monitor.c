// SPDX-License-Identifier: GPL-2.0
/* Our link's state, and changes of addresses and routes. Those come in crowds, so that what
 * follows from them is done once a while; and where the kernel dropped messages, as if
 * everything had changed.
 *
 * A link may be moved to another network namespace, as that of a container, while its sockets
 * stay here. What happens there rtnetlink does not tell us, so the device is asked, twice a
 * second. */
#include "monitor.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>
#include "actions.h"
#include "link.h"
#include "../report/logger.h"
#include "../path/link-config.h"
#include "../path/offload.h"
#include "../path/tunif.h"
#include "../path/worker.h"

#define LOOK	      (WG_SECOND / 2)
#define DATAGRAM_SIZE 8192
#define MAX_DISCARDED 1024 /* messages in a row; the socket's buffer holds some hundred */

static bool ask_for_link(const struct monitor *m)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.link = {.ifi_index = (int)m->ifindex},
	};

	return send(m->event.fd, &request, sizeof(request), 0) == (ssize_t)sizeof(request);
}

int monitor_open(struct monitor *m, struct device *d, struct wg_error *err)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
			     RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE |
			     1U << (RTNLGRP_IPV6_RULE - 1),
	};

	memset(m, 0, sizeof(*m));
	m->device = d;
	sources_open(&m->sources);
	m->look = WG_NEVER;
	m->ifindex = if_nametoindex(d->name);
	(void)worker_tun_netns(d, &m->home);
	features_open(&m->features);
	m->event.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (m->event.fd < 0 ||
	    bind(m->event.fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 || !ask_for_link(m))
		return wg_error_errno(err, errno, "cannot watch the link of %s", d->name);
	return 0;
}

void monitor_close(struct monitor *m)
{
	if (m->event.fd >= 0)
		close(m->event.fd);
	sources_close(&m->sources, m->device);
	features_close(&m->features);
}

/* The attributes of a link that matter here. */
struct link_attributes {
	u32 mtu;	     /* 0: not told */
	char name[IFNAMSIZ]; /* "": not told */
};

static void read_attributes(struct link_attributes *l, const u8 *p, size_t len)
{
	struct rtattr a;

	memset(l, 0, sizeof(*l));
	while (len >= sizeof(a)) {
		size_t step, value;

		memcpy(&a, p, sizeof(a));
		if (a.rta_len < sizeof(a) || a.rta_len > len)
			break;
		value = a.rta_len - sizeof(a);
		if (a.rta_type == IFLA_MTU && value >= sizeof(l->mtu))
			memcpy(&l->mtu, p + sizeof(a), sizeof(l->mtu));
		if (a.rta_type == IFLA_IFNAME && value < sizeof(l->name))
			memcpy(l->name, p + sizeof(a), value);
		step = RTA_ALIGN(a.rta_len);
		if (step > len)
			break;
		p += step;
		len -= step;
	}
}

/* A change of the features (ethtool -K) comes as a message about the link, as others do. */
static void read_features(struct monitor *m, const char *name)
{
	struct device *d = m->device;
	struct features_set set;
	u32 gro = 0;

	features_read(&m->features, name, &set);
	if (set.gro)
		gro = d->offloads & (OFFLOAD_TUN_GRO | OFFLOAD_TUN_UDP_GRO);
	if (gro & OFFLOAD_TUN_GRO && set.udp_forwarding)
		gro |= OFFLOAD_TUN_UDP_GRO & ~d->damaged;
	if (gro == d->tun_gro)
		return;
	__atomic_store_n(&d->tun_gro, gro, __ATOMIC_RELAXED);
	logger_say(LOGGER_VERBOSE, "super-packets for the link: TCP %s, UDP %s",
		   gro & OFFLOAD_TUN_GRO ? "yes" : "no",
		   gro & OFFLOAD_TUN_UDP_GRO ? "yes" : "no");
}

/* The link has come back, maybe by another name and number: netlink tells about it again. */
static void readopt(struct monitor *m)
{
	struct tunif_netns id;
	u32 ifindex;

	if (!m->home.inode || !worker_tun_netns(m->device, &id) || id.inode != m->home.inode ||
	    id.device != m->home.device)
		return;
	ifindex = worker_tun_index(m->device);
	if (!ifindex)
		return;
	m->ifindex = ifindex;
	m->moved = false;
	m->look = WG_NEVER;
	__atomic_store_n(&m->device->moved, false, __ATOMIC_RELAXED);
	logger_say(LOGGER_VERBOSE, "the link is back in this network namespace");
	ask_for_link(m);
}

/* A worker notices at once a link that has come up with packets for us. */
static void look(struct monitor *m)
{
	enum tunif_state state = worker_tun_state(m->device);

	if (state == TUNIF_GONE) {
		logger_say(LOGGER_VERBOSE, "the link was deleted");
		m->events->stop = true;
		return;
	}
	link_changed(m->device, state == TUNIF_UP);
	m->look = device_now() + LOOK;
	readopt(m);
}

/* The link is not in this namespace any more. The kernel takes a link down before it moves it. */
static void left(struct monitor *m)
{
	if (m->moved)
		return;
	m->moved = true;
	__atomic_store_n(&m->device->moved, true, __ATOMIC_RELAXED);
	logger_say(LOGGER_VERBOSE, "the link has left this network namespace");
	look(m);
}

static void link_message(struct monitor *m, u16 type, const u8 *p, size_t len)
{
	struct device *d = m->device;
	struct link_attributes a;
	struct ifinfomsg link;
	bool fitted, up;

	if (len < sizeof(link))
		return;
	memcpy(&link, p, sizeof(link));
	/* After a move another link may have the number. */
	if (m->moved || link.ifi_index != (int)m->ifindex || link.ifi_family != AF_UNSPEC)
		return;
	if (type == RTM_DELLINK) {
		left(m);
		return;
	}
	read_attributes(&a, p + sizeof(link), len - sizeof(link));
	fitted = a.mtu && a.mtu != d->mtu;
	if (fitted) {
		__atomic_store_n(&d->mtu, a.mtu, __ATOMIC_RELAXED);
		link_config_fit_mtu(m->event.fd, m->ifindex, a.mtu);
	}
	if (a.name[0])
		read_features(m, a.name);
	up = link.ifi_flags & IFF_UP;
	if (up != d->link_up || fitted)
		link_config_silence(m->event.fd, m->ifindex, up);
	link_changed(d, up);
}

static void message(struct monitor *m, const struct nlmsghdr *h, const u8 *p, size_t len)
{
	sources_message(&m->sources, h->nlmsg_type, p, len);
	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		link_message(m, h->nlmsg_type, p, len);
		break;
	case NLMSG_ERROR:
		if (h->nlmsg_seq != LINK_CONFIG_SEQ)
			left(m);
		break;
	default: /* a number of the kernel's */
		break;
	}
}

void monitor_read(struct monitor *m, const u8 *datagram, size_t len)
{
	struct nlmsghdr h;

	while (len >= sizeof(h)) {
		size_t step;

		memcpy(&h, datagram, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > len)
			return;
		message(m, &h, datagram + NLMSG_HDRLEN, h.nlmsg_len - NLMSG_HDRLEN);
		step = NLMSG_ALIGN(h.nlmsg_len);
		if (step > len)
			return;
		datagram += step;
		len -= step;
	}
}

/* The kernel has dropped messages, and drops more of them, without another error, until the socket
 * has been empty once. So the messages that are left are read first, and then everything is asked
 * for. */
static void recover(struct monitor *m)
{
	u8 start; /* of a message, whose rest goes with it */

	for (int i = 0; i < MAX_DISCARDED; i++)
		if (recv(m->event.fd, &start, sizeof(start), 0) < 0 && errno == EAGAIN)
			break;
	sources_changed(&m->sources);
	if (!m->moved)
		ask_for_link(m);
}

static void monitor_ready(struct event *e)
{
	struct monitor *m = (struct monitor *)e;
	u8 datagram[DATAGRAM_SIZE];
	struct sockaddr_nl from = {0};
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(e->fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&from,
			     &from_len);

	if (n > 0 && from.nl_pid == 0) {
		monitor_read(m, datagram, (size_t)n);
	} else if (n < 0 && errno == ENOBUFS) {
		recover(m);
	}
}

bool monitor_start(struct monitor *m, struct events *ev)
{
	m->events = ev;
	m->event.ready = monitor_ready;
	return events_add(ev, &m->event, EVENTS_IN);
}

static void say_loop(struct device *d)
{
	char text[ENDPOINT_TEXT_LEN];

	if (__atomic_load_n(&d->loop_noticed, __ATOMIC_ACQUIRE) != DEVICE_LOOP_TO_SAY)
		return;
	endpoint_to_text(&d->loop_endpoint, text);
	logger_say(LOGGER_ERROR,
		   "the route to endpoint %s leads into the tunnel: packets for this peer are "
		   "dropped until the endpoint has a route beside the tunnel",
		   text);
	__atomic_store_n(&d->loop_noticed, DEVICE_LOOP_SAID, __ATOMIC_RELEASE);
}

u64 monitor_work(struct monitor *m)
{
	struct device *d = m->device;
	bool asked = __atomic_exchange_n(&d->look, false, __ATOMIC_ACQUIRE);
	u64 due;

	say_loop(d);
	if (m->moved && (asked || device_now() >= m->look))
		look(m);
	due = sources_work(&m->sources, d, device_now());
	return due < m->look ? due : m->look;
}

// SPDX-License-Identifier: GPL-2.0
/* defects.md: "routing loop: the endpoint's route leads into the tunnel", and what must go on. */
#include "../../../../src/tun/path/loop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../rig.h"

static struct loop memory;
static struct rig rig;
static u8 packet[2000];

struct sample {
	bool ipv6;
	u32 source;   /* the last four bytes */
	u32 to;	      /* the same */
	u16 from_port, to_port;
	u8 ttl;
	u32 type;     /* of the message inside */
	u32 offset;   /* of a fragment, in bytes */
	bool more;
	u32 id;
};

static const struct sample own = {.source = INADDR_LOOPBACK, .to = INADDR_LOOPBACK, .ttl = 64, .type = 4};

/* IPv4, or IPv6 with addresses ::/96; 60 bytes of UDP. */
static u32 make(const struct sample *s)
{
	u8 *p = packet, *udp;
	bool fragment = s->more || s->offset;

	memset(packet, 0, sizeof(packet));
	if (s->ipv6) {
		p[0] = 0x60;
		p[6] = fragment ? IPPROTO_FRAGMENT : IPPROTO_UDP;
		p[7] = s->ttl;
		inner_put32(p + 20, s->source);
		inner_put32(p + 36, s->to);
		udp = p + 40;
		if (fragment) {
			udp[0] = IPPROTO_UDP;
			inner_put16(udp + 2, s->offset | s->more);
			inner_put32(udp + 4, s->id);
			udp += 8;
		}
		inner_put16(p + 4, (u32)(udp + 60 - p) - 40);
	} else {
		p[0] = 0x45;
		inner_put16(p + 2, 80);
		inner_put16(p + 4, s->id);
		inner_put16(p + 6, s->offset / 8 | (s->more ? 0x2000 : 0));
		p[8] = s->ttl;
		p[9] = IPPROTO_UDP;
		inner_put32(p + 12, s->source);
		inner_put32(p + 16, s->to);
		udp = p + 20;
	}
	if (!s->offset) {
		inner_put16(udp, s->from_port);
		inner_put16(udp + 2, s->to_port);
		inner_put16(udp + 4, 60);
		wg_store_le32(udp + 8, s->type);
	}
	return (u32)(udp + 60 - p);
}

static struct loop_result check_for(u8 peer, struct sample s)
{
	if (!s.from_port)
		s.from_port = rig.port;
	if (!s.to_port)
		s.to_port = rig.peers[1].port;
	return loop_check(&memory, rig.device, rig.peers[peer].peer, packet, make(&s));
}

static void refused_for(struct sample s, enum drop reason)
{
	struct loop_result r = check_for(1, s);

	assert_true(r.refused);
	assert_int_equal(r.reason, reason);
}

static void admitted(u8 peer, struct sample s, u8 ttl)
{
	struct loop_result r = check_for(peer, s);

	assert_false(r.refused);
	assert_int_equal(r.ttl, ttl);
}

static struct sample but(struct sample s, u32 source)
{
	s.source = source;
	return s;
}

static void begin(void)
{
	memset(&memory, 0, sizeof(memory));
	rig_begin(&rig);
	rig.device->listen_port = rig.port;
}

/* Data and messages of handshakes alike. */
static void our_own_messages_do_not_go_round(void **state)
{
	(void)state;
	begin();
	for (u32 type = 0; type < 6; type++) {
		struct sample s = own;

		s.type = type;
		refused_for(s, DROP_LOOP);
	}
	assert_int_equal(rig.device->loop_noticed, DEVICE_LOOP_TO_SAY);
	assert_int_equal(rig.device->loop_endpoint.addr4.sin_port, htons(rig.peers[1].port));
	rig_end(&rig);
}

static void nor_in_ipv6(void **state)
{
	struct sample s = own;
	struct endpoint *e;

	(void)state;
	begin();
	e = &rig.peers[1].peer->endpoint;
	e->addr6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(rig.peers[1].port)};
	e->addr6.sin6_addr.s6_addr[15] = 9;
	s.ipv6 = true;
	s.source = 1; /* ::1 */
	s.to = 9;
	refused_for(s, DROP_LOOP);
	s.more = true;
	s.id = 0x12345678;
	refused_for(s, DROP_LOOP);
	s.more = false;
	s.offset = 1200;
	refused_for(s, DROP_LOOP);
	s.id++;
	admitted(1, s, 0);
	rig_end(&rig);
}

static void inet_endpoint(struct endpoint *e, const char *text)
{
	memset(e, 0, sizeof(*e));
	e->addr.sa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	inet_pton(e->addr.sa_family, text,
		  e->addr.sa_family == AF_INET6 ? (void *)&e->addr6.sin6_addr :
						  (void *)&e->addr4.sin_addr);
}

static bool lo_up(void)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &r) == 0;

	if (fd >= 0)
		close(fd);
	return up;
}

static bool set_nonlocal_bind(const char *family)
{
	char path[64];
	FILE *f;
	bool set;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/ip_nonlocal_bind", family);
	f = fopen(path, "w");
	if (!f)
		return false;
	set = fputs("1", f) >= 0;
	return fclose(f) == 0 && set;
}

/* With ip_nonlocal_bind any address can be bound to, and other machines' tunnels are as they were. */
static void only_addresses_of_this_host_are_ours(void **state)
{
	static const char *const others[] = {"198.51.100.7", "2001:db8::7"};
	static const char *const ours[] = {"127.0.0.1", "127.8.8.8", "::1"};
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		struct endpoint e;
		int wrong = 0;

		if (unshare(CLONE_NEWNET) < 0 || !lo_up() || !set_nonlocal_bind("ipv4") ||
		    !set_nonlocal_bind("ipv6"))
			_exit(77);
		for (size_t i = 0; i < 2; i++) {
			inet_endpoint(&e, others[i]);
			wrong += udp_is_local(&e);
		}
		for (size_t i = 0; i < 3; i++) {
			inet_endpoint(&e, ours[i]);
			wrong += !udp_is_local(&e);
		}
		begin(); /* a child has nothing of the memory of peers */
		wrong += !check_for(1, own).refused;
		wrong += check_for(1, but(own, 0xc6336401)).refused;
		_exit(wrong);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Another machine's tunnel from the same port, another of our programs, another peer of ours on the
 * way, and no tunnel at all. */
static void other_tunnels_may_go_inside(void **state)
{
	struct sample s = own;

	(void)state;
	begin();
	admitted(1, but(own, 0xc6336401), 56);
	admitted(2, own, 56);
	s.from_port = (u16)(rig.port + 1);
	admitted(1, s, 56);
	s = own;
	s.to_port = (u16)(rig.peers[1].port + 1);
	admitted(1, s, 56);
	s.type = 0x01020304;
	admitted(1, s, 0);
	assert_int_equal(rig.device->loop_noticed, DEVICE_LOOP_NONE);
	rig_end(&rig);
}

static void fragments_follow_the_first(void **state)
{
	struct sample first = own, later = own;

	(void)state;
	begin();
	first.more = true;
	first.id = later.id = 77;
	later.offset = 1400;
	admitted(1, later, 0);
	refused_for(first, DROP_LOOP);
	refused_for(later, DROP_LOOP);
	later.id = 78;
	admitted(1, later, 0);
	later.id = 77;
	later.to++;
	admitted(1, later, 0);
	/* Of another machine's tunnel. */
	first = but(first, 0xc6336401);
	later = but(own, 0xc6336401);
	later.id = 77;
	later.offset = 1400;
	later.more = true;
	admitted(1, later, 0);
	admitted(1, first, 56);
	admitted(1, later, 56);
	rig_end(&rig);
}

static void a_circle_ends(void **state)
{
	struct sample s = but(own, 0xc6336401);
	u32 rounds = 0;

	(void)state;
	begin();
	for (s.ttl = 64; rounds < 100; rounds++) {
		struct loop_result r = check_for(1, s);

		if (r.refused) {
			assert_int_equal(r.reason, DROP_NESTED_TOO_DEEP);
			break;
		}
		assert_int_equal(r.ttl, loop_ttl(packet, 80));
		s.ttl = r.ttl;
	}
	assert_int_equal(rounds, 7);
	s.ttl = 255;
	admitted(1, s, 64);
	s.ttl = 9;
	admitted(1, s, 1);
	s.ttl = 8;
	refused_for(s, DROP_NESTED_TOO_DEEP);
	/* The time to live of others is theirs. */
	s.type = 0;
	s.ttl = 1;
	admitted(1, s, 0);
	rig_end(&rig);
}

static struct loop_result check_icmp(bool ipv6, u8 type)
{
	struct sample s = own;
	u32 len;

	s.ipv6 = ipv6;
	len = make(&s);
	packet[ipv6 ? 6 : 9] = ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	packet[ipv6 ? 40 : 20] = type;
	return loop_check(&memory, rig.device, rig.peers[1].peer, packet, len);
}

static void the_link_does_not_speak_for_itself(void **state)
{
	(void)state;
	begin();
	for (u32 type = 0; type < 256; type++) {
		assert_int_equal(check_icmp(false, (u8)type).refused, type == 5);
		assert_int_equal(check_icmp(true, (u8)type).refused, type == 137);
	}
	rig.device->moved = true;
	for (u32 type = 0; type < 256; type++) {
		bool configures = type == 131 || type == 132 || type == 133 || type == 143;

		assert_int_equal(check_icmp(false, (u8)type).refused, type == 5);
		assert_int_equal(check_icmp(true, (u8)type).refused, type == 137 || configures);
	}
	rig_end(&rig);
}

/* Whatever is read must be within the packet: run by the sanitizers' builds. */
static void short_packets_are_admitted(void **state)
{
	(void)state;
	begin();
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		for (u32 len = 0; len < 60; len++) {
			struct sample s = own;
			u8 *copy = malloc(len + 1);

			s.ipv6 = ipv6;
			s.more = len & 1;
			make(&s);
			memcpy(copy, packet, len);
			loop_check(&memory, rig.device, rig.peers[1].peer, copy, len);
			loop_ttl(copy, len);
			free(copy);
		}
	}
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_messages_do_not_go_round),
		cmocka_unit_test(nor_in_ipv6),
		cmocka_unit_test(only_addresses_of_this_host_are_ours),
		cmocka_unit_test(other_tunnels_may_go_inside),
		cmocka_unit_test(fragments_follow_the_first),
		cmocka_unit_test(a_circle_ends),
		cmocka_unit_test(the_link_does_not_speak_for_itself),
		cmocka_unit_test(short_packets_are_admitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

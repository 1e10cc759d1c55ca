// SPDX-License-Identifier: GPL-2.0
/* Segments' headers are those that Linux's own segmentation writes, and those that a plain reading
 * of the RFCs gives, whatever lies between the IP header and TCP or UDP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "../../../src/core/gso.h"

enum {
	GOLDEN_PAYLOAD = 50,
	GOLDEN_SIZE = 20,
	GOLDEN_SEGMENTS = 3,
	HEADER_MAX = 1024,
	PACKET_MAX = 70000,
};

static u8 packet[PACKET_MAX], out[PACKET_MAX];

/* Linux 6.18 cut these: sent by a packet socket with PACKET_VNET_HDR to a TUN device without
 * offloads, and read there. */
static const struct golden {
	const char *what;
	enum wg_gso_protocol protocol;
	u32 l4;
	const char *headers;
	const char *segments[GOLDEN_SEGMENTS];
} golden[] = {
	{"TCP over IPv4, timestamps, CWR, PSH and FIN", WG_GSO_TCP4, 20,
	 "45030066fffe40004006267e0a0800010a08000203e807d0fffffff000000007"
	 "80d901f4146b00090101080a3132333435363738",
	 {"45030048fffe40004006269c0a0800010a08000203e807d0fffffff000000007"
	  "80d001f4031700090101080a3132333435363738",
	  "45030048ffff40004006269b0a0800010a08000203e807d00000000400000007"
	  "805001f4352500090101080a3132333435363738",
	  "4503003e00004000400626a50a0800010a08000203e807d00000001800000007"
	  "805901f46bda00090101080a3132333435363738"}},
	{"TCP over IPv4 with a loose source route", WG_GSO_TCP4, 28,
	 "47000062fffe0000400672730a0800010a0800028307040a0800630003e807d0"
	 "fffffff000000007501901f414c00009",
	 {"47000044fffe0000400672910a0800010a0800028307040a0800630003e807d0"
	  "fffffff000000007501001f40d620009",
	  "47000044ffff0000400672900a0800010a0800028307040a0800630003e807d0"
	  "0000000400000007501001f43ef00009",
	  "4700003a000000004006729a0a0800010a0800028307040a0800630003e807d0"
	  "0000001800000007501901f475a50009"}},
	{"UDP over IPv4", WG_GSO_UDP, 20,
	 "4500004efffe00004011668e0a0800010a08000203e807d0003a145e",
	 {"45000030fffe0000401166ac0a0800010a08000203e807d0001c5fad",
	  "45000030ffff0000401166ab0a0800010a08000203e807d0001c914e",
	  "4500002600000000401166b50a0800010a08000203e807d00012c82a"}},
	{"TCP over IPv6, CWR and FIN", WG_GSO_TCP6, 40,
	 "6021234500460640fd090000000000000000000000000001fd08000000000000"
	 "000000000000000203e807d0fffffff000000007509901f4fa610009",
	 {"6021234500280640fd090000000000000000000000000001fd08000000000000"
	  "000000000000000203e807d0fffffff000000007509001f427400009",
	  "6021234500280640fd090000000000000000000000000001fd08000000000000"
	  "000000000000000203e807d00000000400000007501001f4594e0009",
	  "60212345001e0640fd090000000000000000000000000001fd08000000000000"
	  "000000000000000203e807d00000001800000007501901f490030009"}},
	{"TCP over IPv6 with a routing header of type 2", WG_GSO_TCP6, 64,
	 "60012345005e2b40fd090000000000000000000000000001fd08000000000000"
	 "00000000000000020602020100000000fd080000000000000000000000000099"
	 "03e807d0fffffff000000007501001f4faf80009",
	 {"6001234500402b40fd090000000000000000000000000001fd08000000000000"
	  "00000000000000020602020100000000fd080000000000000000000000000099"
	  "03e807d0fffffff000000007501001f427290009",
	  "6001234500402b40fd090000000000000000000000000001fd08000000000000"
	  "00000000000000020602020100000000fd080000000000000000000000000099"
	  "03e807d00000000400000007501001f458b70009",
	  "6001234500362b40fd090000000000000000000000000001fd08000000000000"
	  "00000000000000020602020100000000fd080000000000000000000000000099"
	  "03e807d00000001800000007501001f48f750009"}},
	{"TCP over IPv6, hop-by-hop, destination options, routing header of type 4", WG_GSO_TCP6, 80,
	 "60012345006e0040fd090000000000000000000000000001fd08000000000000"
	 "00000000000000023c000104000000002b000104000000000602040100000000"
	 "fd08000000000000000000000000007703e807d0fffffff000000007501801f4"
	 "fad60009",
	 {"6001234500500040fd090000000000000000000000000001fd08000000000000"
	  "00000000000000023c000104000000002b000104000000000602040100000000"
	  "fd08000000000000000000000000007703e807d0fffffff000000007501001f4"
	  "274b0009",
	  "6001234500500040fd090000000000000000000000000001fd08000000000000"
	  "00000000000000023c000104000000002b000104000000000602040100000000"
	  "fd08000000000000000000000000007703e807d00000000400000007501001f4"
	  "58d90009",
	  "6001234500460040fd090000000000000000000000000001fd08000000000000"
	  "00000000000000023c000104000000002b000104000000000602040100000000"
	  "fd08000000000000000000000000007703e807d00000001800000007501801f4"
	  "8f8f0009"}},
	{"UDP over IPv6 with destination options", WG_GSO_UDP, 48,
	 "6001234500423c40fd090000000000000000000000000001fd08000000000000"
	 "0000000000000002110001040000000003e807d0003afa60",
	 {"6001234500243c40fd090000000000000000000000000001fd08000000000000"
	  "0000000000000002110001040000000003e807d0001c79aa",
	  "6001234500243c40fd090000000000000000000000000001fd08000000000000"
	  "0000000000000002110001040000000003e807d0001cab4b",
	  "60012345001a3c40fd090000000000000000000000000001fd08000000000000"
	  "0000000000000002110001040000000003e807d00012e227"}},
	{"TCP over IPv6 with a hop-by-hop header", WG_GSO_TCP6, 48,
	 "60012345004e0040fd090000000000000000000000000001fd08000000000000"
	 "0000000000000002060001040000000003e807d0fffffff000000007501001f4"
	 "fa610009",
	 {"6001234500300040fd090000000000000000000000000001fd08000000000000"
	  "0000000000000002060001040000000003e807d0fffffff000000007501001f4"
	  "27c00009",
	  "6001234500300040fd090000000000000000000000000001fd08000000000000"
	  "0000000000000002060001040000000003e807d00000000400000007501001f4"
	  "594e0009",
	  "6001234500260040fd090000000000000000000000000001fd08000000000000"
	  "0000000000000002060001040000000003e807d00000001800000007501001f4"
	  "900c0009"}},
};

static u32 from_hex(u8 *to, const char *hex)
{
	u32 n = 0;

	for (; hex[2 * n]; n++)
		to[n] = (u8)strtoul((char[]){hex[2 * n], hex[2 * n + 1], 0}, NULL, 16);
	return n;
}

static u32 get16(const u8 *p)
{
	return (u32)p[0] << 8 | p[1];
}

static void put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static void put32(u8 *p, u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* Two bytes at a time, big-endian, as RFC 1071 explains it. */
static u32 add_sum(u32 sum, const u8 *p, u32 len)
{
	for (u32 i = 0; i < len; i += 2) {
		sum += get16((u8[]){p[i], i + 1 < len ? p[i + 1] : 0});
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* As a host hands it to the core: in the order of the machine. */
static u32 payload_sum(const u8 *p, u32 len)
{
	u8 bytes[2];
	u16 sum;

	put16(bytes, add_sum(0, p, len));
	memcpy(&sum, bytes, sizeof(sum));
	return sum;
}

static struct wg_gso_request request_for(enum wg_gso_protocol protocol, u32 l4, u32 size)
{
	return (struct wg_gso_request){.protocol = protocol,
				       .size = size,
				       .csum_start = l4,
				       .csum_offset = protocol == WG_GSO_UDP ? 6 : 16};
}

static void write_header(const struct wg_gso *g, u32 i)
{
	u32 payload = wg_gso_segment_len(g, i) - g->header_len;

	wg_gso_write_header(g, packet, i, payload_sum(packet + wg_gso_payload_at(g, i), payload),
			    out);
}

static void writes_what_linux_writes(void **state)
{
	u8 expected[200];

	(void)state;
	for (size_t n = 0; n < sizeof(golden) / sizeof(golden[0]); n++) {
		const struct golden *g = &golden[n];
		struct wg_gso_request request = request_for(g->protocol, g->l4, GOLDEN_SIZE);
		u32 header_len = from_hex(packet, g->headers);
		struct wg_gso gso;

		for (u32 i = 0; i < GOLDEN_PAYLOAD; i++)
			packet[header_len + i] = (u8)(i * i + i / 7);
		assert_true(wg_gso_parse(&gso, packet, header_len, header_len + GOLDEN_PAYLOAD,
					 &request));
		assert_int_equal(gso.count, GOLDEN_SEGMENTS);
		assert_int_equal(gso.header_len, header_len);
		for (u32 i = 0; i < GOLDEN_SEGMENTS; i++) {
			assert_int_equal(from_hex(expected, g->segments[i]), header_len);
			write_header(&gso, i);
			if (memcmp(out, expected, header_len))
				fail_msg("%s, segment %u", g->what, i);
		}
	}
}

/* A super-packet, and what is known of it that its headers need not say: where it is to arrive. */
/* Of Linux's segments the first becomes what Linux cut, where nothing is between the headers. */
static void joins_what_linux_cut(void **state)
{
	u8 last[HEADER_MAX], expected[HEADER_MAX];
	struct wg_gso_request request;
	u32 joined = 0, n;

	(void)state;
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		const struct golden *x = &golden[i];

		n = from_hex(expected, x->headers);
		if (x->l4 != (expected[0] >> 4 == 6 ? 40 : 20))
			continue;
		joined++;
		from_hex(packet, x->segments[0]);
		from_hex(last, x->segments[GOLDEN_SEGMENTS - 1]);
		wg_gso_join(&request, packet, last, n + GOLDEN_PAYLOAD, GOLDEN_SIZE);
		assert_memory_equal(packet, expected, n);
		assert_int_equal(request.protocol, x->protocol);
		assert_int_equal(request.size, GOLDEN_SIZE);
		assert_int_equal(request.csum_start, x->l4);
		assert_int_equal(request.csum_offset, x->protocol == WG_GSO_UDP ? 6 : 16);
		assert_false(request.fixed_id);
	}
	assert_int_equal(joined, 3);
}

struct sample {
	enum wg_gso_protocol protocol;
	bool ipv6, fixed_id;
	u32 l4, header_len, len, size, seq;
	u16 id;
	u8 flags, final[16];
};

static u8 random_byte(void)
{
	return (u8)(rand() >> 7);
}

/* Options of IPv4: sometimes a source route, whose last address is the final destination. */
static u32 add_ipv4_options(struct sample *s, u8 *p)
{
	u32 len = (u32)(rand() % 11) * 4;

	memset(p, 1, len);
	if (len >= 8 && rand() % 3) {
		p[0] = rand() & 1 ? 131 : 137;
		p[1] = 7;
		p[2] = 4;
		for (u32 i = 0; i < 4; i++)
			s->final[i] = p[3 + i] = random_byte();
	}
	return len;
}

/* Extension headers of IPv6: any of the three kinds, some of them routing headers. */
static u32 add_ipv6_extensions(struct sample *s, u8 *next, u8 *p)
{
	static const u8 kinds[] = {0, 60, 43};
	u32 at = 0;

	for (int n = rand() % 4; n > 0; n--) {
		u8 kind = kinds[rand() % 3], units = (u8)(rand() % 4);

		*next = kind;
		if (kind == 43)
			units = 2;
		for (u32 i = 0; i < 8 + units * 8U; i++)
			p[at + i] = random_byte();
		p[at + 1] = units;
		if (kind == 43)
			memcpy(s->final, p + at + 8, 16);
		next = p + at;
		at += 8 + units * 8U;
	}
	*next = s->protocol == WG_GSO_UDP ? 17 : 6;
	return at;
}

static u32 pseudo_sum(const struct sample *s, const u8 *ip, u32 l4_len)
{
	u8 rest[4];
	u32 sum = s->ipv6 ? add_sum(add_sum(0, ip + 8, 16), s->final, 16)
			  : add_sum(add_sum(0, ip + 12, 4), s->final, 4);

	put16(rest, l4_len);
	put16(rest + 2, s->protocol == WG_GSO_UDP ? 17 : 6);
	return add_sum(sum, rest, 4);
}

/* Writes it to packet[], with the sum of the pseudo header in the checksum field. */
static void make_sample(struct sample *s)
{
	u32 payload = (u32)(1 + rand() % (rand() % 50 ? 6000 : 64000)), options, at;
	u8 *l4;

	memset(s, 0, sizeof(*s));
	s->protocol = (enum wg_gso_protocol)(rand() % 3);
	s->ipv6 = s->protocol == WG_GSO_TCP6 || (s->protocol == WG_GSO_UDP && rand() & 1);
	s->size = (u32)(1 + rand() % 1460);
	s->id = (u16)rand();
	s->seq = (u32)rand() * 5;
	s->flags = random_byte();
	s->fixed_id = !s->ipv6 && s->protocol == WG_GSO_TCP4 && !(rand() % 4);
	for (u32 i = 0; i < 60; i++)
		packet[i] = random_byte();
	if (s->ipv6) {
		packet[0] = (u8)(0x60 | (packet[0] & 15));
		memcpy(s->final, packet + 24, 16);
		s->l4 = 40 + add_ipv6_extensions(s, packet + 6, packet + 40);
	} else {
		memcpy(s->final, packet + 16, 4);
		s->l4 = 20 + add_ipv4_options(s, packet + 20);
		packet[0] = (u8)(0x40 | s->l4 / 4);
		put16(packet + 4, s->id);
		put16(packet + 6, s->fixed_id || rand() & 1 ? 0x4000 : 0);
		packet[9] = s->protocol == WG_GSO_UDP ? 17 : 6;
	}
	l4 = packet + s->l4;
	options = s->protocol == WG_GSO_UDP ? 0 : (u32)(rand() % 11) * 4;
	s->header_len = s->l4 + (s->protocol == WG_GSO_UDP ? 8 : 20 + options);
	s->len = s->header_len + payload;
	for (at = s->l4; at < s->len; at++)
		packet[at] = random_byte();
	put16(s->ipv6 ? packet + 4 : packet + 2, s->ipv6 ? s->len - 40 : s->len);
	if (s->protocol == WG_GSO_UDP) {
		put16(l4 + 4, s->len - s->l4);
		put16(l4 + 6, pseudo_sum(s, packet, s->len - s->l4));
	} else {
		put32(l4 + 4, s->seq);
		l4[12] = (u8)((20 + options) / 4 << 4 | (l4[12] & 15));
		l4[13] = s->flags;
		put16(l4 + 16, pseudo_sum(s, packet, s->len - s->l4));
	}
}

/* The segment is what a host would have sent that knows the packet's way. */
static void check_segment(const struct sample *s, u32 i, u32 count)
{
	u32 begin = s->header_len + i * s->size;
	u32 payload = s->len - begin < s->size ? s->len - begin : s->size;
	u32 len = s->header_len + payload, l4_len = len - s->l4, sum;
	static u8 expected[HEADER_MAX], left[HEADER_MAX];
	u8 *l4 = expected + s->l4, *place = l4 + (s->protocol == WG_GSO_UDP ? 6 : 16);

	memcpy(expected, packet, s->header_len);
	put16(s->ipv6 ? expected + 4 : expected + 2, s->ipv6 ? len - 40 : len);
	if (!s->ipv6) {
		put16(expected + 4, s->id + (s->fixed_id ? 0 : i));
		put16(expected + 10, 0);
		put16(expected + 10, ~add_sum(0, expected, s->l4));
	}
	if (s->protocol == WG_GSO_UDP) {
		put16(l4 + 4, l4_len);
	} else {
		put32(l4 + 4, s->seq + i * s->size);
		l4[13] = (u8)(s->flags & (i + 1 < count ? ~9 : ~0) & (i ? ~128 : ~0));
	}
	put16(place, 0);
	sum = add_sum(pseudo_sum(s, packet, l4_len), l4, s->header_len - s->l4);
	sum = ~add_sum(sum, packet + begin, payload) & 0xffff;
	put16(place, s->protocol == WG_GSO_UDP && !sum ? 0xffff : sum);
	memcpy(left, out, s->header_len);
	assert_memory_equal(left, expected, s->header_len);
}

static void writes_what_the_rfcs_say(void **state)
{
	(void)state;
	for (int n = 0; n < 5000; n++) {
		struct wg_gso_request request;
		struct wg_gso gso;
		struct sample s;

		make_sample(&s);
		request = request_for(s.protocol, s.l4, s.size);
		request.fixed_id = s.fixed_id;
		assert_true(wg_gso_parse(&gso, packet, s.header_len, s.len, &request));
		assert_int_equal(gso.header_len, s.header_len);
		assert_int_equal(gso.count, (s.len - s.header_len + s.size - 1) / s.size);
		for (u32 i = 0; i < gso.count; i++) {
			write_header(&gso, i);
			check_segment(&s, i, gso.count);
		}
	}
}

/* A sum that comes out as zero is written as all ones for UDP, where zero says that there is none. */
static void writes_no_zero_for_udp(void **state)
{
	struct wg_gso_request request = request_for(WG_GSO_UDP, 20, 2);
	struct sample s = {.protocol = WG_GSO_UDP, .l4 = 20, .header_len = 28, .len = 30, .size = 2};
	struct wg_gso gso;

	(void)state;
	memset(packet, 0, 30);
	packet[0] = 0x45;
	packet[9] = 17;
	put16(packet + 2, 30);
	put16(packet + 24, 10);
	put16(packet + 26, pseudo_sum(&s, packet, 10));
	put16(packet + 28, 0xffff - add_sum(pseudo_sum(&s, packet, 10), packet + 20, 6));
	assert_true(wg_gso_parse(&gso, packet, 30, 30, &request));
	write_header(&gso, 0);
	assert_int_equal(get16(out + 26), 0xffff);
}

static struct wg_gso_request good;
static u32 good_len;

/* A good super-packet of TCP, which each test spoils: over IPv6 with `next` as its extension header. */
static void make_good(bool ipv6, u8 next)
{
	u32 l4 = ipv6 ? 48 : 20;

	memset(packet, 0, 4000);
	if (ipv6) {
		packet[0] = 0x60;
		packet[6] = next;
		packet[40] = 6;
	} else {
		packet[0] = 0x45;
		packet[9] = 6;
	}
	packet[l4 + 12] = 0x50;
	good_len = l4 + 20 + 3000;
	put16(ipv6 ? packet + 4 : packet + 2, ipv6 ? good_len - 40 : good_len);
	good = request_for(ipv6 ? WG_GSO_TCP6 : WG_GSO_TCP4, l4, 1000);
}

static bool parses(u32 n)
{
	u8 *copy = malloc(n); /* of its own length, so that nothing is read beyond */
	struct wg_gso gso;
	bool done;

	memcpy(copy, packet, n);
	done = wg_gso_parse(&gso, copy, n, good_len, &good);
	free(copy);
	return done;
}

static void refuses_what_the_kernel_shall_cut(void **state)
{
	(void)state;
	for (u32 next = 0; next < 256; next++) {
		make_good(true, (u8)next);
		assert_int_equal(parses(68), next == 0 || next == 43 || next == 60);
	}
	make_good(false, 0);
	assert_true(parses(40));
	packet[6] = 0x20; /* more fragments */
	assert_false(parses(40));
	packet[6] = 0;
	packet[7] = 1; /* a later fragment */
	assert_false(parses(40));
	packet[7] = 0;
	packet[6] = 0x80; /* the reserved bit is nobody's */
	assert_true(parses(40));
	good.fixed_id = true; /* which a packet that may be fragmented cannot have */
	assert_false(parses(40));
	packet[6] = 0x40;
	assert_true(parses(40));
	packet[9] = 17;
	assert_false(parses(40));
	make_good(true, 0);
	put16(packet + 4, 0); /* a jumbogram */
	assert_false(parses(68));
}

#define REFUSED(change)                                                                              \
	do {                                                                                         \
		make_good(six, 60);                                                                  \
		change;                                                                              \
		assert_false(parses(n));                                                             \
	} while (0)

static void refuses_contradictions(void **state)
{
	(void)state;
	for (int six = 0; six < 2; six++) {
		u32 n = six ? 68 : 40, l4 = six ? 48 : 20;

		make_good(six, 60);
		assert_true(parses(n));
		assert_true(parses(n + 1000));
		for (u32 less = 0; less < n; less++)
			assert_false(parses(less));
		REFUSED(good.size = 0);
		REFUSED(good.protocol = six ? WG_GSO_TCP4 : WG_GSO_TCP6);
		REFUSED(good.protocol = WG_GSO_UDP);
		REFUSED(good.csum_start++);
		REFUSED(good.csum_start = 65535);
		REFUSED(good.csum_offset = 6);
		REFUSED(good.csum_offset = 65535);
		REFUSED(good_len = n);
		REFUSED(good_len = n - 1);
		REFUSED(good_len = 70000);
		REFUSED(packet[0] += 0x10);
		REFUSED(packet[l4 + 12] = 0x40);
		REFUSED(packet[l4 + 12] = 0xf0); /* a header longer than what is there */
		REFUSED(if (six) packet[41] = 1; else packet[0] = 0x46);
		REFUSED(if (six) packet[41] = 255; else packet[0] = 0x44);
	}
}

/* UDP states its length twice; where the two differ the kernel knows better. */
static void refuses_udp_of_another_length(void **state)
{
	u32 n = 28;

	(void)state;
	make_good(false, 0);
	packet[9] = 17;
	good = request_for(WG_GSO_UDP, 20, 1000);
	put16(packet + 24, good_len - 20);
	assert_true(parses(n));
	put16(packet + 24, good_len - 21);
	assert_false(parses(n));
}

static void describes_a_whole_packet(void **state)
{
	struct wg_gso gso;

	(void)state;
	for (u32 len = 0; len < 3000; len += 1000) {
		wg_gso_whole(&gso, len);
		assert_int_equal(gso.count, 1);
		assert_int_equal(gso.header_len, 0);
		assert_int_equal(wg_gso_segment_len(&gso, 0), len);
		assert_int_equal(wg_gso_payload_at(&gso, 0), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_linux_writes),
		cmocka_unit_test(joins_what_linux_cut),
		cmocka_unit_test(writes_what_the_rfcs_say),
		cmocka_unit_test(writes_no_zero_for_udp),
		cmocka_unit_test(refuses_what_the_kernel_shall_cut),
		cmocka_unit_test(refuses_contradictions),
		cmocka_unit_test(refuses_udp_of_another_length),
		cmocka_unit_test(describes_a_whole_packet),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/* Makes what the comparison with wireguard-tools feeds to both: configurations, changes of them,
 * damaged ones, `set` arguments, and what a userspace data path would report. The same seed gives
 * the same text. Ends with status 1 and one line when it is not understood. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static uint64_t state;
static bool always_length; /* no prefix without its length */

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)(next() % n);
}

static bool chance(unsigned int percent)
{
	return below(100) < percent;
}

static const char *one_of(const char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return list[below((unsigned int)n)];
}
#define ONE_OF(...) one_of((const char *const[]){ __VA_ARGS__, NULL })

static void random_key(uint8_t key[static 32])
{
	for (int i = 0; i < 32; i += 8) {
		uint64_t v = next();

		memcpy(key + i, &v, 8);
	}
}

static void print_base64(const uint8_t key[static 32])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t in[33] = { 0 };

	memcpy(in, key, 32);
	for (int i = 0; i < 33; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];

		putchar(digits[v >> 18]);
		putchar(digits[v >> 12 & 63]);
		putchar(digits[v >> 6 & 63]);
		putchar(i == 30 ? '=' : digits[v & 63]);
	}
}

static void print_random_key(void)
{
	uint8_t key[32];

	random_key(key);
	print_base64(key);
}

static void print_hex_key(void)
{
	uint8_t key[32];

	random_key(key);
	for (int i = 0; i < 32; i++)
		printf("%02x", key[i]);
}

/* A prefix; `host_bits` in a hundred keep bits behind their length. */
static void print_prefix(unsigned int host_bits)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t addr[16];
	bool v6 = chance(45);
	unsigned int bits = v6 ? 128 : 32;
	unsigned int cidr = chance(30) ? bits : chance(5) ? 0 : 1 + below(bits);

	for (int i = 0; i < 16; i++)
		addr[i] = (uint8_t)(chance(30) ? 0 : next());
	if (!chance(host_bits))
		for (unsigned int i = cidr; i < bits; i++)
			addr[i / 8] &= (uint8_t)~(0x80U >> i % 8);
	printf("%s", inet_ntop(v6 ? AF_INET6 : AF_INET, addr, text, sizeof(text)));
	if (always_length || cidr != bits || chance(50))
		printf("/%u", cidr);
}

static void print_endpoint(void)
{
	unsigned int port = 1 + below(65535);

	if (chance(35))
		printf("[2001:db8:%x::%x]:%u", below(65536), 1 + below(65535), port);
	else
		printf("192.0.%u.%u:%u", below(3), 1 + below(254), port);
}

/* The random ways to write a key of a file. */
static void print_name(const char *name)
{
	unsigned int style = below(10);

	printf("%s", chance(10) ? "  " : chance(5) ? "\t" : "");
	for (; *name; name++) {
		char c = *name;

		if (style == 0 && c >= 'a' && c <= 'z')
			c = (char)(c - 32);
		if (style == 1 && c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		putchar(c);
	}
	printf("%s", style == 2 ? "=" : style == 3 ? " =\t" : " = ");
}

static void print_end(void)
{
	printf("%s\n", chance(6) ? " # a comment" : chance(4) ? "   " : chance(4) ? "\r" : "");
	if (chance(5))
		printf("# %s = nothing\n", chance(50) ? "PrivateKey" : "friendly_name");
	if (chance(4))
		printf("\n");
}

static void print_allowedips(unsigned int host_bits)
{
	for (unsigned int lines = below(3); lines; lines--) {
		print_name("AllowedIPs");
		for (unsigned int n = below(4);; n--) {
			print_prefix(host_bits);
			if (!n)
				break;
			printf("%s", chance(50) ? ", " : ",");
		}
		print_end();
	}
}

static void print_mark(void)
{
	if (chance(20))
		printf("%s", ONE_OF("off", "OFF", "0", "0x0"));
	else if (chance(50))
		printf("%u", (unsigned int)next());
	else
		printf("0x%x", (unsigned int)next());
}


static void conf_interface(bool all)
{
	printf("%s", chance(10) ? "[interface]\n" : "[Interface]\n");
	if (chance(60) || all) {
		print_name("ListenPort");
		printf("%u", 1 + below(32767));
		print_end();
	}
	if (chance(50) || all) {
		print_name("FwMark");
		print_mark();
		print_end();
	}
	if (chance(90) || all) {
		print_name("PrivateKey");
		print_random_key();
		print_end();
	}
}

static void conf_peer(const uint8_t key[static 32], uint64_t seed, bool changed)
{
	uint64_t outer = state;

	state = seed;
	if (chance(30))
		printf("\n");
	printf("%s", chance(10) ? " [PEER]\n" : "[Peer]\n");
	print_name("PublicKey");
	print_base64(key);
	print_end();
	if (chance(40)) {
		print_name("PresharedKey");
		print_random_key();
		print_end();
	}
	if (chance(30)) {
		print_name("PersistentKeepalive");
		printf("%s", ONE_OF("25", "1", "65535", "off", "OFF", "0", "007"));
		print_end();
	}
	if (changed)
		state ^= 0x5555;
	print_allowedips(4);
	if (chance(60)) {
		print_name("Endpoint");
		print_endpoint();
		print_end();
	}
	state = outer;
}

/* `changed`: the same device later: some peers gone, some altered, some new. Settings that the two
 * programs treat differently when a file loses them are always there. */
static void conf(uint64_t seed, bool changed)
{
	unsigned int peers = chance(10) ? 40 + below(40) : below(7);
	uint64_t fate = seed ^ 0xfa7e;
	uint8_t key[32];

	conf_interface(true);
	for (unsigned int i = 0; i < peers; i++) {
		uint64_t own = next();
		unsigned int luck;

		random_key(key);
		fate = fate * 6364136223846793005U + 1442695040888963407U;
		luck = (unsigned int)(fate >> 33) % 10;
		if (changed && luck < 2)
			continue;
		conf_peer(key, own, changed && luck < 5);
	}
	if (changed || chance(8)) {
		random_key(key);
		conf_peer(key, seed ^ 0x77, false);
	}
}

static void conf_free(uint64_t seed)
{
	uint8_t key[32] = { 0 };

	if (chance(95))
		conf_interface(false);
	for (unsigned int peers = chance(8) ? 60 : below(6); peers; peers--) {
		if (!chance(8))
			random_key(key);
		conf_peer(key, next() ^ seed, false);
	}
}

/* One random damage to the text on standard input. */
static void damage(void)
{
	static char text[1 << 16];
	size_t len = fread(text, 1, sizeof(text), stdin), at, n;

	if (!len)
		return;
	at = next() % len;
	n = 1 + below(3);
	if (n > len - at)
		n = len - at;
	fwrite(text, 1, at, stdout);
	switch (below(4)) {
	case 0: /* bytes lost */
		break;
	case 1: /* one byte becomes another */
		putchar("=#[]/:,.+-09aFgz \n"[below(18)]);
		n = 1;
		break;
	case 2: /* one byte more */
		putchar("=#[]/:,.+-09aFgz \n"[below(18)]);
		n = 0;
		break;
	case 3: /* bytes twice */
		fwrite(text + at, 1, n, stdout);
		n = 0;
		break;
	}
	fwrite(text + at + n, 1, len - at - n, stdout);
}

/* Arguments of `set`, one a line; @KEY and @PSK1 stand for files that hold a key. */
static void set_peer(void)
{
	uint8_t key[32];

	random_key(key);
	printf("peer\n");
	print_base64(key);
	printf("\n");
	if (chance(10))
		printf("remove\n");
	if (chance(30))
		printf("preshared-key\n@PSK%u\n", below(3));
	if (chance(50)) {
		printf("endpoint\n");
		print_endpoint();
		printf("\n");
	}
	if (chance(40))
		printf("persistent-keepalive\n%s\n", ONE_OF("off", "25", "0", "1", "65535"));
	if (chance(60)) {
		printf("allowed-ips\n");
		for (unsigned int n = below(5); n; n--) {
			print_prefix(3);
			printf("%s", n > 1 ? chance(20) ? " , " : "," : "");
		}
		printf("\n");
	}
}

static void set(void)
{
	if (chance(50))
		printf("listen-port\n%u\n", 1 + below(32767));
	if (chance(40)) {
		printf("fwmark\n");
		print_mark();
		printf("\n");
	}
	if (chance(50))
		printf("private-key\n@KEY\n");
	for (unsigned int n = below(4); n; n--)
		set_peer();
}

static uint64_t some_bytes(void)
{
	return chance(20) ? 0 : next() >> below(64);
}

static long long some_time(long long now)
{
	static const int spans[] = { 1, 60, 3600, 86400, 31536000 };
	long long ago = 0;

	if (chance(25))
		return 0;
	for (int i = 0; i < 5; i++)
		if (chance(40))
			ago += (long long)below(i == 4 ? 40 : 59) * spans[i];
	/* Well in the future: the two readers do not start in the same instant. */
	return chance(8) ? now + 5000 : now - ago;
}

static void reply_peer(long long now)
{
	printf("public_key=");
	print_hex_key();
	printf("\npreshared_key=");
	if (chance(40))
		print_hex_key();
	else
		printf("%064d", 0);
	printf("\n%s", chance(80) ? "protocol_version=1\n" : "");
	if (chance(60)) {
		printf("endpoint=");
		print_endpoint();
		printf("\n");
	}
	printf("last_handshake_time_sec=%lld\nlast_handshake_time_nsec=%u\n", some_time(now),
	       below(1000000000));
	printf("tx_bytes=%llu\nrx_bytes=%llu\n", (unsigned long long)some_bytes(),
	       (unsigned long long)some_bytes());
	printf("persistent_keepalive_interval=%u\n", chance(60) ? 0 : below(65536));
	for (unsigned int n = chance(5) ? 200 : below(6); n; n--) {
		printf("allowed_ip=");
		print_prefix(0);
		printf("\n");
	}
	if (chance(10))
		printf("some_new_key=of a later version\n");
}

/* The answer to "get=1". */
static void reply(void)
{
	long long now = (long long)time(NULL);

	always_length = true;
	if (chance(85)) {
		printf("private_key=");
		print_hex_key();
		printf("\n");
	}
	if (chance(80))
		printf("listen_port=%u\n", below(65536));
	if (chance(50))
		printf("fwmark=%u\n", (unsigned int)next() >> below(32));
	for (unsigned int n = chance(10) ? 100 : below(6); n; n--)
		reply_peer(now);
	printf("errno=0\n\n");
}

/* `n` peers with `ips` allowed IPs each, all distinct. */
static void many(unsigned long n, unsigned long ips, bool quick)
{
	printf("[Interface]\nPrivateKey = ");
	print_random_key();
	printf("\nListenPort = 5000\nFwMark = 0x20\n%s", quick ? "Address = 10.255.255.1/32\n" : "");
	for (unsigned long i = 0, ip = 0; i < n; i++) {
		printf("\n[Peer]\nPublicKey = ");
		print_random_key();
		printf("\nEndpoint = 192.0.2.%lu:%lu\n", 3 + i % 250, 1 + i % 65535);
		for (unsigned long k = 0; k < ips; k++, ip++)
			printf("%s10.%lu.%lu.%lu/32", k % 50 ? ", " : k ? "\nAllowedIPs = " : "AllowedIPs = ",
			       ip >> 16 & 255, ip >> 8 & 255, ip & 255);
		printf("\n");
	}
}

/* What a data path that was given `many` answers. */
static void many_reply(unsigned long n, unsigned long ips)
{
	always_length = true;
	printf("private_key=");
	print_hex_key();
	printf("\nlisten_port=5000\nfwmark=32\n");
	for (unsigned long i = 0, ip = 0; i < n; i++) {
		printf("public_key=");
		print_hex_key();
		printf("\npreshared_key=%064d\nprotocol_version=1\nendpoint=192.0.2.%lu:%lu\n", 0,
		       3 + i % 250, 1 + i % 65535);
		printf("last_handshake_time_sec=0\nlast_handshake_time_nsec=0\ntx_bytes=0\nrx_bytes=0\n"
		       "persistent_keepalive_interval=0\n");
		for (unsigned long k = 0; k < ips; k++, ip++)
			printf("allowed_ip=10.%lu.%lu.%lu/32\n", ip >> 16 & 255, ip >> 8 & 255, ip & 255);
	}
	printf("errno=0\n\n");
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	unsigned long n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	state = n * 0x2545f4914f6cdd1d + 88172645463325252;
	if (!strcmp(what, "conf"))
		conf_free(n);
	else if (!strcmp(what, "before") || !strcmp(what, "after"))
		conf(n, !strcmp(what, "after"));
	else if (!strcmp(what, "damage"))
		damage();
	else if (!strcmp(what, "set"))
		set();
	else if (!strcmp(what, "reply"))
		reply();
	else if ((!strcmp(what, "many") || !strcmp(what, "quick")) && argc > 3)
		many(n, strtoul(argv[3], NULL, 10), !strcmp(what, "quick"));
	else if (!strcmp(what, "device") && argc > 3)
		many_reply(n, strtoul(argv[3], NULL, 10));
	else
		return fprintf(stderr, "usage: gen WHAT SEED, gen many|quick|device PEERS IPS\n"), 1;
	return 0;
}

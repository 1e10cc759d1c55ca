// SPDX-License-Identifier: GPL-2.0
/* The values of settings as text. Written by hand, without a copy or an allocation per value: a
 * file may have hundreds of thousands of them. A failure names what was expected, never the
 * text. */
#include "value.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <strings.h>
#include "../base/encoding.h"
#include "../device/resolve.h"
#include "conf-code.h"
#include "ip-value.h"

#define HOST_MAX    253 /* RFC 1035 section 2.3.4, as text */
#define SERVICE_MAX 64

static int wrong(struct wg_error *err, size_t *at, size_t offset, enum wg_conf_code code,
		 const char *sentence)
{
	*at = offset;
	wg_conf_wrong(err, code, "%s", sentence);
	return -1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The first byte that is no decimal digit, or len. */
static size_t digits(const char *s, size_t len)
{
	size_t i = 0;

	while (i < len && is_digit(s[i]))
		i++;
	return i;
}

/* Decimal digits only, any number of leading zeros, at most `max`. */
static bool parse_decimal(u32 *value, const char *s, size_t len, u32 max)
{
	u64 v = 0;

	for (size_t i = 0; i < len; i++) {
		if (!is_digit(s[i]))
			return false;
		v = v * 10 + (u64)(s[i] - '0');
		if (v > max)
			return false;
	}
	if (len)
		*value = (u32)v;
	return len > 0;
}

static bool parse_hex(u32 *value, const char *s, size_t len)
{
	u64 v = 0;

	for (size_t i = 0; i < len; i++) {
		char c = s[i] | 0x20;

		if (is_digit(s[i]))
			v = v << 4 | (u64)(s[i] - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (u64)(c - 'a' + 10);
		else
			return false;
		if (v > UINT32_MAX)
			return false;
	}
	if (len)
		*value = (u32)v;
	return len > 0;
}

static bool is_off(const char *s, size_t len)
{
	return len == 3 && !strncasecmp(s, "off", 3);
}

static bool find_service(u16 *port, const char *s, size_t len)
{
	struct servent entry, *found = NULL;
	char name[SERVICE_MAX], buf[2048];

	if (!len || len >= sizeof(name) || memchr(s, '\0', len))
		return false;
	memcpy(name, s, len);
	name[len] = '\0';
	if (getservbyname_r(name, "udp", &entry, buf, sizeof(buf), &found) || !found)
		return false;
	*port = ntohs((u16)found->s_port);
	return true;
}

int wg_value_port(u16 *port, const char *s, size_t len, size_t *at, struct wg_error *err)
{
	u32 v;

	if (len && digits(s, len) == len) {
		if (!parse_decimal(&v, s, len, UINT16_MAX))
			return wrong(err, at, 0, WG_CODE_PORT, "port out of range: expected 0 to 65535");
		*port = (u16)v;
		return 0;
	}
	if (!find_service(port, s, len))
		return wrong(err, at, 0, WG_CODE_PORT,
			     "expected a port from 0 to 65535, or the name of a UDP service");
	return 0;
}

int wg_value_mark(u32 *mark, const char *noun, const char *s, size_t len, size_t *at,
		  struct wg_error *err)
{
	if (is_off(s, len)) {
		*mark = 0;
		return 0;
	}
	if (len > 2 && s[0] == '0' && s[1] == 'x' ? parse_hex(mark, s + 2, len - 2)
						  : parse_decimal(mark, s, len, UINT32_MAX))
		return 0;
	*at = 0;
	return wg_conf_wrong(err, WG_CODE_FWMARK,
			     "expected %s: off, 0 to 4294967295, or 0x0 to 0xffffffff", noun);
}

int wg_value_interval(u16 *seconds, const char *noun, const char *s, size_t len, size_t *at,
		      struct wg_error *err)
{
	u32 v;

	if (is_off(s, len)) {
		v = 0;
	} else if (!parse_decimal(&v, s, len, UINT16_MAX)) {
		*at = 0;
		return wg_conf_wrong(err, WG_CODE_KEEPALIVE, "expected %s: off, or 0 to 65535 seconds",
				     noun);
	}
	*seconds = (u16)v;
	return 0;
}

static bool is_base64(char c)
{
	char lower = c | 0x20;

	return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '+' || c == '/';
}

int wg_value_key(u8 key[static WG_KEY_LEN], const char *s, size_t len, size_t *at,
		 struct wg_error *err)
{
	u8 out[WG_KEY_LEN];
	size_t i = 0;

	if (len == WG_KEY_BASE64_LEN && wg_key_from_base64(out, s, len)) {
		memcpy(key, out, sizeof(out));
		explicit_bzero(out, sizeof(out));
		return 0;
	}
	explicit_bzero(out, sizeof(out));
	while (i < len && i < WG_KEY_BASE64_LEN - 1 && is_base64(s[i]))
		i++;
	if (len != WG_KEY_BASE64_LEN)
		return wrong(err, at, i, WG_CODE_KEY_LENGTH,
			     "wrong length: expected a key of 44 base64 characters");
	/* All characters fit, so it is the last ones: bits behind the 256th, or no "=". */
	if (i == WG_KEY_BASE64_LEN - 1 && s[i] == '=')
		i--;
	return wrong(err, at, i, WG_CODE_KEY_BASE64,
		     "not base64: expected a key of 44 base64 characters");
}

/* What is no address, and may be meant as one. */
static int explain_address(const char *s, size_t len, struct wg_error *err)
{
	u8 addr[4];

	if (len && (s[0] == '[' || s[len - 1] == ']'))
		return wg_conf_wrong(err, WG_CODE_ADDRESS,
				     "only an endpoint has its address in brackets: expected the address "
				     "alone");
	if (memchr(s, '%', len))
		return wg_conf_wrong(err, WG_CODE_ADDRESS,
				     "an address has no zone (%%) here: expected an IPv4 or IPv6 address");
	if (memchr(s, '-', len) && memchr(s, '.', len))
		return wg_conf_wrong(err, WG_CODE_ADDRESS,
				     "neither an address nor a range is expected to have a \"-\": expected "
				     "an address with a prefix length, such as 10.0.0.0/24");
	if (wg_ip_short_address(addr, s, len))
		return wg_conf_wrong(err, WG_CODE_ADDRESS,
				     "expected all four numbers of an IPv4 address, in decimal: %u.%u.%u.%u",
				     addr[0], addr[1], addr[2], addr[3]);
	return wg_conf_wrong(err, WG_CODE_ADDRESS, "expected an IPv4 or IPv6 address");
}

int wg_value_address(u8 *family, u8 addr[static 16], const char *s, size_t len, struct wg_error *err)
{
	char text[INET6_ADDRSTRLEN];
	u8 af = memchr(s, ':', len) ? AF_INET6 : AF_INET;

	if (!len || len >= sizeof(text))
		goto bad;
	memcpy(text, s, len);
	text[len] = '\0';
	if (strlen(text) != len || inet_pton(af, text, addr) != 1)
		goto bad;
	*family = af;
	return 0;
bad:
	explain_address(s, len, err);
	return -1;
}

static int explain_length(const char *s, size_t len, u32 max, struct wg_error *err)
{
	char prefix[] = "0.0.0.0/255.255.255.255";
	struct wg_prefix p;
	struct wg_error no_netmask;
	size_t at, room = sizeof(prefix) - 9;

	if (!memchr(s, '.', len))
		return wg_conf_wrong(err, WG_CODE_PREFIX_LENGTH, "expected a prefix length from 0 to %u",
				     max);
	if (len <= room) {
		memcpy(prefix + 8, s, len);
		if (!wg_ip_prefix(&p, prefix, 8 + len, &at, &no_netmask))
			return wg_conf_wrong(err, WG_CODE_NETMASK,
					     "a netmask is not understood here: expected the prefix length, "
					     "/%u", p.cidr);
	}
	return wg_conf_wrong(err, WG_CODE_NETMASK,
			     "not a netmask, which is not understood here either: expected a prefix "
			     "length from 0 to %u", max);
}

int wg_value_prefix(char *sign, u8 *family, u8 addr[static 16], u8 *cidr, const char *s, size_t len,
		    size_t *at, struct wg_error *err)
{
	size_t start = len && (s[0] == '+' || s[0] == '-' || s[0] == '!');
	const char *slash = memchr(s, '/', len);
	size_t end = slash ? (size_t)(slash - s) : len;
	u8 af, bytes[16];
	u32 bits, max;

	*at = start;
	if (wg_value_address(&af, bytes, s + start, end - start, err))
		return -1;
	bits = max = af == AF_INET6 ? 128 : 32;
	if (slash && !parse_decimal(&bits, slash + 1, len - end - 1, max)) {
		*at = end + 1;
		explain_length(slash + 1, len - end - 1, max, err);
		return -1;
	}
	*sign = start ? s[0] : 0;
	*family = af;
	*cidr = (u8)bits;
	memcpy(addr, bytes, wg_family_len(af));
	return 0;
}

static bool has_host_bits(const u8 *addr, size_t addr_len, u8 cidr)
{
	size_t i = cidr / 8;

	if (cidr % 8 && addr[i++] & 0xff >> cidr % 8)
		return true;
	while (i < addr_len)
		if (addr[i++])
			return true;
	return false;
}

/* One element of the list: `len` bytes up to the comma or the end. */
static int add_allowedip(struct wg_device *dev, struct wg_peer *peer, const char *s, size_t len,
			 const struct wg_log *log, size_t *at, struct wg_error *err)
{
	u8 family, cidr, addr[16];
	char sign;

	if (wg_value_prefix(&sign, &family, addr, &cidr, s, len, at, err))
		return -1;
	if (has_host_bits(addr, wg_family_len(family), cidr))
		wg_log_say(log, WG_LOG_WARNING, "AllowedIP has nonzero host part: %.*s", (int)len, s);
	if (sign == '!')
		peer->flags |= WG_PEER_EXCLUDES;
	else if (sign)
		peer->flags &= (u16)~WG_PEER_REPLACE_ALLOWEDIPS;
	wg_peer_add_allowedip(dev, peer, family, addr, cidr,
			      sign == '-'   ? WG_ALLOWEDIP_REMOVE_ME
			      : sign == '!' ? WG_ALLOWEDIP_EXCLUDE
					    : 0);
	return 0;
}

int wg_value_allowedips(struct wg_device *dev, struct wg_peer *peer, const char *s, size_t len,
			const struct wg_log *log, size_t *at, struct wg_error *err)
{
	size_t start = 0;

	if (!len)
		return 0;
	for (;;) {
		const char *comma = memchr(s + start, ',', len - start);
		size_t end = comma ? (size_t)(comma - s) : len;

		if (add_allowedip(dev, peer, s + start, end - start, log, at, err)) {
			*at += start;
			return -1;
		}
		if (!comma)
			return 0;
		start = end + 1;
	}
}

/* Offsets of the parts of "HOST:PORT" or "[HOST]:PORT". */
struct endpoint_parts {
	size_t host, host_len;
	size_t port;
};

static int split_endpoint(struct endpoint_parts *p, const char *s, size_t len, size_t *at,
			  struct wg_error *err)
{
	const char *end;
	size_t bracket = len && s[0] == '[';

	if (!len)
		return wrong(err, at, 0, WG_CODE_ENDPOINT, "empty endpoint: expected HOST:PORT");
	if (bracket) {
		end = memchr(s, ']', len);
		if (!end)
			return wrong(err, at, 0, WG_CODE_ENDPOINT_BRACKETS,
				     "no \"]\" behind the address: expected [ADDRESS]:PORT");
	} else {
		end = memrchr(s, ':', len);
		if (!end)
			return wrong(err, at, len, WG_CODE_ENDPOINT_PORT,
				     "no port: expected HOST:PORT");
	}
	p->host = bracket;
	p->host_len = (size_t)(end - s) - bracket;
	p->port = (size_t)(end - s) + bracket + 1;
	if (p->port >= len || s[p->port - 1] != ':')
		return wrong(err, at, p->port <= len ? p->port - bracket : len,
			     WG_CODE_ENDPOINT_PORT, "no port: expected a \":\" and a port after the address");
	if (!p->host_len)
		return wrong(err, at, 0, WG_CODE_ENDPOINT,
			     "no host before the port: expected HOST:PORT");
	return 0;
}

/* Zones, and the short forms of inet_aton(3), as getaddrinfo has always taken them. No network. */
static bool numeric_by_libc(union wg_endpoint *ep, const char *host)
{
	struct addrinfo *found, hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
		.ai_protocol = IPPROTO_UDP,
		.ai_flags = AI_NUMERICHOST,
	};
	bool fits;

	if (getaddrinfo(host, NULL, &hints, &found))
		return false;
	fits = found->ai_addrlen <= sizeof(*ep);
	if (fits)
		memcpy(ep, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return fits;
}

static bool parse_numeric(union wg_endpoint *ep, const char *s, size_t len, u16 port)
{
	char host[HOST_MAX + 1];

	if (len >= sizeof(host))
		return false;
	memcpy(host, s, len);
	host[len] = '\0';
	memset(ep, 0, sizeof(*ep));
	if (strlen(host) != len)
		return false;
	if (inet_pton(AF_INET, host, &ep->addr4.sin_addr) == 1)
		ep->addr.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &ep->addr6.sin6_addr) == 1)
		ep->addr.sa_family = AF_INET6;
	else if (!numeric_by_libc(ep, host))
		return false;
	if (ep->addr.sa_family == AF_INET6)
		ep->addr6.sin6_port = htons(port);
	else
		ep->addr4.sin_port = htons(port);
	return true;
}

static bool is_host_char(char c)
{
	return is_base64(c) ? c != '+' && c != '/' : c == '-' || c == '.' || c == '_' || c & 0x80;
}

/* What can never be found is not worth a question to the resolver. */
static int check_name(const char *s, size_t len, size_t *at, struct wg_error *err)
{
	size_t i, last;

	if (memchr(s, ':', len))
		return wrong(err, at, 0, WG_CODE_ENDPOINT,
			     "neither a host name nor an IPv6 address: expected HOST:PORT or "
			     "[ADDRESS]:PORT");
	for (i = 0; i < len; i++)
		if (!is_host_char(s[i]))
			return wrong(err, at, i, WG_CODE_ENDPOINT, "expected a host name or an address");
	if (len > HOST_MAX)
		return wrong(err, at, HOST_MAX, WG_CODE_ENDPOINT,
			     "host name too long: expected at most 253 characters");
	for (last = len; last && is_digit(s[last - 1]); last--)
		;
	if (last < len && (!last || s[last - 1] == '.'))
		return wrong(err, at, 0, WG_CODE_ENDPOINT,
			     "expected an IPv4 address, or a name that does not end in a number");
	return 0;
}

static bool is_ip6(const char *s, size_t len)
{
	char text[INET6_ADDRSTRLEN];
	u8 addr[16];

	if (len >= sizeof(text) || memchr(s, '\0', len))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, addr) == 1;
}

/* The name or number behind "%" is no interface's, or it stands behind something else. */
static bool has_unknown_zone(const char *s, size_t len, size_t *at)
{
	const char *percent = memchr(s, '%', len);
	size_t start = len && s[0] == '[';

	if (!percent || !is_ip6(s + start, (size_t)(percent - s) - start))
		return false;
	*at = (size_t)(percent - s) + 1;
	return true;
}

/* Whether a second port follows: where the first part is a host, or the last one in brackets. */
static bool has_two_ports(const char *s, size_t len)
{
	const char *bracket = memrchr(s, ']', len), *colon;
	size_t start = bracket ? (size_t)(bracket - s) : 0;

	colon = memchr(s + start, ':', len - start);
	if (!colon || (*s == '[' && !bracket) || colon + 1 == s + len || !memchr(colon + 1, ':', len - (size_t)(colon + 1 - s)))
		return false;
	for (const char *c = s + start; c < colon; c++)
		if (!isxdigit((u8)*c))
			return true;
	return false;
}

/* An endpoint that was refused: says so in other words where it is clear what it was meant to be.
 * *at and *err are those of the parser, and stay where it is not. */
static int explain_endpoint(const char *s, size_t len, size_t *at, struct wg_error *err)
{
	const char *scheme = memmem(s, len, "://", 3), *comma = memchr(s, ',', len);
	const char *slash = memchr(s, '/', len), *user = memchr(s, '@', len);

	if (scheme)
		return wrong(err, at, 0, WG_CODE_ENDPOINT_SCHEME,
			     "an endpoint is no URL: expected HOST:PORT, without what ends in ://");
	if (comma)
		return wrong(err, at, (size_t)(comma - s), WG_CODE_ENDPOINT_TWO,
			     "a peer has one endpoint: expected nothing after HOST:PORT");
	if (slash)
		return wrong(err, at, (size_t)(slash - s), WG_CODE_ENDPOINT_SCHEME,
			     "an endpoint has neither a path nor a prefix length: expected HOST:PORT");
	if (user)
		return wrong(err, at, 0, WG_CODE_ENDPOINT_SCHEME,
			     "an endpoint has no user name: expected HOST:PORT, without what ends in @");
	if (err->reason == WG_CODE_ENDPOINT && has_unknown_zone(s, len, at))
		return wrong(err, at, *at, WG_CODE_ENDPOINT_ZONE,
			     "unknown zone: expected the name or number of an interface of this machine");
	if (is_ip6(s, len))
		return wrong(err, at, len, WG_CODE_ENDPOINT_BRACKETS,
			     "an IPv6 address without a port: expected [ADDRESS]:PORT");
	if (has_two_ports(s, len))
		return wrong(err, at, (size_t)((char *)memrchr(s, ':', len) - s), WG_CODE_ENDPOINT_TWO,
			     "an endpoint has one port: expected HOST:PORT");
	return -1;
}

static int parse_endpoint(struct wg_peer *peer, const char *s, size_t len, struct wg_resolve *resolve,
			  const char *file, unsigned int line, size_t *at, struct wg_error *err)
{
	struct endpoint_parts p;
	union wg_endpoint ep;
	u16 port;

	if (split_endpoint(&p, s, len, at, err))
		return -1;
	if (wg_value_port(&port, s + p.port, len - p.port, at, err)) {
		*at += p.port;
		return -1;
	}
	if (parse_numeric(&ep, s + p.host, p.host_len, port)) {
		peer->endpoint = ep;
		wg_resolve_cancel(resolve, peer);
		return 0;
	}
	if (check_name(s + p.host, p.host_len, at, err)) {
		*at += p.host;
		return -1;
	}
	wg_resolve_add(resolve, peer, s + p.host, p.host_len, port, file, line);
	return 0;
}

int wg_value_endpoint(struct wg_peer *peer, const char *s, size_t len, struct wg_resolve *resolve,
		      const char *file, unsigned int line, size_t *at, struct wg_error *err)
{
	if (!parse_endpoint(peer, s, len, resolve, file, line, at, err))
		return 0;
	return explain_endpoint(s, len, at, err);
}

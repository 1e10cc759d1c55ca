/* SPDX-License-Identifier: GPL-2.0 */
/* What can be wrong with a configuration file: one row a mistake, with the stable code that
 * `wg-quick check` prints and wg-quick(8) lists, and the way out. */
#ifndef WG_LIB_CONF_CODE_H
#define WG_LIB_CONF_CODE_H

#include "../../port.h"
#include "../base/error.h"

/* X(NAME, CODE, WARNING, FIX): WARNING is true for what is legal, yet hardly meant. */
#define WG_CONF_CODES(X)                                                                          \
	/* The text, whatever it says */                                                          \
	X(ENCODING, "file-encoding", false, "save the file as UTF-8")                             \
	X(NUL_BYTE, "nul-byte", false, "delete the byte, or save the file as UTF-8")              \
	X(CONTROL, "control-character", false, "delete the character")                            \
	X(INVISIBLE, "invisible-character", false, "delete it, or type an ordinary space")        \
	X(LOOKALIKE, "lookalike-character", false, "type the ASCII character")                    \
	X(QUOTED_VALUE, "quoted-value", false, "write the value without quotes")                  \
	X(COMMENT_SIGN, "comment-sign", false, "begin the comment with #")                        \
	X(LINE_END, "line-end", false, "end each line with a line feed")                          \
	/* Sections and keys */                                                                   \
	X(NO_SECTION, "no-section", false, "put [Interface] or [Peer] before the line")           \
	X(UNKNOWN_SECTION, "unknown-section", false, "name the section [Interface] or [Peer]")    \
	X(UNKNOWN_KEY, "unknown-key", false, "correct the key's name, or take the line out")      \
	X(WRONG_SECTION, "wrong-section", false, "move the line to the section that it belongs to") \
	X(QUICK_KEY, "wg-quick-key", false, "use `wg-quick up', or `wg-quick strip' for wg")      \
	X(AMNEZIA_KEY, "amneziawg-key", false,                                                    \
	  "use AmneziaWG's own tools, or take the line out on both sides")                        \
	X(FOREIGN_KEY, "foreign-key", false, "write the setting as wg(8) and wg-quick(8) name it") \
	X(NO_EQUALS, "no-equals-sign", false, "write KEY = VALUE")                                \
	X(NO_VALUE, "no-value", false, "give the value, or take the line out")                    \
	X(MISSING_COMMA, "missing-comma", false, "put a comma between the two")                   \
	X(NO_PUBLIC_KEY, "no-public-key", false, "give the [Peer] its PublicKey")                 \
	/* Values */                                                                              \
	X(KEY_LENGTH, "key-length", false, "copy the whole key: 44 characters, the last is =")    \
	X(KEY_BASE64, "key-base64", false, "copy the key again, as wg genkey or wg pubkey wrote it") \
	X(PORT, "port", false, "give a port from 0 to 65535")                                     \
	X(FWMARK, "fwmark", false, "give off, or a number from 0 to 4294967295 or 0xffffffff")    \
	X(KEEPALIVE, "keepalive", false, "give off, or 0 to 65535 seconds")                       \
	X(ADDRESS, "address", false, "give an address such as 10.0.0.1/24 or fd00::1/64")         \
	X(PREFIX_LENGTH, "prefix-length", false, "give the length of the prefix, such as /24")    \
	X(NETMASK, "netmask", false, "give the length of the prefix instead, such as /24")        \
	X(ADDRESS_TWICE, "address-twice", false, "take one of the two out")                       \
	X(ENDPOINT, "endpoint", false, "give HOST:PORT, or [IPV6-ADDRESS]:PORT")                  \
	X(ENDPOINT_PORT, "endpoint-port", false, "put a colon and the port after the host")       \
	X(ENDPOINT_TWO, "endpoint-two", false, "leave one host and one port")                     \
	X(ENDPOINT_SCHEME, "endpoint-scheme", false, "leave HOST:PORT only")                      \
	X(ENDPOINT_BRACKETS, "endpoint-brackets", false, "write [IPV6-ADDRESS]:PORT")             \
	X(ENDPOINT_ZONE, "endpoint-zone", false, "name an interface of this machine after %")     \
	X(DNS_SERVER, "dns-server", false, "give the server's IPv4 or IPv6 address")              \
	X(DNS_BACKEND_FORM, "dns-backend-form", false, "give the plain address, or use another DNSBackend") \
	X(MTU, "mtu", false, "give an MTU from 68 to 65535 or probe, or take the line out")       \
	X(TABLE, "table", false, "give off, auto, or a table's number or name")                   \
	X(SAVE_CONFIG, "save-config", false, "give true or false")                                \
	X(CHOICE, "choice", false, "give one of the words that the message names")               \
	X(KEY_FILE, "key-file", false, "name a file that holds one key, as wg genkey writes it")  \
	X(KEY_TWICE, "key-twice", false, "leave one of the two")                                  \
	X(ROUTES, "routes", false, "give off, or prefixes such as 10.0.0.0/8")                    \
	X(ROUTE_METRIC, "route-metric", false, "give a number from 1 to 4294967293, or take the line out") \
	X(NETNS, "network-namespace", false, "give a name of `ip netns list', or a path such as /proc/1/ns/net") \
	X(HOOK_TIMEOUT, "hook-timeout", false, "give off, or 1 to 1000000 seconds")               \
	X(QUOTED_HOOK, "quoted-hook", false, "write the command without quotes around it")        \
	/* The whole file */                                                                      \
	X(FILE_NAME, "file-name", false, "name the file INTERFACE.conf, of at most 15 characters") \
	X(FILE_UNREADABLE, "file-unreadable", false, "give a file that can be read")              \
	X(NETNS_DNS, "namespace-dns", false, "name the namespace with `ip netns attach', or take DNS out")   \
	X(FWMARK_RESERVED, "fwmark-reserved", false, "give another FwMark, or none")              \
	X(MTU_IPV6, "mtu-ipv6", false, "give an MTU of 1280 or more, or leave IPv6 out")          \
	X(FILE_READABLE, "file-readable", true, "chmod 600 the file")                             \
	X(FILE_WRITABLE, "file-writable", true, "chmod 600 the file, and give it to root")        \
	X(MTU_IPV6_ADDRESS, "mtu-ipv6-address", true, "give an MTU of 1280 or more, or leave IPv6 out") \
	X(NO_PRIVATE_KEY, "no-private-key", true, "give a PrivateKey, or set one in PreUp")       \
	X(NO_ADDRESS, "no-address", true, "give an Address")                                      \
	X(OWN_KEY, "own-key", true, "give the PublicKey of the other side")                       \
	X(PEER_TWICE, "peer-twice", true, "make one [Peer] of the two")                           \
	X(NO_ALLOWED_IPS, "no-allowed-ips", true, "give the peer its AllowedIPs")                 \
	X(ALLOWED_IP_TWICE, "allowed-ip-twice", true, "leave the prefix to one peer")             \
	X(FAILOVER_ALONE, "failover-alone", true,                                                 \
	  "list the prefix in each peer that is to carry it, or take Failover out")              \
	X(FAILOVER_KEEPALIVE, "failover-keepalive", true, "give the peer PersistentKeepalive = 25") \
	X(EXCLUSION_UNUSED, "exclusion-unused", true, "take it out, or give the peer the prefix around it") \
	X(ROUTES_NOT_ALLOWED, "routes-not-allowed", true, "put the prefix into AllowedIPs, too")  \
	X(ROUTES_UNUSED, "routes-unused", true, "take the line out, or Table = off")              \
	X(HOST_BITS, "host-bits", true, "write the network, or /32 or /128 for one address")      \
	X(ZERO_ADDRESS, "zero-address", true, "write /0 after it, if all addresses are meant")    \
	X(SHORT_ADDRESS, "short-address", true, "write all four numbers, in decimal")             \
	X(ODD_NUMBER, "octal-number", true, "write the number in decimal")                        \
	X(ENDPOINT_AMBIGUOUS, "endpoint-ambiguous", true, "write [IPV6-ADDRESS]:PORT")            \
	X(ENDPOINT_IN_TUNNEL, "endpoint-in-tunnel", true,                                         \
	  "leave the endpoint's address out of AllowedIPs, or use 0.0.0.0/0 or ::/0")             \
	X(DNS_FORM, "dns-form", true, "give the plain address, unless your resolver takes this")  \
	X(DNS_COMMENT, "dns-comment", true, "put a space before a comment, or set DNSBackend = resolved")    \
	X(DNS_NO_SERVER, "dns-no-server", true, "give a server's address too")                    \
	X(DNS_UNUSED, "dns-unused", true, "give DNS servers, or take the line out")               \
	X(DNS_ROUTING, "dns-routing-domain", true, "take the ~ or the domain out, or use systemd-resolved") \
	X(DNS_OPTIONAL, "dns-optional", true, "take DNSRequired out, if names must not be asked elsewhere") \
	X(DNS_UNREACHABLE, "dns-unreachable", true,                                               \
	  "put the server into AllowedIPs, and an Address of its family into [Interface]")        \
	X(LAN_IN_TUNNEL, "lan-in-tunnel", true, "renumber one of the two networks")               \
	X(NETNS_SAME, "namespace-same", true, "take one of the two out")                          \
	X(HOOK_WRITABLE, "hook-writable", true, "let only root write to the program and its folder") \
	X(HOOK_CHARACTER, "hook-character", true, "type the ASCII character")                     \
	X(KILL_SWITCH_PARTIAL, "kill-switch-partial", true,                                       \
	  "put 0.0.0.0/0 and ::/0 into AllowedIPs, or take KillSwitch out")                       \
	X(KILL_SWITCH_NAME, "kill-switch-name", true,                                             \
	  "give the endpoint's address, or put the name into /etc/hosts")                         \
	X(KILL_SWITCH_FORWARD, "kill-switch-forward", true,                                       \
	  "take KillSwitch out, or write Masquerade = into")                                      \
	X(KILL_SWITCH_SSH, "kill-switch-ssh", true, "log in through a tunnel, or from the console") \
	X(FORWARD_OFF, "forward-off", true, "write Forward = yes")                                \
	X(FORWARD_DROPPED, "forward-dropped", true,                                               \
	  "have the firewall accept what comes from the tunnel and what goes into it")

enum wg_conf_code {
	WG_CODE_NONE,
#define WG_CONF_CODE_NAME(name, code, warning, fix) WG_CODE_##name,
	WG_CONF_CODES(WG_CONF_CODE_NAME)
#undef WG_CONF_CODE_NAME
	WG_CODES, /* how many there are, with NONE */
};

struct wg_conf_code_row {
	const char *code;
	bool warning;
	const char *fix; /* what to do, as an order */
};

/* The row of a code other than NONE. */
const struct wg_conf_code_row *wg_conf_code(enum wg_conf_code code);
/* wg_error_set, and notes the code as the error's reason. Returns -1. */
int wg_conf_wrong(struct wg_error *err, enum wg_conf_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif

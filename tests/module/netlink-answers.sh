#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Prints what the WireGuard of this kernel answers to all kinds of messages, as `= ...` lines that netlink.sh
# compares. Nothing in it is random: keys, ports and times are given.
. "$(dirname "$0")/../tool.sh"
alone "$@"
raw=${NETLINK_RAW:-$top/build/tests/module/netlink-raw}
GET=0 SET=1
IFINDEX=1 IFNAME=2 PRIVATE=3 FLAGS=5 PORT=6 FWMARK=7 PEERS=8
KEY=1 PSK=2 PFLAGS=3 ENDPOINT=4 KEEPALIVE=5 RX=7 IPS=9 VERSION=10
FAMILY=1 IP=2 CIDR=3 IPFLAGS=4

hex32() { printf "$1%.0s" 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32; }
base64_of() { printf %s "$1" | tr a-f A-F | basenc --base16 -d | base64; }
pubkey_of() { base64_of "$1" | "$WG" pubkey | base64 -d | od -An -v -tx1 | tr -d ' \n'; }

A=$(hex32 a1) B=$(hex32 b2) C=$(hex32 c3) ME=$(hex32 48) ZERO=$(hex32 00)
own=$(pubkey_of "$ME")

milliseconds()
{
	begun=$(date +%s%N)
	"$@" >/dev/null
	echo $((($(date +%s%N) - begun) / 1000000))
}

answers()
{
	"$@" 2>&1 | sed 's/^/= /'
}

# try NAME CMD FLAGS ATTRIBUTE...
try()
{
	echo "= -- $1"
	shift
	answers "$raw" "$@"
}

# The same, to wg0.
set_() { name=$1; shift; try "$name" $SET ack $IFNAME=s:wg0 "$@"; }
# The same, for one peer with this key.
peer() { name=$1 key=$2; shift 2; set_ "$name" "$PEERS[" "0[" "$KEY=$key" "$@" "]" "]"; }
# The same, one allowed IP of peer A.
ip_() { name=$1; shift; peer "$name" "$A" "$IPS[" "0[" "$@" "]" "]"; }
state() { echo "= state"; answers "$raw" $GET dump $IFNAME=s:wg0; }
tools() { echo "= -- wg $*"; answers "$WG" "$@"; }
fresh() { ip link del wg0 2>/dev/null; ip link add wg0 index 77 type wireguard; }

fresh
state
# Which device.
try "no device" $SET ack
try "both names" $SET ack $IFINDEX=u32:77 $IFNAME=s:wg0
try "by index" $SET ack $IFINDEX=u32:77
try "no such index" $SET ack $IFINDEX=u32:78
try "no such name" $SET ack $IFNAME=s:wg9
try "another kind" $SET ack $IFNAME=s:lo
try "get of no device" $GET dump
try "get by both" $GET dump $IFINDEX=u32:77 $IFNAME=s:wg0
try "get of no such name" $GET dump $IFNAME=s:wg9
try "get of another kind" $GET dump $IFNAME=s:lo
try "get by index" $GET dump $IFINDEX=u32:77
try "get without dump" $GET ack $IFNAME=s:wg0
try "set as dump" $SET dump $IFNAME=s:wg0
try "no such command" 2 ack $IFNAME=s:wg0
try "name of 15" $SET ack $IFNAME=s:123456789012345
try "name of 16" $SET ack $IFNAME=s:1234567890123456
try "name without end" $SET ack $IFNAME=t:wg0
try "empty name" $SET ack $IFNAME=s:
try "negative index" $SET ack $IFINDEX=u32:0xffffffff
# The device's own settings.
set_ "short private key" $PRIVATE=0102
set_ "long private key" "$PRIVATE=${A}00"
set_ "private key" "$PRIVATE=$ME"
set_ "public key is ignored" "4=$A"
set_ "short public key" "4=00"
set_ "flags" $FLAGS=u32:1
# Kernels before and after 6.19 have different numbers for an unknown flag.
either() { "$@" | sed 's/refused: EOPNOTSUPP/refused: EINVAL/'; }
either set_ "unknown flag" $FLAGS=u32:2
set_ "short flags" $FLAGS=u16:1
set_ "port" $PORT=u16:5000
set_ "long port" $PORT=u32:5000
set_ "mark" $FWMARK=u32:0x1234
set_ "short mark" $FWMARK=u8:1
set_ "type 0" 0=00
set_ "unknown attribute" 9=u32:0
set_ "empty peers" "$PEERS[" "]"
set_ "peers without the nested flag" "$PEERS(" "]"
set_ "an integer as peers" $PEERS=u32:0
state
# Peers.
set_ "peer without key" "$PEERS[" "0[" $PFLAGS=u32:0 "]" "]"
set_ "empty peer" "$PEERS[" "0[" "]" "]"
set_ "peer without the nested flag" "$PEERS[" "0(" "$KEY=$A" "]" "]"
peer "short peer key" a1a1
peer "update only, not there" "$A" $PFLAGS=u32:4
peer "remove, not there" "$A" $PFLAGS=u32:1
either peer "unknown flag" "$A" $PFLAGS=u32:8
either peer "unknown and remove" "$A" $PFLAGS=u32:9
peer "unknown attribute" "$A" 11=u32:0
peer "version 2" "$A" $VERSION=u32:2
peer "version 0" "$A" $VERSION=u32:0
state
peer "version 1" "$A" $VERSION=u32:1
peer "myself" "$own"
peer "zeros" "$ZERO"
state
peer "remove zeros" "$ZERO" $PFLAGS=u32:1
state
peer "short preshared key" "$A" "$PSK=01"
peer "preshared key" "$A" "$PSK=$B"
peer "IPv4 endpoint" "$A" $ENDPOINT=02001389c0000201"0000000000000000"
peer "endpoint of 15 bytes" "$A" $ENDPOINT=02001389c0000201"00000000000000"
peer "endpoint of 17 bytes" "$A" $ENDPOINT=02001389c0000203"000000000000000000"
peer "endpoint of no family" "$A" $ENDPOINT=00001389c0000204"0000000000000000"
peer "endpoint of another family" "$A" $ENDPOINT=01001389c0000205"0000000000000000"
peer "IPv6 endpoint cut to 16" "$A" $ENDPOINT=0a001389c0000206"0000000000000000"
peer "IPv4 endpoint with the length of IPv6" "$A" $ENDPOINT=02001389c0000207"0000000000000000000000000000000000000000"
state
peer "IPv6 endpoint" "$B" $ENDPOINT=0a001389"0000000020010db8000000000000000000000001""00000000"
peer "link-local endpoint" "$C" $ENDPOINT=0a001389"00000000fe80000000000000000000000000000100000001"
peer "keepalive" "$A" $KEEPALIVE=u16:25
peer "long keepalive" "$A" $KEEPALIVE=u32:25
peer "counters are ignored" "$A" "$RX=0100000000000000"
peer "short counter" "$A" "$RX=01"
state
peer "no preshared key" "$A" "$PSK=$ZERO"
peer "update only, there" "$A" $PFLAGS=u32:4 $KEEPALIVE=u16:0
# Allowed IPs.
ip_ "allowed" $FAMILY=u16:2 $IP=0a000000 $CIDR=u8:8
ip_ "host bits" $FAMILY=u16:2 $IP=0a010203 $CIDR=u8:16
ip_ "all of IPv4" $FAMILY=u16:2 $IP=00000000 $CIDR=u8:0
ip_ "IPv6" $FAMILY=u16:10 $IP=20010db8000000000000000000000001 $CIDR=u8:64
ip_ "all of IPv6" $FAMILY=u16:10 $IP=00000000000000000000000000000000 $CIDR=u8:0
ip_ "one IPv6" $FAMILY=u16:10 $IP=20010db8000000000000000000000001 $CIDR=u8:128
state
ip_ "cidr 33" $FAMILY=u16:2 $IP=0a000001 $CIDR=u8:33
ip_ "cidr 129" $FAMILY=u16:10 $IP=20010db8000000000000000000000001 $CIDR=u8:129
ip_ "family 3" $FAMILY=u16:3 $IP=0a000001 $CIDR=u8:32
ip_ "short address" $FAMILY=u16:2 $IP=0a00 $CIDR=u8:8
ip_ "address of 5" $FAMILY=u16:2 $IP=0a00000001 $CIDR=u8:8
ip_ "IPv6 as IPv4" $FAMILY=u16:2 $IP=20010db8000000000000000000000001 $CIDR=u8:8
ip_ "IPv4 as IPv6" $FAMILY=u16:10 $IP=0a000001 $CIDR=u8:8
ip_ "no family" $IP=0a000001 $CIDR=u8:32
ip_ "no address" $FAMILY=u16:2 $CIDR=u8:32
ip_ "no mask" $FAMILY=u16:2 $IP=0a000001
ip_ "long family" $FAMILY=u32:2 $IP=0a000001 $CIDR=u8:32
ip_ "empty" 
ip_ "without the nested flag" "0(" "]"
peer "allowed IPs without the nested flag" "$A" "$IPS(" "]"
peer "no allowed IPs" "$A" "$IPS[" "]"
peer "an integer as allowed IPs" "$A" $IPS=u32:0
state
peer "moved" "$B" "$IPS[" "0[" $FAMILY=u16:2 $IP=0a000000 $CIDR=u8:8 "]" "0[" $FAMILY=u16:2 $IP=0b000000 $CIDR=u8:8 "]" "]"
peer "one good, one bad" "$B" "$IPS[" "0[" $FAMILY=u16:2 $IP=0c000000 $CIDR=u8:8 "]" "0[" $FAMILY=u16:2 $IP=0d000000 $CIDR=u8:99 "]" "]"
peer "again, other order" "$A" "$IPS[" "0[" $FAMILY=u16:2 $IP=00000000 $CIDR=u8:0 "]" "]"
state
case $(uname -r) in
5.* | 6.*) ;;
*)
	ip_ "remove" $FAMILY=u16:2 $IP=0a010000 $CIDR=u8:16 $IPFLAGS=u32:1
	ip_ "remove again" $FAMILY=u16:2 $IP=0a010000 $CIDR=u8:16 $IPFLAGS=u32:1
	ip_ "remove with host bits" $FAMILY=u16:10 $IP=20010db8000000000000000000000009 $CIDR=u8:64 $IPFLAGS=u32:1
	ip_ "remove another's" $FAMILY=u16:2 $IP=0b000000 $CIDR=u8:8 $IPFLAGS=u32:1
	ip_ "no flags" $FAMILY=u16:2 $IP=0f000000 $CIDR=u8:8 $IPFLAGS=u32:0
	either ip_ "unknown flag" $FAMILY=u16:2 $IP=0f000000 $CIDR=u8:8 $IPFLAGS=u32:2
	either ip_ "unknown and remove" $FAMILY=u16:2 $IP=0f000000 $CIDR=u8:8 $IPFLAGS=u32:3
	ip_ "short flags" $FAMILY=u16:2 $IP=0f000000 $CIDR=u8:8 $IPFLAGS=u16:1
	ip_ "remove without mask" $FAMILY=u16:2 $IP=0f000000 $IPFLAGS=u32:1
	state
	;;
esac
peer "replace" "$A" $PFLAGS=u32:2 "$IPS[" "0[" $FAMILY=u16:2 $IP=0e000000 $CIDR=u8:8 "]" "]"
peer "replace by none" "$B" $PFLAGS=u32:2
state
peer "remove" "$A" $PFLAGS=u32:1 "$IPS[" "0[" $FAMILY=u16:3 "]" "]"
peer "remove B with a wrong version" "$B" $PFLAGS=u32:1 $VERSION=u32:7
state
# A key that is a peer's.
peer "our next key" "$(pubkey_of "$A")" $KEEPALIVE=u16:5
state
set_ "a peer's key becomes ours" "$PRIVATE=$A"
state
set_ "replace peers" $FLAGS=u32:1 "$PEERS[" "0[" "$KEY=$C" "]" "0[" "$KEY=$B" "]" "0[" "$KEY=$C" $KEEPALIVE=u16:3 "]" "]"
set_ "no key any more" "$PRIVATE=$ZERO"
state
# Up.
fresh
ip link set wg0 up
set_ "port while up" $PORT=u16:5000
ip link add wg1 index 78 type wireguard
try "a port in use, down" $SET ack $IFNAME=s:wg1 $PORT=u16:5000
echo "= $(ip link set wg1 up 2>&1)"
try "another" $SET ack $IFNAME=s:wg1 $PORT=u16:5001
ip link set wg1 up
try "a port in use, up" $SET ack $IFNAME=s:wg1 $PORT=u16:5000 $FWMARK=u32:9
answers "$raw" $GET dump $IFNAME=s:wg1
echo "= $(ss -Huln | awk '{print $4}' | sort | tr '\n' ' ')"
set_ "the same port" $PORT=u16:5000
ip link set wg0 down
echo "= $(ss -Huln | awk '{print $4}' | sort | tr '\n' ' ')"
state
ip link del wg1
# Without the right to.
echo "= -- without CAP_NET_ADMIN"
for cmd in "$GET dump" "$SET ack"; do
	answers setpriv --bounding-set=-net_admin --inh-caps=-net_admin --reuid=65534 --clear-groups "$raw" $cmd $IFNAME=s:wg0
done
# Another namespace may have the link, but not its port.
cat >/run/inside.sh <<EOF
ip link set lo up
touch /run/inside
while [ ! -e /run/moved ]; do sleep 0.1; done
"$raw" $SET ack $IFNAME=s:wg0 $PORT=u16:6000
"$raw" $SET ack $IFNAME=s:wg0 $FWMARK=u32:6
"$raw" $SET ack $IFNAME=s:wg0 "$PRIVATE=$B"
"$raw" $GET dump $IFNAME=s:wg0
EOF
echo "= -- in a namespace of an ordinary user's"
unshare -U -r -n sh /run/inside.sh >/run/inside.out 2>&1 &
inside=$!
wait_for 10 test -e /run/inside
ip link set wg0 netns "$(pgrep -P $inside || echo $inside)" 2>/dev/null || ip link set wg0 netns $inside
touch /run/moved
wait $inside
sed 's/^/= /' /run/inside.out
# The tools.
fresh
cat >/run/conf <<EOF
[Interface]
PrivateKey = $(base64_of "$ME")
ListenPort = 7000
FwMark = 0x77
[Peer]
PublicKey = $(base64_of "$A")
PresharedKey = $(base64_of "$B")
AllowedIPs = 10.0.0.0/24, fd00::/64, 192.168.0.0/16
Endpoint = 192.0.2.1:51820
PersistentKeepalive = 25
[Peer]
PublicKey = $(base64_of "$B")
AllowedIPs = 0.0.0.0/0, ::/0, 10.0.0.7/32
Endpoint = [2001:db8::2]:51820
EOF
for WG in "$WG" $(command -v "$ORACLE_WG" || :); do
	[ "$WG" = "$ORACLE_WG" ] && echo "= -- upstream's"
	tools setconf wg0 /run/conf
	tools show wg0 dump
	tools show wg0
	tools showconf wg0
	sed -i 's/10.0.0.0.24, //; s/FwMark.*//' /run/conf
	tools syncconf wg0 /run/conf
	tools show wg0 dump
	tools set wg0 peer "$(base64_of "$C")" allowed-ips 10.0.0.7/32,10.1.0.0/16 persistent-keepalive 5
	tools set wg0 peer "$(base64_of "$B")" remove
	tools show wg0 dump
	printf '[Peer]\nPublicKey = %s\nAllowedIPs = 10.2.0.0/16\n' "$(base64_of "$C")" >/run/add
	tools addconf wg0 /run/add
	tools show all dump
	tools set wg0 private-key /dev/null listen-port 0 fwmark off
	tools show wg0 dump
	fresh
done
# Many allowed IPs, many peers.
many()
{
	printf '[Peer]\nPublicKey = %s\nAllowedIPs = ' "$(base64_of "$A")"
	seq 0 9999 | awk '{printf "%s10.%d.%d.%d/32", (NR > 1 ? ", " : ""), $1 / 65536, $1 / 256 % 256, $1 % 256}'
	printf '\n'
	seq 1 3000 | awk '{
		printf "[Peer]\nPublicKey = %s\nAllowedIPs = fd00::%x/128, 172.16.%d.%d/32\n", sprintf("A%041d0=", $1), $1, $1 / 256, $1 % 256
	}'
}
many >/run/many
tools addconf wg0 /run/many
echo "= $("$WG" show wg0 dump | sha256sum)"
"$raw" -q $GET dump $IFNAME=s:wg0 | sed 's/messages [0-9]* //; s/parts [0-9]* //; s/ broken//; s/^/= /'
# A hundred thousand peers: how many milliseconds it takes to load and to dump them.
[ -z "${WG_MANY-}" ] || {
	awk 'BEGIN {
		printf "[Interface]\nPrivateKey = SEhISEhISEhISEhISEhISEhISEhISEhISEhISEhISEg=\n"
		for (i = 0; i < 100000; i++)
			printf "[Peer]\nPublicKey = %s\nAllowedIPs = 10.%d.%d.%d/32\n", sprintf("B%041d0=", i), i / 65536, i / 256 % 256, i % 256
	}' >/run/many
	fresh
	echo "setconf $(milliseconds "$WG" setconf wg0 /run/many)"
	echo "again $(milliseconds "$WG" setconf wg0 /run/many)"
	for i in 1 2 3 4 5 6 7; do
		echo "dump $(milliseconds "$WG" show wg0 dump)"
		echo "raw $(milliseconds "$raw" -q $GET dump $IFNAME=s:wg0)"
	done
	echo "remove $(milliseconds ip link del wg0)"
}
ok "answers came"
finish

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What users of the kernel's WireGuard rely on: the link as iproute2 shows it, namespaces, MTU, marks,
# errors that senders see, roaming and loops. For a machine with a WireGuard module, the kernel's own or
# ours: the same must hold of both.
#
#	[ one ] a0 --- veth --- b0 [ two ]      192.0.2.1, fd02::1  192.0.2.2, fd02::2
#	[ one ] wg1 ------------ wg2 [ two ]    10.8.0.1, fd08::1   10.8.0.2, fd08::2
. "$(dirname "$0")/../tool.sh"
alone "$@"
modprobe wireguard 2>/dev/null || :
mkdir -p /run/netns

one() { ip netns exec one "$@"; }
two() { ip netns exec two "$@"; }
key() { "$WG" genkey; }
public() { echo "$1" | "$WG" pubkey; }
fails() { ! "$@"; }
# Prints WORDS, and has failed.
fails_saying() # WORDS COMMAND...
{
	words=$1
	shift
	said=$("$@" 2>&1) && return 1
	echo "$said"
	grep -q -e "$words" <<<"$said"
}
statistic() { ip netns exec "$1" cat "/sys/class/net/$2/statistics/$3"; }

k1=$(key) k2=$(key) psk=$("$WG" genpsk)
p1=$(public "$k1") p2=$(public "$k2")

setup()
{
	ip netns add one && ip netns add two &&
	ip link add a0 netns one type veth peer name b0 netns two &&
	one ip addr add 192.0.2.1/24 dev a0 && two ip addr add 192.0.2.2/24 dev b0 &&
	one ip addr add fd02::1/64 dev a0 nodad && two ip addr add fd02::2/64 dev b0 nodad &&
	one ip link set lo up && two ip link set lo up &&
	one ip link set a0 up && two ip link set b0 up &&
	ip link add wg1 type wireguard && ip link add wg2 type wireguard &&
	ip link set wg1 netns one && ip link set wg2 netns two
}

# Links that are born where they stay, and so have their sockets there.
tunnel()
{
	one ip link add wg1 type wireguard && two ip link add wg2 type wireguard &&
	one "$WG" set wg1 private-key <(echo "$k1") listen-port 1001 \
		peer "$p2" preshared-key <(echo "$psk") allowed-ips 10.8.0.2/32,fd08::2/128 &&
	two "$WG" set wg2 private-key <(echo "$k2") listen-port 1002 \
		peer "$p1" preshared-key <(echo "$psk") allowed-ips 10.8.0.1/32,fd08::1/128 &&
	one ip addr add 10.8.0.1/24 dev wg1 && one ip addr add fd08::1/64 dev wg1 nodad &&
	two ip addr add 10.8.0.2/24 dev wg2 && two ip addr add fd08::2/64 dev wg2 nodad &&
	one ip link set wg1 up && two ip link set wg2 up
}

pings() { one ping -q -c "${2:-3}" -i 0.2 -W 2 "$1"; }

### The link
check "namespaces, and links made in one and moved" setup
check "a name that is taken is refused" fails_saying "File exists" one ip link add wg1 type wireguard
check "its kind is shown" grep -q 'wireguard' <<<"$(one ip -d link show wg1)"
check "udev is told its type" grep -qx DEVTYPE=wireguard <(one cat /sys/class/net/wg1/uevent)
check "MTU 1420, no hardware address, no ARP, point to point" \
	grep -q 'POINTOPOINT,NOARP.* mtu 1420.*' <<<"$(one ip link show wg1)"
check "no queue of its own in front" grep -q 'qdisc noop\|qdisc noqueue' <<<"$(one ip link show wg1)"
# Kernels before 5.12 have no such file.
check "its NAPI is not threaded" one sh -c '[ ! -e "$1" ] || grep -qx 0 "$1"' sh /sys/class/net/wg1/threaded
check "a dump wants the privilege" fails_saying "not permitted" \
	one setpriv --bounding-set -net_admin --inh-caps -net_admin "$WG" show wg1
check "it goes up and is of unknown state" one ip link set wg1 up
check "no address of IPv6 comes by itself" same "" "$(one ip -6 addr show dev wg1)"
check "the port it got is shown" grep -qE '^[0-9]+$' <(one "$WG" show wg1 listen-port)
# Its sockets are where it was born: here.
port=$(one "$WG" show wg1 listen-port)
check "its socket is where it was born" grep -q ":$port " <(ss -ulnH)
check "and not where it is" fails grep -q ":$port " <(one ss -ulnH)
check "down closes it" one ip link set wg1 down
check "closed" fails grep -q ":$port " <(ss -ulnH)
check "it moves back" one ip link set wg1 netns 1 2>/dev/null || ip -n one link set wg1 netns $$
check "links are deleted" sh -c 'ip link del wg1; ip netns exec two ip link del wg2'

### A tunnel
check "a tunnel" tunnel
one "$WG" set wg1 peer "$p2" endpoint 192.0.2.2:1002
check "ping" pings 10.8.0.2
check "ping of IPv6" pings fd08::2
check "the latest handshake is shown" fails grep -qE '\s0$' <(one "$WG" show wg1 latest-handshakes)
check "bytes are counted" fails grep -qE '\s0(\s|$)' <(one "$WG" show wg1 transfer)
check "whoever was spoken to has learnt the endpoint" \
	grep -q '192.0.2.1:1001' <(two "$WG" show wg2 endpoints)
sums()
{
	same "$(one "$WG" show wg1 transfer | cut -f 2-)" \
		"$(statistic one wg1 rx_bytes)	$(statistic one wg1 tx_bytes)"
}
check "the link's statistics are those of its peers" sums
check "large packets" one ping -q -c 3 -i 0.2 -s 4000 10.8.0.2
check "an outer path of IPv6" sh -c "ip netns exec one '$WG' set wg1 peer '$p2' endpoint '[fd02::2]:1002'"
check "ping over it" pings 10.8.0.2
check "and the other side follows" grep -q 'fd02::1' <(two "$WG" show wg2 endpoints)
transfer()
{
	two iperf3 -s -1 -D -B "$1" >/dev/null 2>&1
	sleep 0.5
	one timeout 20 iperf3 -Z -t 1 -c "$@" >/dev/null
}
check "TCP" transfer 10.8.0.2
check "TCP over IPv6" transfer fd08::2
check "TCP the other way" transfer 10.8.0.2 -R
check "UDP" transfer 10.8.0.2 -u -b 0
mtu()
{
	one ip link set wg1 mtu "$1" && two ip link set wg2 mtu "$1" && pings 10.8.0.2 2 &&
	one ping -q -c 2 -i 0.2 -M "do" -s $(($1 - 28)) 10.8.0.2 && transfer 10.8.0.2
}
check "MTU 1280" mtu 1280
check "MTU 1373, which no multiple of 16 fits" mtu 1373
check "MTU 9000 over a path of 1500, whose packets are cut" mtu 9000
one ip link set wg1 mtu 1420
two ip link set wg2 mtu 1420
one "$WG" set wg1 peer "$p2" endpoint 192.0.2.2:1002
check "back over IPv4" pings 10.8.0.2

### What senders are told
check "nobody's address: required key not available" fails_saying "Required key not available" \
	one ping -c 1 -W 1 10.8.0.77
one "$WG" set wg1 peer "$(public "$(key)")" allowed-ips 10.8.0.99/32
check "no endpoint: destination address required" fails_saying "Destination address required" \
	one ping -c 1 -W 1 10.8.0.99
check "a port that is taken is refused" fails_saying "in use" sh -c "
	ip netns exec one ip link add wg9 type wireguard
	ip netns exec one '$WG' set wg9 listen-port 1001
	ip netns exec one ip link set wg9 up"
one ip link del wg9

### Whom packets may come from
one "$WG" set wg1 peer "$p2" allowed-ips 10.8.0.99/32
two ping -c 2 -i 0.2 -W 1 10.8.0.1 >/dev/null 2>&1
check "from another address than allowed: dropped and counted" \
	[ "$(statistic one wg1 rx_frame_errors)" -ge 1 ]
one "$WG" set wg1 peer "$p2" allowed-ips 10.8.0.2/32,fd08::2/128
check "allowed again" pings 10.8.0.2

### Roaming
roam()
{
	two ip addr del 192.0.2.2/24 dev b0 && two ip addr add 192.0.2.22/24 dev b0 &&
	two ping -q -c 3 -i 0.3 -W 2 10.8.0.1 &&
	grep -q '192.0.2.22:1002' <(one "$WG" show wg1 endpoints)
}
check "an address that changes is followed" roam
check "and answered" pings 10.8.0.2
port_change() { two "$WG" set wg2 listen-port 2002 && two ping -q -c 3 -i 0.3 -W 2 10.8.0.1 && pings 10.8.0.2; }
check "a port that changes while it is up is followed" port_change

# A packet for which there is no way: two does not forget the address that one spoke to, which is not the one that
# it would choose. Of addresses of IPv6 it would choose the newest.
keeps_source() # FAMILY ADDRESS/LENGTH ROUTE ENDPOINT
{
	two ip "$1" addr add "$2" dev b0 $([ "$1" = -4 ] || echo nodad) &&
	one "$WG" set wg1 peer "$p2" endpoint "$4:2002" && pings 10.8.0.2 2 &&
	two ip "$1" route del "$3" dev b0 && fails two ping -q -c 2 -i 0.2 -W 1 10.8.0.1 &&
	two ip "$1" route add "$3" dev b0 && two ping -q -c 2 -i 0.2 -W 2 10.8.0.1 &&
	grep -F "$4:2002" <(one "$WG" show wg1 endpoints)
}
check "a route that goes and comes does not change the source" keeps_source -4 192.0.2.33/24 192.0.2.0/24 192.0.2.33
check "nor with IPv6" keeps_source -6 fd02::33/64 fd02::/64 '[fd02::2]'
one "$WG" set wg1 peer "$p2" endpoint 192.0.2.22:2002
check "back" pings 10.8.0.2

### Queues and neighbours below
# The queue has its own counter of what it drops.
drops_below()
{
	errors=$(statistic one wg1 tx_errors) bytes=$(statistic one wg1 tx_bytes)
	one tc qdisc add dev a0 root tbf rate 8kbit burst 20 limit 20
	fails one ping -q -c 2 -i 0.2 -W 1 10.8.0.2
	one tc qdisc show dev a0 | grep tbf && one tc qdisc del dev a0 root &&
	same "$errors" "$(statistic one wg1 tx_errors)" && [ "$(statistic one wg1 tx_bytes)" -gt "$bytes" ]
}
check "what a queue below drops is no error of the tunnel" drops_below
# Who adds a shaper does not tell. To it a super-packet would be one packet, of all of its bytes.
late_shaper()
{
	transfer 10.8.0.2 && one tc qdisc add dev a0 root tbf rate 500mbit burst 64k limit 10000000 && sleep 1.2 &&
	one nft 'add table ip s; add chain ip s o { type filter hook output priority 0; }; add rule ip s o udp sport 1001 meta length > 2000 counter' &&
	transfer 10.8.0.2
	shaped=$(one nft list table ip s)
	one nft delete table ip s
	one tc qdisc del dev a0 root
	echo "$shaped"
	grep -q 'packets 0 ' <<<"$shaped"
}
check "a shaper that is added later gets messages one by one" late_shaper
# Who sends within the tunnel confirms that its neighbour answers: this says nothing of the outer packet's.
confirms()
{
	two nft 'add table netdev c; add chain netdev c i { type filter hook ingress device b0 priority 0; }; add rule netdev c i ether type arp drop' &&
	mac1=$(one cat /sys/class/net/a0/address) mac2=$(two cat /sys/class/net/b0/address) &&
	two ip neigh replace 192.0.2.1 lladdr "$mac1" dev b0 nud permanent &&
	one sysctl -qw net.ipv4.neigh.a0.delay_first_probe_time=1 &&
	one ip neigh replace 192.0.2.22 lladdr "$mac2" dev a0 nud stale
	one /usr/bin/python3 -c '
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(15):
    try:
        s.sendto(b"x", socket.MSG_CONFIRM, ("10.8.0.2", 9))
    except OSError:
        pass
    time.sleep(0.1)'
	state=$(one ip neigh show 192.0.2.22 dev a0)
	two nft delete table netdev c
	two ip neigh del 192.0.2.1 dev b0
	echo "$state"
	grep 'DELAY\|PROBE\|FAILED' <<<"$state"
}
check "a neighbour that the inner sender confirms is not confirmed outside" confirms
check "the neighbour is found again" wait_for 10 pings 10.8.0.2 1

### Marks
mark()
{
	one "$WG" set wg1 fwmark 0x1234 &&
	one nft 'add table ip t; add chain ip t o { type filter hook output priority 0; }; add rule ip t o meta mark 0x1234 counter' &&
	pings 10.8.0.2 && ! one nft list table ip t | grep -q 'packets 0 '
}
check "outer packets have the mark" mark
one nft delete table ip t 2>/dev/null
one "$WG" set wg1 fwmark 0

### A way that leads into the tunnel itself
loop()
{
	one "$WG" set wg1 peer "$p2" endpoint 10.8.0.2:1002
	before=$(statistic one wg1 tx_packets)
	one timeout 5 ping -q -c 3 -i 0.2 -W 1 10.8.0.2
	[ $(($(statistic one wg1 tx_packets) - before)) -lt 100 ]
}
check "a loop ends by itself" loop
one "$WG" set wg1 peer "$p2" endpoint 192.0.2.22:2002
check "and is over once the endpoint is right" pings 10.8.0.2 6
within_another()
{
	two ip link add wg3 type wireguard &&
	two "$WG" set wg3 private-key <(echo "$k3") listen-port 1003 peer "$p1" allowed-ips 10.8.3.1/32 &&
	two ip addr add 10.8.3.2/24 dev wg3 && two ip link set wg3 up && one ip addr add 10.8.3.1/24 dev wg1 &&
	one "$WG" set wg1 peer "$(public "$k3")" allowed-ips 10.8.3.2/32 endpoint 10.8.0.2:1003 && pings 10.8.3.2
}
k3=$(key)
check "a peer may be reached by way of another one of the same link" within_another
one "$WG" set wg1 peer "$(public "$k3")" remove
two ip link del wg3

### A key of our own, keys that change
check "our own key as a peer's is no peer" sh -c "
	ip netns exec one '$WG' set wg1 peer '$p1' allowed-ips 10.9.0.0/24; ! ip netns exec one '$WG' show wg1 peers | grep -qF '$p1'"
other=$(key)
keeps_receiving()
{
	pings 10.8.0.2 1 && received=$(statistic two wg2 rx_packets) &&
	two "$WG" set wg2 private-key <(echo "$other") && fails one ping -q -c 3 -i 0.2 -W 1 10.8.0.2 &&
	[ $(($(statistic two wg2 rx_packets) - received)) -ge 3 ]
}
check "after a new private key what comes under the old session is received, and not answered" keeps_receiving
rekey()
{
	two "$WG" set wg2 private-key <(echo "$other") &&
	one "$WG" set wg1 peer "$p2" remove peer "$(public "$other")" preshared-key <(echo "$psk") \
		allowed-ips 10.8.0.2/32,fd08::2/128 endpoint 192.0.2.22:2002 && pings 10.8.0.2
}
check "another private key" rekey

### What was not sent
dead_peer() # ENDPOINT
{
	dead=$(public "$(key)")
	one "$WG" set wg1 peer "$dead" allowed-ips 10.8.0.98/32 endpoint "$1"
	fails one ping -q -c 3 -i 0.2 -W 1 10.8.0.98
}
not_sent_is_not_counted()
{
	dead_peer 203.0.113.1:9 && sleep 0.5 &&
	same 0 "$(one "$WG" show wg1 transfer | grep -F "$dead" | cut -f 3)"
	not_sent_result=$?
	one "$WG" set wg1 peer "$dead" remove
	return $not_sent_result
}
check "an initiation that has no way is not counted as sent" not_sent_is_not_counted
staged_is_counted()
{
	dead_peer 192.0.2.22:9 && dropped=$(statistic one wg1 tx_dropped) &&
	one ip link set wg1 down && one ip link set wg1 up &&
	[ $(($(statistic one wg1 tx_dropped) - dropped)) -ge 3 ]
	staged_result=$?
	one "$WG" set wg1 peer "$dead" remove
	return $staged_result
}
check "packets that waited when the link went down are counted as dropped" staged_is_counted

### Down and up, persistent keepalive
check "down and up: a new session by itself" sh -c "
	ip netns exec one ip link set wg1 down; ip netns exec one ip link set wg1 up
	ip netns exec one ping -q -c 5 -i 0.3 -W 2 10.8.0.2"
keepalive()
{
	before=$(statistic two wg2 rx_packets)
	one "$WG" set wg1 peer "$(public "$other")" persistent-keepalive 1
	sleep 3.5
	[ $(($(statistic two wg2 rx_packets) - before)) -ge 2 ]
}
check "persistent keepalive" keepalive
one "$WG" set wg1 peer "$(public "$other")" persistent-keepalive 0
key_comes_last()
{
	one ip link add wg4 type wireguard &&
	one "$WG" set wg4 peer "$p1" endpoint 192.0.2.2:9 persistent-keepalive 25 && one ip link set wg4 up &&
	sleep 0.5 && same 0 "$(one "$WG" show wg4 transfer | cut -f 3)" &&
	one "$WG" set wg4 private-key <(key) && sleep 0.5 && same 148 "$(one "$WG" show wg4 transfer | cut -f 3)"
}
check "a private key that comes last is used at once" key_comes_last
one ip link del wg4

### ECN and DSCP
ecn()
{
	two nft 'add table netdev t; add chain netdev t i { type filter hook ingress device b0 priority 0; }; add rule netdev t i ip dscp 0 ip ecn 2 udp dport 2002 counter' &&
	one ping -q -c 3 -i 0.2 -Q 0xba 10.8.0.2 && ! two nft list table netdev t | grep -q 'packets 0 '
}
check "ECN goes outside, DSCP does not" ecn

### Namespaces that end
births_end()
{
	ip netns add birth && ip netns exec birth ip link add wgb type wireguard &&
	ip netns exec birth ip link set wgb netns one && one "$WG" set wgb listen-port 3003 private-key <(key) &&
	one ip link set wgb up && ip netns del birth && sleep 1 &&
	one ip link show wgb >/dev/null && one "$WG" show wgb >/dev/null && one ip link del wgb
}
check "the namespace a link was born in ends: the link stays where it is" births_end
away()
{
	ip netns add away && ip link add wga type wireguard && ip link set wga netns away &&
	ip netns exec away ip link set wga up && ip netns del away && sleep 1 && fails ip link show wga
}
check "a link goes with the namespace it is in" away
many()
{
	for i in $(seq 40); do ip link add "m$i" type wireguard && ip link set "m$i" up || return; done
	for i in $(seq 40); do ip link del "m$i" || return; done
}
check "many links" many

### What the log says to whoever asks
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
control=/sys/kernel/debug/dynamic_debug/control
tells()
{
	echo "module wireguard +p" >$control && one ip link set wg1 down && one ip link set wg1 up &&
	one ping -q -c 3 -i 0.3 -W 2 10.8.0.2
	echo "module wireguard -p" >$control
	dmesg | tail -n 50 | grep -E 'wireguard: wg1: .*(192\.0\.2\.|fd02::)'
}
# Not every kernel has it.
[ ! -e $control ] || check "handshakes are in the log where dynamic debugging is on" tells

### The end
unload()
{
	one ping -q -f -w 3 10.8.0.2 >/dev/null 2>&1 &
	sleep 0.5
	one ip link del wg1 && two ip link del wg2 && modprobe -r wireguard
	wait
	[ ! -e /sys/module/wireguard ] && modprobe wireguard
}
check "it unloads under traffic, and loads again" unload
check "the version of the module is there" grep -q . /sys/module/wireguard/version
ip netns del one
ip netns del two
finish

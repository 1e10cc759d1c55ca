#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Loops end: the outer packets of tunnels that are routed into each other go round a bounded number of
# times, whatever their size, family and origin; and tunnels inside each other that are no loop work.
# For a machine with a WireGuard module.
#
#	[ near ] v0 192.0.2.1 fdaa::1 --- veth --- v1 192.0.2.2 fdaa::2 [ far ]
#	[ near ] wgN 10.N.0.1 fd00:N::1 ---------- wgN 10.N.0.2 fd00:N::2 [ far ]	N: 1, 2, 3
. "$(dirname "$0")/../tool.sh"
alone "$@"
modprobe wireguard 2>/dev/null || :
mkdir -p /run/netns

# The script's own namespace is near: programs start slowly in some machines.
near() { "$@"; }
far() { ip netns exec far "$@"; }
public() { echo "$1" | "$WG" pubkey; }

# tunnel N [ENDPOINT]: wgN in both namespaces.
tunnel()
{
	n=$1
	near ip link add "wg$n" type wireguard && far ip link add "wg$n" type wireguard &&
	near "$WG" set "wg$n" private-key <(echo "$knear") listen-port $((1000 + n)) peer "$pfar" \
		allowed-ips "10.$n.0.0/16,fd00:$n::/32" endpoint "${2:-192.0.2.2}:$((2000 + n))" &&
	far "$WG" set "wg$n" private-key <(echo "$kfar") listen-port $((2000 + n)) peer "$pnear" \
		allowed-ips "10.$n.0.1/32,fd00:$n::1/128,172.16.0.0/16" &&
	near ip addr add "10.$n.0.1/16" dev "wg$n" && far ip addr add "10.$n.0.2/16" dev "wg$n" &&
	near ip addr add "fd00:$n::1/32" dev "wg$n" nodad && far ip addr add "fd00:$n::2/32" dev "wg$n" nodad &&
	near ip link set "wg$n" up && far ip link set "wg$n" up &&
	near ping -q -c 2 -i 0.2 -W 3 "10.$n.0.2"
}
setup()
{
	ip netns add far && ip link add v0 type veth peer name v1 netns far &&
	near ip addr add 192.0.2.1/24 dev v0 && far ip addr add 192.0.2.2/24 dev v1 &&
	near ip addr add fdaa::1/64 dev v0 nodad && far ip addr add fdaa::2/64 dev v1 nodad &&
	for side in near far; do $side ip link set lo up || return; done &&
	near ip link set v0 up && far ip link set v1 up
}
fresh()
{
	for n in 1 2 3; do
		near ip link del "wg$n" 2>/dev/null || :
		far ip link del "wg$n" 2>/dev/null || :
	done
	tunnel 1 && tunnel 2 && tunnel 3
}
endpoint() { near "$WG" set "wg$1" peer "$pfar" endpoint "$2:$((2000 + $1))"; } # N ADDRESS
# Sessions end after three minutes, and in a loop no handshake renews them: each loop has new ones.
afresh() # [N ADDRESS]...: three tunnels, of which these have such an endpoint once they are up
{
	check "three tunnels${1:+, then $*}" fresh
	while [ $# != 0 ]; do
		endpoint "$1" "$2"
		shift 2
	done
}
bytes() # LINK...: sets `sum` to what these links sent
{
	sum=0
	for n; do
		read -r of_one <"/sys/class/net/wg$n/statistics/tx_bytes"
		sum=$((sum + of_one))
	done
}

# loop BYTES LINKS COMMAND...: after COMMAND, which sends BYTES into a loop of LINKS, the links are
# silent half a second later, and sent at most 40 times as much. An initiation goes round the loop, too,
# every five seconds, so the links need to be silent in one of three looks only. Packets that went round
# without end would be seen by each.
loop()
{
	size=$1 links=$2
	shift 2
	bytes $links
	before=$sum
	"$@" >/dev/null 2>&1
	sleep 0.4
	bytes $links
	after=$sum end=$sum
	for _ in 1 2 3; do
		last=$end
		sleep 0.4
		bytes $links
		end=$sum
		[ $((end - last)) -ge 1000 ] || break
	done
	echo "$((after - before)) bytes for $size, $((end - last)) later"
	[ $((end - last)) -lt 1000 ] && [ $((after - before)) -lt $((40 * (size + 200))) ] && [ "$after" -gt "$before" ]
}
ping4() { near ping -c 1 -W 0.2 -s "$1" "$2"; }
ping6() { near ping -6 -c 1 -W 0.2 -s "$1" "$2"; }
# One super-packet of UDP, 40 datagrams of 1200 bytes.
gso()
{
	near /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_UDP, 103, 1200)
s.sendto(bytes(48000), (sys.argv[1], 9))' "$1"
}
# What fits, what the second tunnel makes too long, what is two packets, and very many. The sizes
# between them are tried once.
sizes="56 1300 1472 65000"
all_sizes() # LINKS PING ADDRESS
{
	for s in $sizes; do
		loop "$s" "$1" "$2" "$s" "$3" || { echo "at $s bytes"; return 1; }
	done
}

knear=$("$WG" genkey) kfar=$("$WG" genkey)
pnear=$(public "$knear") pfar=$(public "$kfar")
check "two namespaces" setup
afresh

### Nesting that is no loop
endpoint 2 10.1.0.2
check "a tunnel in a tunnel" near ping -q -c 3 -i 0.2 -W 2 -s 3000 10.2.0.2
endpoint 3 10.2.0.2
check "a tunnel in a tunnel in a tunnel" near ping -q -c 3 -i 0.2 -W 2 -s 3000 10.3.0.2
### Two links
afresh 1 10.2.0.9 2 10.1.0.9
sizes="500 9000 $sizes"
check "two links, IPv4, all sizes" all_sizes "1 2" ping4 10.1.0.9
sizes=${sizes#500 9000 }
check "two links, a super-packet" loop 48000 "1 2" gso 10.1.0.9
check "two links, a flood" loop $((200 * 1028)) "1 2" near ping -q -f -c 200 -s 1000 -W 0.1 -w 5 10.1.0.9
afresh 1 '[fd00:2::9]' 2 '[fd00:1::9]'
check "two links, IPv6, all sizes" all_sizes "1 2" ping6 fd00:1::9
afresh 1 '[fd00:2::9]' 2 10.1.0.9
check "two links, both families, all sizes" all_sizes "1 2" ping4 10.1.0.9

### Three links
afresh 1 10.2.0.9 2 10.3.0.9 3 10.1.0.9
check "three links, all sizes" all_sizes "1 2 3" ping4 10.1.0.9

### What is forwarded into the loop
forwarded()
{
	ip netns add src && ip link add s0 netns src type veth peer name s1 &&
	ip netns exec src ip addr add 172.16.0.2/24 dev s0 && near ip addr add 172.16.0.1/24 dev s1 &&
	ip netns exec src ip link set s0 up && near ip link set s1 up &&
	ip netns exec src ip route add default via 172.16.0.1 &&
	near sysctl -qw net.ipv4.ip_forward=1
}
from_src() { ip netns exec src ping -M dont -c 1 -W 0.2 -s "$1" "$2"; }
afresh 1 10.2.0.9 2 10.1.0.9
check "a namespace behind" forwarded
check "what is forwarded, all sizes" all_sizes "1 2" from_src 10.1.0.9

### A small MTU, of which all packets become many
near ip link set wg1 mtu 120
near ip link set wg2 mtu 120
# The buffer that ping asks for by itself does not hold so many packets.
check "small MTU" loop 20000 "1 2" near ping -S 200000 -c 1 -W 0.2 -s 1000 10.1.0.9
near ip link set wg1 mtu 1420
near ip link set wg2 mtu 1420

### A queue in front of a link
afresh 1 10.2.0.9 2 10.1.0.9
if near tc qdisc add dev wg1 root netem delay 20ms 2>/dev/null; then
	check "a queue that delays, all sizes" all_sizes "1 2" ping4 10.1.0.9
	near tc qdisc del dev wg1 root
fi

### By way of another namespace, which forwards
by_veth()
{
	ip netns add mid && ip link add m0 type veth peer name m1 netns mid &&
	near ip addr add 198.51.100.1/24 dev m0 && ip netns exec mid ip addr add 198.51.100.2/24 dev m1 &&
	near ip link set m0 up && ip netns exec mid ip link set m1 up &&
	ip netns exec mid sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.m1.rp_filter=0 net.ipv4.conf.all.send_redirects=0 &&
	near sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.m0.rp_filter=0 net.ipv4.conf.all.accept_local=1 \
		net.ipv4.conf.all.send_redirects=0 &&
	near ip route add 10.1.9.0/24 via 198.51.100.2 && ip netns exec mid ip route add 10.1.9.0/24 via 198.51.100.1 &&
	near ip route add 10.1.9.0/24 dev wg1 table 77 && near ip rule add iif m0 table 77 &&
	endpoint 2 10.1.9.9
}
afresh 1 10.2.0.9
check "a namespace that sends back" by_veth
check "by way of another namespace, all sizes" all_sizes "1 2" ping4 10.1.0.9

### Peers of one link
peers_of_one()
{
	k3=$("$WG" genkey) &&
	far ip link add wg7 type wireguard &&
	far "$WG" set wg7 private-key <(echo "$k3") listen-port 2007 peer "$pnear" allowed-ips 10.7.0.1/32 &&
	far ip addr add 10.7.0.2/16 dev wg7 && far ip link set wg7 up &&
	near "$WG" set wg1 peer "$(public "$k3")" allowed-ips 10.7.0.0/16 endpoint 192.0.2.2:2007 &&
	near ip addr add 10.7.0.1/16 dev wg1 && near ping -q -c 2 -i 0.2 -W 2 10.7.0.2 &&
	near ping -q -c 2 -i 0.2 -W 2 10.1.0.2 &&
	near "$WG" set wg1 peer "$(public "$k3")" endpoint 10.1.0.9:2007 && endpoint 1 10.7.0.9
}
near ip rule del iif m0 table 77
near ip route del 10.1.9.0/24 via 198.51.100.2
afresh
check "two peers of one link" peers_of_one
check "two peers of one link, all sizes" all_sizes 1 ping4 10.7.0.9

### Links in two namespaces
across()
{
	fresh && ip netns add other &&
	near ip link set wg2 netns other && ip netns exec other ip addr add 10.2.0.1/16 dev wg2 &&
	ip netns exec other ip link set wg2 up && ip netns exec other ping -q -c 2 -i 0.2 -W 2 10.2.0.2 &&
	ip netns exec other ip link add wg8 type wireguard && far ip link add wg8 type wireguard &&
	ip netns exec other "$WG" set wg8 private-key <(echo "$knear") listen-port 1008 peer "$pfar" \
		allowed-ips 10.8.0.0/16 endpoint 10.2.0.2:2008 &&
	far "$WG" set wg8 private-key <(echo "$kfar") listen-port 2008 peer "$pnear" allowed-ips 10.8.0.1/32 &&
	ip netns exec other ip link set wg8 netns $$ && near ip addr add 10.8.0.1/16 dev wg8 &&
	far ip addr add 10.8.0.2/16 dev wg8 && near ip link set wg8 up && far ip link set wg8 up &&
	near ping -q -c 2 -i 0.2 -W 3 10.8.0.2
}
check "a tunnel in a tunnel, in two namespaces" across
ip netns exec other "$WG" set wg2 peer "$pfar" endpoint 10.8.0.9:2002
check "links in two namespaces, all sizes" all_sizes 8 ping4 10.8.0.9

### After all that
endpoint 1 192.0.2.2
sleep 1
check "without loops the tunnel works as before" near ping -q -c 3 -i 0.2 -W 2 -s 3000 10.1.0.2

### Deep nesting
ip -n other link del wg2
for n in 1 2 3; do near ip link del wg$n 2>/dev/null; far ip link del wg$n; done
nested_deeply()
{
	tunnel 1 || return
	for n in 2 3 4 5 6; do tunnel $n 10.$((n - 1)).0.2 || return; done
	near ping -q -c 3 -i 0.2 -W 2 -s 3000 10.6.0.2
}
check "six tunnels inside each other" nested_deeply

check "the module is unloaded" eval 'for n in 1 2 3 4 5 6; do ip link del wg$n; done; ip -all netns delete; sleep 1; modprobe -r wireguard'
finish

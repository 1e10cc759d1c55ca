#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# MTU = probe against a narrow link behind a router:
#
#	[ this namespace ] --- 1500 --- mid --- narrow --- far
#
# Routers that tell and routers that do not, hosts that answer echo requests and hosts that do not.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
mkdir -p /run/conf /run/netns
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
for ns in mid far; do
	ip netns add $ns
	ip -n $ns link set lo up
	ip netns exec $ns sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
done
ip link add near type veth peer name mid0 netns mid
ip -n mid link add mid1 type veth peer name far0 netns far
ip link set near up
for link in mid0 mid1; do ip -n mid link set $link up; done
ip -n far link set far0 up
ip netns exec mid sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
	net.ipv6.icmp.ratelimit=0
ip address add 192.0.2.1/24 dev near
ip address add fd02::1/64 dev near
ip -n mid address add 192.0.2.254/24 dev mid0
ip -n mid address add fd02::fe/64 dev mid0
ip -n mid address add 198.51.100.254/24 dev mid1
ip -n mid address add fd05::fe/64 dev mid1
ip -n far address add 198.51.100.2/24 dev far0
ip -n far address add fd05::2/64 dev far0
ip route add default via 192.0.2.254
ip -6 route add default via fd02::fe
ip -n far route add default via 198.51.100.254
ip -n far -6 route add default via fd05::fe
ip netns exec mid nft -f - <<'END'
table inet silent {
	chain output {
		type filter hook output priority 0;
	}
}
END
ip netns exec far nft add table inet silent
ip netns exec far nft add chain inet silent input '{ type filter hook input priority 0; }'
# The router does not tell; the host does not answer.
router_silent()
{
	ip netns exec mid nft add rule inet silent output icmp type destination-unreachable drop
	ip netns exec mid nft add rule inet silent output icmpv6 type packet-too-big drop
}
host_silent()
{
	ip netns exec far nft add rule inet silent input icmp type echo-request drop
	ip netns exec far nft add rule inet silent input icmpv6 type echo-request drop
}
speak()
{
	ip netns exec mid nft flush chain inet silent output
	ip netns exec far nft flush chain inet silent input
}

# mtu ENDPOINT NARROW: the MTU of wgq after `up`; what was said is in /run/said.
mtu()
{
	ip -n mid link set mid1 mtu "$2"
	ip -n far link set far0 mtu "$2"
	ip route flush cache
	ip -6 route flush cache
	printf '%s\n' "[Interface]" "PrivateKey = $KEY" "MTU = ${3-probe}" "[Peer]" "PublicKey = $PEER" \
		"AllowedIPs = 10.9.0.0/16" "Endpoint = $1:5000" >/run/conf/wgq.conf
	chmod 600 /run/conf/wgq.conf
	mtu_began=$(date +%s%N)
	"$Q" up /run/conf/wgq.conf 2>/run/said
	echo "took $((($(date +%s%N) - mtu_began) / 1000000)) ms" >>/run/said
	cat /sys/class/net/wgq/mtu
	"$Q" reload /run/conf/wgq.conf >>/run/reloaded 2>&1
	"$Q" status /run/conf/wgq.conf >/dev/null || echo "status differs"
	"$Q" down /run/conf/wgq.conf 2>/dev/null
}
: >/run/reloaded
check "a way of 1500" same 1420 "$(mtu 198.51.100.2 1500)"
check "nothing is said of it" sh -c '! grep -q "MTU = probe" /run/said'
check "a way of 1400" same 1320 "$(mtu 198.51.100.2 1400)"
check "a way of 1400, IPv6" same 1320 "$(mtu '[fd05::2]' 1400)"
check "without probe, nobody is asked" same 1420 "$(mtu 198.51.100.2 1400 '')"
router_silent
check "a router that does not tell" same 1320 "$(mtu 198.51.100.2 1400)"
check "a router that does not tell, IPv6" same 1320 "$(mtu '[fd05::2]' 1400)"
check "a way of an unusual MTU, to 8 bytes" same 1328 "$(mtu 198.51.100.2 1413)"
host_silent
check "neither tells: as without probe" same 1420 "$(mtu 198.51.100.2 1400)"
check "and that is said" grep -q "MTU = probe: none of the endpoints answers" /run/said
speak
host_silent
check "a host that does not answer behind a router that tells" same 1320 "$(mtu 198.51.100.2 1400)"
check "the same for IPv6" same 1320 "$(mtu '[fd05::2]' 1400)"
check "reload asks nobody and changes nothing" same "" "$(cat /run/reloaded)"
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What wg-tun does with the network below it: congestion marks, routes, packets that are too large,
# destinations that nobody has, and how it counts. Source addresses: uplinks.sh.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
PAIR=p

begin()
{
	pair_make
	for side in l r; do
		start $side ours && configure $side "$@"
	done
	ping_inner l -c 2 -i 0.2 -W 2 >/dev/null
}

end()
{
	for side in l r; do
		stop $side
	done
	pair_delete
}

# rule SIDE HOOK RULE...
rule()
{
	rule_side=$1 rule_hook=$2
	shift 2
	on "$rule_side" nft "add table inet t; add chain inet t $rule_hook { type filter hook $rule_hook priority 0; }; add rule inet t $rule_hook $*"
}

counted() # SIDE
{
	on "$1" nft list table inet t | sed -n 's/.*counter packets \([0-9]*\).*/\1/p' | tr '\n' ' '
}

no_rules()
{
	for side in l r; do
		on $side nft delete table inet t 2>/dev/null
	done
	:
}

# --- congestion marks (RFC 6040) ---

copies_marks()
{
	rule l output "udp dport 51822 $1 ecn ect0 counter"
	ping_inner l -c 3 -i 0.2 -W 2 -Q 2 || return
	same "3 " "$(counted l)"
}

# A router marks the outer packets; the inner ones were able to bear it.
combines_marks()
{
	rule l output "udp dport 51822 $1 ecn set ce"
	rule r input "iifname pr ip ecn ce counter"
	ping_inner l -c 3 -i 0.2 -W 2 -Q 2 || return
	same "3 " "$(counted r)"
}

# The inner ones were not: RFC 6040 drops them, the kernel's WireGuard delivers them unmarked.
delivers_unmarked()
{
	rule l output "udp dport 51822 $1 ecn set ce"
	rule r input "iifname pr ip ecn not-ect counter"
	ping_inner l -c 3 -i 0.2 -W 2 || return
	same "3 " "$(counted r)"
}

# Of data; handshakes have one of their own.
no_dscp()
{
	rule l output "udp dport 51822 @th,64,8 4 $1 dscp cs0 counter"
	ping_inner l -c 3 -i 0.2 -W 2 -Q 0xb8 || return
	same "3 " "$(counted l)"
}

# --- sizes ---

# Fragments below: the inner packet must not notice, and GSO cannot be used.
small_link()
{
	ip -n $PAIR-l link set l0 mtu 1300
	ip -n $PAIR-r link set r0 mtu 1300
	ping_inner l -c 2 -i 0.2 -W 2 -M do -s 1392 || return
	ip netns exec $PAIR-r timeout 30 "$HELPERS/bench/stream" sink 10.8.0.2 5001 2 check &
	small_sink=$!
	on l timeout 30 "$HELPERS/bench/stream" send 10.8.0.2 5001 2 10M && wait $small_sink
}

# --- nobody's ---

unreachable()
{
	on l ping -c 1 -W 2 "$@" >/run/out
	grep -q 'Destination Host Unreachable\|Address unreachable' /run/out || {
		cat /run/out
		return 1
	}
}

nobody()
{
	on l ip route add 10.9.0.0/24 dev pl
	on l ip -6 route add fd09::/64 dev pl
	unreachable 10.9.0.1 && unreachable -6 fd09::1
}

no_endpoint()
{
	on l "$WG" set pl peer "$("$WG" genkey | "$WG" pubkey)" allowed-ips 10.9.0.2/32
	unreachable 10.9.0.2
}

wrong_source()
{
	on l ip address add 10.7.0.1/32 dev lo
	rule r input "iifname pr ip saddr 10.7.0.1 counter"
	on l ping -c 1 -W 1 -I 10.7.0.1 10.8.0.2
	same "0 " "$(counted r)"
}

# --- ways ---

# Packets come by one link, and the route back leaves by another.
two_links()
{
	ip -n $PAIR-l link add l1 type veth peer name r1 netns $PAIR-r
	for side in l r; do
		ip -n $PAIR-$side link set ${side}1 up
		ip -n $PAIR-$side address add "198.51.100.$(number $side)/24" dev ${side}1
		on $side sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.${side}0.rp_filter=0 \
			net.ipv4.conf.${side}1.rp_filter=0
	done
	# From the left by link 1 to the address of link 0; back by link 0.
	ip -n $PAIR-l route add 192.0.2.2/32 via 198.51.100.2 dev l1 src 192.0.2.1
	ping_inner l -c 3 -i 0.2 -W 2
}

# --- statistics ---

# An echo of 56 bytes is 84 with its headers, 96 padded, 128 as a message.
counts()
{
	counts_tx=$(on l "$WG" show pl transfer | cut -f 3)
	counts_rx=$(on r "$WG" show pr transfer | cut -f 2)
	ping_inner l -c 5 -i 0.1 -W 2 || return
	same 640 $(($(on l "$WG" show pl transfer | cut -f 3) - counts_tx)) &&
		same 640 $(($(on r "$WG" show pr transfer | cut -f 2) - counts_rx))
}

for family in 4 6; do
	ip=ip
	[ $family = 4 ] || ip=ip6
	begin $family
	check "IPv$family: a mark of the inner packet is on the outer one" copies_marks $ip
	no_rules
	check "IPv$family: congestion below is told to who understands" combines_marks $ip
	no_rules
	check "IPv$family: a mark costs no packet that is not ECN-capable" delivers_unmarked $ip
	no_rules
	check "IPv$family: the class of the inner packet is not told" no_dscp $ip
	no_rules
	check "IPv$family: statistics count whole messages" counts
	check "IPv$family: packets that are too large below are fragmented" small_link
	end
done
begin
check "a destination that nobody has is unreachable" nobody
check "a peer without an endpoint is unreachable" no_endpoint
check "a peer speaks for its own addresses only" wrong_source
no_rules
check "the way back may be another one" two_links
end
finish

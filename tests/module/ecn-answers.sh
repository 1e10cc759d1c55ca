#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Prints what becomes of a packet with each combination of outer and inner congestion marks (RFC 6040), as
# `= ...` lines that as-in-tree.sh compares: marks are put on the outer packet by the sender's firewall and
# counted on the inner one by the receiver's.
#
#	[ one ] a0 192.0.2.1 fd02::1 --- veth --- b0 192.0.2.2 fd02::2 [ two ]
#	[ one ] wg1 10.8.0.1 fd08::1 ------------ wg2 10.8.0.2 fd08::2 [ two ]
. "$(dirname "$0")/../tool.sh"
alone "$@"
modprobe wireguard 2>/dev/null || :
mkdir -p /run/netns

one() { ip netns exec one "$@"; }
two() { ip netns exec two "$@"; }
names="not-ect ect1 ect0 ce"

tunnel()
{
	k1=$("$WG" genkey) k2=$("$WG" genkey)
	p1=$(echo "$k1" | "$WG" pubkey) p2=$(echo "$k2" | "$WG" pubkey)
	ip netns add one && ip netns add two && ip link add a0 netns one type veth peer name b0 netns two &&
	one ip addr add 192.0.2.1/24 dev a0 && two ip addr add 192.0.2.2/24 dev b0 &&
	one ip addr add fd02::1/64 dev a0 nodad && two ip addr add fd02::2/64 dev b0 nodad &&
	one ip link set lo up && two ip link set lo up && one ip link set a0 up && two ip link set b0 up &&
	one ip link add wg1 type wireguard && two ip link add wg2 type wireguard &&
	one "$WG" set wg1 private-key <(echo "$k1") listen-port 1001 peer "$p2" \
		allowed-ips 10.8.0.2/32,fd08::2/128 endpoint "$1" &&
	two "$WG" set wg2 private-key <(echo "$k2") listen-port 1002 peer "$p1" allowed-ips 10.8.0.1/32,fd08::1/128 &&
	one ip addr add 10.8.0.1/24 dev wg1 && one ip addr add fd08::1/64 dev wg1 nodad &&
	two ip addr add 10.8.0.2/24 dev wg2 && two ip addr add fd08::2/64 dev wg2 nodad &&
	one ip link set wg1 up && two ip link set wg2 up && one ping -q -c 2 -i 0.2 -W 3 10.8.0.2
}

# Prints how many packets came out with each mark so far: IPv4 not-ect, ect1, ect0, ce, then IPv6.
count_marks()
{
	two nft list chain inet q i | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p' | tr '\n' ' '
}

firewall()
{
	echo 'table inet q { chain i { type filter hook input priority 0; iifname != "wg2" accept;' >/run/rules
	for family in ip ip6; do
		for mark in $names; do
			echo "meta l4proto { icmp, icmpv6 } $family ecn $mark counter;"
		done
	done >>/run/rules
	echo '}; }' >>/run/rules
	two nft -f /run/rules && one nft 'table inet q { chain o { type filter hook output priority 0; }; }'
}

combinations() # OUTER-FAMILY
{
	for outer in $names; do
		one nft flush chain inet q o
		one nft add rule inet q o udp dport 1002 "$1" ecn set "$outer"
		for inner in 0 1 2 3; do
			for to in 10.8.0.2 fd08::2; do
				before=$(count_marks)
				one ping -q -c 1 -W 1 -Q $inner $to >/dev/null 2>&1
				echo "$before $(count_marks)" | awk -v "of=outer $1 $outer, inner $inner to $to:" '
					{ printf "= %s", of; for (i = 1; i <= 8; i++) printf " %d", $(i + 8) - $i; print "" }'
			done
		done
	done
}

for outer_family in ip ip6; do
	[ $outer_family = ip ] && to=192.0.2.2:1002 || to='[fd02::2]:1002'
	check "a tunnel, outer $outer_family" tunnel "$to"
	check "counters of marks, outer $outer_family" firewall
	combinations $outer_family
	ip netns del one
	ip netns del two
	sleep 0.5
done
finish

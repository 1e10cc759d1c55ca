#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# src/lib/net/rtnl*.c against iproute2: the same changes by `ip` and by us, in two fresh namespaces with
# one veth pair each, must leave the same addresses, routes, rules and link.
. "$(dirname "$0")/../tool.sh"
TOOL="${NET_TOOL:-$top/build/tests/netns/net-tool}"
T="timeout 20 $TOOL"

# Everything that rtnetlink shows, but what differs from one namespace to the next by itself.
picture()
{
	for picture_family in 4 6; do
		ip -$picture_family -j -d address show dev t0
		ip -$picture_family -j -d route show table all
		ip -$picture_family -j -d rule show
	done | sed -E 's/"(ifindex|link_index)":[0-9]+/\1/g; s/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g;
		s/fe80::[0-9a-f:]+/LL/g'
	ip -j link show t0 | sed -E 's/.*"mtu":([0-9]+).*/mtu \1/'
}

pair()
{
	sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.addr_gen_mode=1
	ip link add t0 type veth peer name t1
	ip link set t1 up
}

# With the protocol that `ip` uses.
by_us()
{
	pair && $T link-up t0 1420 && sleep 0.3 &&
	$T addr-add t0 10.66.0.2/24 , addr-add t0 10.77.0.3/32 , addr-add t0 fd66::2/64 , \
		addr-add t0 fd77::5 &&
	$T route-add 10.9.0.0/16 t0 254 3 , route-add 10.8.0.0/16 t0 51820 3 , \
		route-add 0.0.0.0/0 t0 200 3 , route-add fd09::/16 t0 254 3 , \
		route-add ::/0 t0 51820 3 &&
	$T rule-add 4 0 0 51820 51820 - not , rule-add 4 0 0 254 - 0 , \
		rule-add 6 0 0 51820 51820 - not , rule-add 6 0 0 254 - 0 &&
	$T rule-add 4 99 1234 7 0 - , rule-add 4 99 1235 300 0xff -
}

by_ip()
{
	pair && ip link set mtu 1420 up dev t0 && sleep 0.3 &&
	ip -4 address add 10.66.0.2/24 dev t0 && ip -4 address add 10.77.0.3/32 dev t0 &&
	ip -6 address add fd66::2/64 dev t0 && ip -6 address add fd77::5 dev t0 &&
	ip -4 route add 10.9.0.0/16 dev t0 && ip -4 route add 10.8.0.0/16 dev t0 table 51820 &&
	ip -4 route add 0.0.0.0/0 dev t0 table 200 && ip -6 route add fd09::/16 dev t0 &&
	ip -6 route add ::/0 dev t0 table 51820 || return
	for by_ip_family in 4 6; do
		ip -$by_ip_family rule add not fwmark 51820 table 51820 &&
		ip -$by_ip_family rule add table main suppress_prefixlength 0 || return
	done
	ip rule add fwmark 0/0xffffffff table 7 priority 1234 protocol 99 &&
	ip rule add fwmark 0xff table 300 priority 1235 protocol 99
}

# Each comes in a namespace of its own: rtnl.sh CASE.
case_by_us() { by_us && picture; }
case_by_ip() { by_ip && picture; }

case_undo()
{
	pair && ip link set t0 up && sleep 0.3 && undo_before=$(picture)
	$T addr-add t0 10.66.0.2/24 , addr-add t0 fd66::2/64 , route-add 10.9.0.0/16 t0 300 , \
		route-add ::/0 t0 51820 , rule-add 4 87 0 51820 51820 - not , \
		rule-add 6 87 0 254 - 0 || return
	[ "$undo_before" != "$(picture)" ] || return
	$T rule-del 6 87 0 254 - 0 , rule-del 4 87 0 51820 51820 - not , \
		route-del ::/0 t0 51820 , route-del 10.9.0.0/16 t0 300 , \
		addr-del t0 fd66::2/64 , addr-del t0 10.66.0.2/24 || return
	same "$undo_before" "$(picture)"
}

# Rules and routes with the same selectors, but of other owners.
case_foreign()
{
	pair && ip link set t0 up
	ip rule add not fwmark 51820 table 51820 priority 100
	ip rule add not fwmark 51820 table 51820 priority 101 protocol 4
	ip rule add table main suppress_prefixlength 0 priority 102
	ip route add 10.9.0.0/16 dev t0 table 300 metric 5 protocol 4
	foreign_before=$(picture)
	$T rule-add 4 87 200 51820 51820 - not , rule-add 4 87 201 254 - 0 , \
		route-add 10.9.0.0/16 t0 300 || return
	$T rule-del 4 87 0 51820 51820 - not , rule-del 4 87 0 254 - 0 , \
		route-del 10.9.0.0/16 t0 300 || return
	same "$foreign_before" "$(picture)" || return
	# There is none of ours left: nothing else may match.
	! $T rule-del 4 87 0 51820 51820 - not && ! $T rule-del 4 87 0 254 - 0 &&
	! $T route-del 10.9.0.0/16 t0 300 && same "$foreign_before" "$(picture)"
}

case_queries()
{
	by_us >/dev/null || return
	same "$(ip -o address show dev t0 scope global | awk '{print $4}')" \
		"$($T addresses t0)" || return
	same "$(ip -o address show dev t0 | awk '{print $4}')" "$($T addresses t0 all)" || return
	same "$(ip -4 route show table all type unicast | wc -l)" "$($T routes 4 0 | wc -l)" || return
	same "10.8.0.0/16 table 51820" "$($T routes 4 51820 | cut -d ' ' -f 1-3)" || return
	same "" "$($T routes 4 777; $T routes 6 777; $T routes 4 51820 t1)" || return
	same "$(ip rule show | cut -d : -f 1)" "$($T rules 4 | cut -d : -f 1)" || return
	same "none none" "$($T link nope) $($T link 4711)" || return
	same "$($T link t0)" "$($T links veth | grep ' t0 ')" || return
	same "none" "$($T way 203.0.113.1)" || return
	$T way 10.9.1.1 | grep -q "^10.9.1.1/32 table 254 oif $($T link t0 | cut -d ' ' -f 1) "
}

case_mtu()
{
	pair && ip link set lo up && ip link set t0 up && ip route add 10.9.0.0/16 dev t0 mtu 1300
	$T routes 4 254 | grep -q "^10.9.0.0/16 .* mtu 1300 " &&
	$T way 10.9.0.1 | grep -q " mtu 1300 " &&
	ip -6 route add 2001:db8:5::/48 dev t0 mtu 1310 &&
	$T way 2001:db8:5::9 | grep -q " mtu 1310 " &&
	$T way ::1 | grep -q " oif 1 "
}

# Selectors that struct wg_rule has no place for.
case_foreign_selectors()
{
	pair
	ip rule add from 10.0.0.0/8 table 7 priority 10
	ip rule add iif t0 table 7 priority 11
	ip rule add ipproto udp table 7 priority 12
	ip rule add table 7 suppress_ifgroup 3 priority 13
	ip rule add blackhole priority 14
	ip rule add fwmark 1/3 table 7 priority 15
	same "10: foreign 11: foreign 12: foreign 13: foreign 14: foreign 15: table" \
		"$($T rules 4 | sed -n 2,7p | cut -d ' ' -f 1-2 | tr '\n' ' ' | sed 's/ $//')"
}

# The third change is refused; what is in the way is named.
case_refused()
{
	pair && ip link set t0 up
	same "change 2: File exists (17)" \
		"$($T route-add 10.1.0.0/16 t0 254 , route-add 10.2.0.0/16 t0 254 , \
			route-add 10.1.0.0/16 t0 254 2>&1)" || return
	$T link-add t2 nosuchkind 2>&1 | grep -q '^change 0: .* \[.*\] (95)$' || return
	$T addr-del t0 10.1.1.1/32 2>&1 | grep -q '^change 0: Cannot assign requested address .*(99)$'
}

# The index is ours to choose; a name or an index that is taken is refused, and nothing is changed.
case_index()
{
	$T link-add v0 veth 20007 && same 20007 "$(ip -o link show v0 | cut -d : -f 1)" || return
	same "change 0: File exists (17)" "$($T link-add v1 veth 20007 2>&1 | sed 's/ \[.*\]//')" || return
	same "change 0: File exists (17)" "$($T link-add v0 veth 20008 2>&1 | sed 's/ \[.*\]//')" || return
	# It does not move the kernel's own count.
	$T link-add v2 veth && test "$(ip -o link show v2 | cut -d : -f 1)" -lt 1000
}

# Behind the first chunk nothing is sent, and all its answers are read.
case_refused_chunk()
{
	pair && ip link set t0 up && $T many-routes 1000 t0 >/dev/null || return
	ip route flush proto 87 && ip route add 10.0.0.5 dev t0
	same "change 5: File exists (17)" "$($T many-routes 1000 t0 2>&1)" || return
	same 255 "$(ip route show proto 87 | wc -l)" || return
	$T many-routes 1000 t0 2>&1 | grep -q "^change 0: File exists"
}

case_many()
{
	pair && ip link set t0 up && $T many-routes 10000 t0 >&3 || return
	same 10000 "$(ip route show proto 87 | wc -l)" || return
	same 10000 "$($T routes 4 254 t0 | grep -c 'proto 87')"
}

case_no_ipv6()
{
	pair && sysctl -qw net.ipv6.conf.all.disable_ipv6=1 && ip link set t0 up
	$T addr-add t0 fd66::2/64 2>&1 | grep -q '^change 0: Permission denied .*(13)$' || return
	$T addr-add t0 10.66.0.2/24 || return
	same "10.66.0.2/24" "$($T addresses t0 all)" || return
	same "none" "$($T way fd66::1)" && $T routes 6 254 && $T rules 6 | grep -q ^0:
}

case_eperm()
{
	same "change 0: Operation not permitted (1)" \
		"$(setpriv --bounding-set=-net_admin --inh-caps=-net_admin \
			timeout 20 "$TOOL" link-up lo 1400 2>&1)" || return
	# Whoever may not change may still look.
	setpriv --bounding-set=-net_admin --inh-caps=-net_admin timeout 20 "$TOOL" link lo | grep -q '^1 lo '
}

if [ $# -gt 0 ]; then
	ip link set lo up
	"case_$1"
	exit
fi

isolated()
{
	unshare -n sh "$0" "$1" 3>&3
}

compare()
{
	compare_us=$(isolated by_us) && compare_ip=$(isolated by_ip) && same "$compare_ip" "$compare_us"
}

[ "$(id -u)" = 0 ] || { skip rtnl "not root"; exit 0; }
exec 3>&1
check "what we add is what ip adds" compare
for name in undo foreign queries mtu foreign_selectors refused index refused_chunk many no_ipv6 eperm; do
	check "rtnl: $name" isolated $name
done
finish

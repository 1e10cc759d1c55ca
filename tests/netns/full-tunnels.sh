#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Several full tunnels at once, up and down in any order, with traffic of both families; and programs that stay
# outside of them.
#
#	c1 c2 c3 --- [ this namespace ] up0 ---- up1 [ ft-s ] s1 s2 s3
#
# ft-s has the endpoints 203.0.113.1, 2001:db8::2 and 203.0.113.3, and what is asked for, 198.51.100.1 and
# 2001:db8:1::1: all of them are reached by the default routes alone. What comes in clear is counted there.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
[ -e /dev/net/tun ] || { skip "full tunnels" "no /dev/net/tun"; finish; }
Q=$WG_QUICK
log=/run/log
on_s() { ip netns exec ft-s "$@"; }

quick_setup
ip netns add ft-s
ip link set up1 netns ft-s
on_s sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.accept_dad=0
on_s ip link set lo up
on_s ip link set up1 up
for address in 192.0.2.254/24 fd02::fe/64; do
	on_s ip address add $address dev up1
done
for address in 203.0.113.1/32 203.0.113.3/32 198.51.100.1/32 2001:db8::2/128 2001:db8:1::1/128; do
	on_s ip address add $address dev lo
done
ip route flush table 5182
endpoints=(- 203.0.113.1 '[2001:db8::2]' 203.0.113.3)
on_s nft -f - <<-'END'
	table inet ft {
		counter clear { }
		counter direct1 { }
		counter direct2 { }
		counter direct3 { }
		chain in {
			type filter hook prerouting priority -300
			iifname up1 meta l4proto { icmp, tcp } counter name clear
			iifname up1 icmpv6 type echo-request counter name clear
			iifname up1 udp dport 1001 counter name direct1
			iifname up1 udp dport 1002 counter name direct2
			iifname up1 udp dport 1003 counter name direct3
		}
	}
END
for i in 1 2 3; do
	private=$("$WG" genkey) public=$(echo "$KEY" | "$WG" pubkey)
	on_s "$WG_TUN" s$i
	on_s "$WG" set s$i private-key <(echo "$private") listen-port 100$i peer "$public" \
		allowed-ips 10.66.$i.2/32,fd66:$i::2/128
	on_s ip link set s$i up
	on_s ip route add 10.66.$i.2 dev s$i
	on_s ip route add fd66:$i::2 dev s$i
	PEER=$(echo "$private" | "$WG" pubkey)
	cat >/run/conf/c$i.conf <<-END
		[Interface]
		PrivateKey = $KEY
		Address = 10.66.$i.2/32, fd66:$i::2/128
		[Peer]
		PublicKey = $PEER
		Endpoint = ${endpoints[i]}:100$i
		AllowedIPs = ${allowed[i]-0.0.0.0/0, ::/0}
	END
done
chmod 600 /run/conf/*.conf
before=$(picture)

counter() { on_s nft -j list counter inet ft "$1" | sed 's/.*"packets": \([0-9]*\).*/\1/'; }
received() { on_s cat /sys/class/net/s$1/statistics/rx_packets; }
status_of() { "$Q" status /run/conf/c$1.conf; }
rules() { for family in 4 6; do ip -$family rule show | sed "s/^/$family /"; done; }
# goes_through N...: a packet of each family goes through tunnel N and no other, in one encrypted packet that
# goes straight to its endpoint.
goes_through()
{
	local now i
	declare -A was
	for i in 1 2 3; do was[$i]="$(received $i)"; done
	was[clear]=$(counter clear)
	ping -q -c 1 -W 6 198.51.100.1 || return
	ping -q -c 1 -W 6 2001:db8:1::1 || return
	same "${was[clear]}" "$(counter clear)" || return
	for i in 1 2 3; do
		now=$(($(received $i) - ${was[$i]}))
		if [ $i = "$1" ]; then
			[ $now -ge 2 ] || { echo "tunnel $i: $now packets"; return 1; }
		else
			[ $now = 0 ] || { echo "tunnel $i: $now packets"; return 1; }
		fi
	done
}
# Each tunnel of the list still has a way of its own, which is not through another one.
stands() # N
{
	local was direct others
	was=$(received "$1")
	ping -q -c 1 -W 3 -I "c$1" 198.51.100.1 || return
	[ "$(received "$1")" -gt "$was" ]
}

### Two, in all orders
for first in 1 2; do
	second=$((3 - first))
	"$Q" up /run/conf/c$first.conf 2>$log
	alone_rules=$(rules)
	check "$first: alone" goes_through $first
	"$Q" up /run/conf/c$second.conf 2>$log || cat $log
	both=$(rules)
	check "$first $second: the last one has the traffic" goes_through $second
	check "$first $second: the first one stands" stands $first
	check "$first $second: its encrypted packets go straight" test "$(counter direct$first)" -gt 0
	for i in 1 2; do
		check "$first $second: status of $i" status_of $i
	done
	# The first goes: exactly what it had alone goes.
	"$Q" down /run/conf/c$first.conf 2>$log
	check "$first goes: the second has what it had" same \
		"$(comm -23 <(echo "$both" | sort) <(echo "$alone_rules" | grep 'proto 87' | sort))" \
		"$(rules | sort)"
	check "$first goes: the traffic stays" goes_through $second
	check "$first goes: status" status_of $second
	check "$first goes: nothing to reload" test -z "$("$Q" diff /run/conf/c$second.conf)"
	[ $first = 1 ] || { "$Q" down /run/conf/c$second.conf 2>$log; unchanged "nothing is left"; continue; }
	"$Q" up /run/conf/c$first.conf 2>$log
	check "$first comes back: it has the traffic" goes_through $first
	check "$first comes back: the other one stands" stands $second
	"$Q" down /run/conf/c$first.conf 2>$log
	check "$first goes again: the traffic is back" goes_through $second
	"$Q" down /run/conf/c$second.conf 2>$log
	unchanged "$first $second: nothing is left"
done

### What others delete comes back
"$Q" up /run/conf/c1.conf 2>$log
"$Q" up /run/conf/c2.conf 2>$log
with=$(rules)
for family in 4 6; do
	ip -$family rule show | sed -n 's/^\([0-9]*\):.*fwmark.*goto.*/\1/p' | while read -r priority; do
		ip -$family rule del priority "$priority"
	done
done
check "the rules by which marks pass are gone" test -z "$(rules | grep goto)"
check "which is a difference" sh -c "'$Q' status /run/conf/c2.conf; test \$? = 2"
check "repair" "$Q" repair /run/conf/c2.conf
check "puts them back" same "$with" "$(rules)"
rm /run/wireguard-quick/*c2*.state
check "down without a journal" "$Q" down /run/conf/c2.conf
check "leaves the other one" goes_through 1
check "and its status" status_of 1
"$Q" down /run/conf/c1.conf 2>$log
unchanged "and nothing"

### Three
for order in "1 2 3" "3 1 2" "2 3 1"; do
	bad=
	for i in $order; do
		"$Q" up /run/conf/c$i.conf 2>$log || bad="$bad up-$i"
	done
	goes_through ${order##* } >$log 2>&1 || bad="$bad last"
	for i in $order; do
		stands $i >>$log 2>&1 || bad="$bad stands-$i"
		status_of $i >>$log || bad="$bad status-$i"
	done
	# Down: the middle one, then the last or the first.
	set -- $order
	"$Q" down /run/conf/c$2.conf 2>>$log
	goes_through $3 >>$log 2>&1 || bad="$bad without-$2"
	[ $1 -lt $3 ] && set -- $1 $3 || set -- $3 $1
	"$Q" down /run/conf/c$1.conf 2>>$log
	goes_through $2 >>$log 2>&1 || bad="$bad without-$1"
	"$Q" down /run/conf/c$2.conf 2>>$log
	[ "$before" = "$(picture)" ] || bad="$bad remains"
	check "up as $order: each has its turn$bad" test -z "$bad"
done

### A tunnel for each family
sed -i 's/^AllowedIPs.*/AllowedIPs = 0.0.0.0\/0/' /run/conf/c1.conf
sed -i 's/^AllowedIPs.*/AllowedIPs = ::\/0/' /run/conf/c2.conf
by_family()
{
	local was1 was2
	was1=$(received 1) was2=$(received 2)
	ping -q -c 1 -W 3 198.51.100.1 && ping -q -c 1 -W 3 2001:db8:1::1 && [ "$(received 1)" -gt "$was1" ] &&
		[ "$(received 2)" -gt "$was2" ] && status_of 1 && status_of 2
}
# The endpoint of each is in the family of the other.
sed -i 's/^Endpoint.*/Endpoint = [2001:db8::2]:1001/' /run/conf/c1.conf
sed -i 's/^Endpoint.*/Endpoint = 203.0.113.1:1002/' /run/conf/c2.conf
for order in "1 2" "2 1"; do
	for i in $order; do
		"$Q" up /run/conf/c$i.conf 2>$log
	done
	check "one for IPv4 and one for IPv6, up as $order" by_family
	for i in $order; do
		"$Q" down /run/conf/c$i.conf 2>$log
	done
	unchanged "down as $order: nothing is left"
done

### Outside
"$Q" up /run/conf/c3.conf 2>$log
check "no control groups: a sentence" sh -c \
	"'$Q' exec --bypass /run/conf/c3.conf true 2>&1 | grep -q 'no control groups of version 2 are mounted'"
mkdir /run/cgroup
if mount -t cgroup2 cgroup2 /run/cgroup; then
	group() { find /run/cgroup -maxdepth 1 -name "wg-quick-c3@*"; }
	passes() # ARGUMENTS OF PING
	{
		local was
		was=$(counter clear)
		"$Q" exec --bypass /run/conf/c3.conf -- ping -q -c 1 -W 3 "$@" && [ "$(counter clear)" -gt "$was" ]
	}
	check "a program outside: IPv4" passes 198.51.100.1
	check "and IPv6" passes 2001:db8:1::1
	check "others stay inside" goes_through 3
	"$Q" exec --bypass /run/conf/c3.conf -- sh -c 'exit 7' 2>/dev/null
	check "its exit status is the program's" test $? = 7
	"$Q" exec --bypass /run/conf/c3.conf -- /nowhere 2>/dev/null
	check "127 where there is none" test $? = 127
	check "its source address is that of the uplink" same 192.0.2.1 "$("$Q" exec --bypass /run/conf/c3.conf -- \
		python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("198.51.100.1", 9)); print(s.getsockname()[0])' 2>/dev/null)"
	check "it is no difference" status_of 3
	check "reload keeps it" "$Q" reload /run/conf/c3.conf
	"$Q" exec --bypass /run/conf/c3.conf -- sleep 4321 2>/dev/null &
	sleeper=$!
	in_group() { [ "$(cat "$(group)/cgroup.procs")" = $sleeper ]; }
	check "a program that stays" wait_for 3 in_group
	check "down beside it" "$Q" down /run/conf/c3.conf
	check "leaves the group that it is in" test -n "$(group)"
	"$Q" up /run/conf/c3.conf 2>$log
	check "the next tunnel has it" passes 198.51.100.1
	kill -TERM $sleeper
	wait $sleeper
	check "signals are the program's" test $? = 143
	check "down" "$Q" down /run/conf/c3.conf
	check "the group is gone" test -z "$(group)"
	unchanged "and all else"
else
	skip "programs outside a tunnel" "no control groups of version 2"
fi
finish

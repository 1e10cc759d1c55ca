#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What leaves the host in clear while reloads change the addresses, the mark, the MTU and the DNS servers of a
# tunnel: nothing that the tunnel has before and after. Packets are counted at the other end of the uplink.
# Needs a wg-quick built with TESTHOOKS=1, too.
. "$(dirname "$0")/../tool.sh"
if [ ! -x "$WG_QUICK_TESTHOOKS" ]; then
	not_ok "there is a wg-quick built with TESTHOOKS=1 ($WG_QUICK_TESTHOOKS)"
	finish
fi
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
far_key=mPxNyRIFxHzHNAWkpOHNCCzq2rQHSkCl2eNDuILzOm4=
near_public=$(echo $KEY | "$WG" pubkey)
far_public=$(echo $far_key | "$WG" pubkey)
here=$(cd "$(dirname "$0")" && pwd)
reloads=6
[ -z "${WG_TEST_VM-}" ] || reloads=2
# A run has reloads end at every third place, and others than the run before; WG_TEST_FULL takes all.
stride=3
[ -z "${WG_TEST_FULL-}" ] || stride=1
first=$(($(date +%s) % stride + 1))
mkdir -p /run/conf /run/netns
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
ip netns add far
ip link add near type veth peer name far netns far
ip link set near up
ip -n far link set far up
ip -n far link set lo up
ip address add 192.0.2.1/24 dev near
ip address add fd02::1/64 dev near
ip -n far address add 192.0.2.2/24 dev far
ip -n far address add fd02::2/64 dev far
ip route add default via 192.0.2.2
ip -6 route add default via fd02::2
ip netns exec far nft -f - <<'END'
table inet clear {
	counter seen { }
	chain arriving {
		type filter hook prerouting priority -300;
		iifname "far" udp dport 9 counter name seen
	}
}
END
# The tunnel's own packets must not go into it.
nft -f - <<'END'
table inet loop {
	counter seen { }
	chain leaving {
		type filter hook postrouting priority 300;
		oifname "wgq" udp dport 5000 counter name seen
	}
}
END

seen_clear()
{
	ip netns exec far nft list counter inet clear seen | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}
seen_loop()
{
	nft list counter inet loop seen | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# Stands in for resolvconf: notes by which interface each server is reached that it had or is to have.
mkdir -p /run/bin
cat >/run/bin/resolvconf <<'END'
#!/bin/sh
touch /run/servers
if [ "$1" = -a ]; then
	cat >/run/given
	sed -n 's/nameserver //p' /run/given >>/run/servers
fi
for s in $(cat /run/servers); do
	ip -o route get "$s" | sed -n 's/.* dev \([^ ]*\).*/\1/p' >>/run/ways
done
rm -f /run/servers
[ "$1" != -a ] || sed -n 's/nameserver //p' /run/given >/run/servers
END
chmod +x /run/bin/resolvconf
PATH=/run/bin:$PATH

file() # ALLOWED LINE...: with these lines of [Interface]
{
	file_allowed=$1
	shift
	{
		printf '%s\n' "[Interface]" "PrivateKey = $KEY" "ListenPort = 5000" "$@"
		printf '%s\n' "[Peer]" "PublicKey = $far_public" "AllowedIPs = $file_allowed" "Endpoint = 192.0.2.2:5000"
	} >/run/conf/wgq.conf
	chmod 600 /run/conf/wgq.conf
}

# Where a packet to an address goes now, and where the tunnel's own go.
way() # ADDRESS [MARK]
{
	ip -o route get "$1" ${2:+mark "$2"} 2>&1 | sed -n 's/.* dev \([^ ]*\).*/\1/p; s/.*No route to host.*/refused/p' | head -n 1
}

stands()
{
	"$WG" show wgq fwmark
	ip rule
	ip -6 rule
	{ ip -o address show dev wgq && ip route show table all dev wgq && ip -6 route show table all dev wgq; } | sed 's/ *valid_lft.*//; s/ secondary//' | sort
}

# fails_safely NAME: a reload from `one` to `two` or back that fails at any place leaves everything as it was.
fails_safely()
{
	one
	"$Q" up /run/conf/wgq.conf 2>/dev/null
	: >/run/bad
	for direction in two one; do
		n=$((first - stride))
		while n=$((n + stride)); do
			stands >/run/stood
			$direction
			WG_TEST_FAIL_AT=$n "$WG_QUICK_TESTHOOKS" reload /run/conf/wgq.conf >/run/said 2>&1
			failed=$?
			grep -q "injected failure" /run/said || break
			if [ $direction = two ]; then one; else two; fi
			# After a warning alone the tunnel is as the file says.
			[ $failed != 0 ] || "$Q" reload /run/conf/wgq.conf >/run/said 2>&1 || cat /run/said >>/run/bad
			stands >/run/stands
			cmp -s /run/stood /run/stands || { echo "failed at $n on the way to $direction:" && diff /run/stood /run/stands; } >>/run/bad
		done
	done
	check "$1: as before wherever a reload fails" same "" "$(cat /run/bad)"
	"$Q" down /run/conf/wgq.conf 2>/dev/null
	check "$1: nothing is held after failures" nothing_held
}

# stops_safely NAME TARGET: wherever a reload from `one` to `two` and back stands, TARGET is reached through the tunnel
# or not at all, and the peer past it. Each reload is killed at its places; then it is repeated, or the way back is
# taken.
stops_safely()
{
	one
	"$Q" up /run/conf/wgq.conf 2>/dev/null
	: >/run/bad
	stops=0
	for direction in two one; do
		$direction
		n=$((first - stride))
		while n=$((n + stride)); do
			WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" reload /run/conf/wgq.conf >/run/said 2>&1
			[ $? = 137 ] || break
			stops=$((stops + 1))
			case $(way "$2") in
			wgq | refused) ;;
			*) { echo "killed at $n on the way to $direction: to $2: $(ip route get "$2" 2>&1)" && tail -n 2 /run/said; } >>/run/bad ;;
			esac
			mark=$("$WG" show wgq fwmark)
			[ "$mark" != off ] || mark=0
			[ "$(way 192.0.2.2 "$mark")" = near ] || { echo "killed at $n on the way to $direction, mark $mark" && tail -n 2 /run/said; } >>/run/bad
			if [ $((stops % 2)) = 0 ]; then
				"$Q" reload /run/conf/wgq.conf >/run/said 2>&1 || { echo "repeated after $n on the way to $direction" && cat /run/said; } >>/run/bad
			fi
			if [ $direction = two ]; then one; else two; fi
			"$Q" reload /run/conf/wgq.conf >/run/said 2>&1 || cat /run/said >>/run/bad
			$direction
		done 2>/dev/null
	done
	check "$1: safe wherever it is killed, and to be repeated" same "" "$(cat /run/bad)"
	check "$1: there are such places" test $stops -gt $((4 / stride))
	"$Q" down /run/conf/wgq.conf 2>/dev/null
	check "$1: nothing is held then" nothing_held
}

nothing_held()
{
	same "" "$(ip route show table all | grep -e 4294967294 -e unreachable; ip -6 route show table all | grep 4294967294; ip rule | grep goto; ip -6 rule | grep goto)"
}

# keeps NAME TARGET: while the tunnel is reloaded from `one` to `two` and back, no packet to TARGET leaves in clear.
keeps()
{
	one
	"$Q" up /run/conf/wgq.conf 2>/dev/null || { not_ok "$1: up" && return; }
	python3 "$here/flood.py" "$2" &
	flooder=$!
	sleep 0.2
	keeps_before=$(seen_clear) keeps_loop=$(seen_loop)
	: >/run/bad
	for n in $(seq $reloads); do
		if [ $((n % 2)) = 1 ]; then two; else one; fi
		"$Q" reload /run/conf/wgq.conf >/run/said 2>&1 || cat /run/said >>/run/bad
		[ -s /run/said ] || echo "reload $n changed nothing" >>/run/bad
	done
	check "$1: $reloads reloads, each with something to do" same "" "$(cat /run/bad)"
	check "$1: nothing leaves in clear" same 0 $(($(seen_clear) - keeps_before))
	check "$1: no packet of the tunnel goes into it" same 0 $(($(seen_loop) - keeps_loop))
	check "$1: a further reload has nothing to do" same "" "$("$Q" reload /run/conf/wgq.conf 2>&1)"
	kill $flooder
	wait $flooder 2>/dev/null
	"$Q" down /run/conf/wgq.conf 2>/dev/null
	check "$1: no route or rule is held any more" nothing_held
}

cat >/run/conf/wgfar.conf <<END
[Interface]
PrivateKey = $far_key
ListenPort = 5000
Address = 10.77.0.1/24
[Peer]
PublicKey = $near_public
AllowedIPs = 0.0.0.0/0
END
sed -i '/^Address/a Table = off' /run/conf/wgfar.conf
chmod 600 /run/conf/wgfar.conf
check "up, far" ip netns exec far "$Q" up /run/conf/wgfar.conf

one() { file "0.0.0.0/0, ::/0" "Address = 10.66.0.1/24"; }
two() { file "0.0.0.0/0, ::/0" "Address = 10.66.0.2/24"; }
few=$reloads reloads=20
[ -z "${WG_TEST_VM-}" ] || reloads=$few
keeps "another address of the same network" 203.0.113.1
reloads=$few
two() { file "0.0.0.0/0, ::/0" "Address = 10.66.0.1/32"; }
keeps "the prefix length of an address" 203.0.113.1
two() { file "0.0.0.0/0, ::/0" "Address = fd66::1/64"; }
keeps "no address of IPv4 any more" 203.0.113.1
stops_safely "no address of IPv4 any more" 203.0.113.1
one() { file "0.0.0.0/0, ::/0" "Address = fd66::1/64"; }
two() { file "0.0.0.0/0, ::/0" "Address = fd66::2/64"; }
keeps "an address of IPv6" 2001:db8::1

# With a tunnel of single networks, what is to go into the tunnel is in the main table alone.
one() { file "10.66.0.0/24" "Address = 10.66.0.1/24"; }
two() { file "10.66.0.0/24" "Address = 10.66.0.1/32"; }
keeps "an address's network becomes a route" 10.66.0.9
stops_safely "an address's network becomes a route" 10.66.0.9
two() { file "10.66.0.0/24" "Address = 10.66.0.2/24"; }
keeps "another address of a narrow tunnel" 10.66.0.9
one() { file "fd66::/64" "Address = fd66::1/64"; }
two() { file "fd66::/64" "Address = fd66::1/48"; }
keeps "the prefix length of an address of IPv6" fd66::9
stops_safely "the prefix length of an address of IPv6" fd66::9
two() { file "fd66::/64" "Address = fd66::1/128"; }
keeps "an address's network of IPv6 becomes a route" fd66::9

one() { file "0.0.0.0/0" "Address = 10.66.0.1/24" "Table = 1234"; }
ip rule add lookup 1234 priority 1000
ip rule add lookup main priority 999 suppress_prefixlength 0
ip route add 192.0.2.2 dev near table 1234
two() { file "0.0.0.0/0" "Address = fd66::1/64" "Table = 1234"; }
keeps "a table of its own" 203.0.113.1
ip rule delete priority 1000
ip rule delete priority 999
ip route flush table 1234
one() { file "0.0.0.0/0, ::/0" "Address = 10.66.0.1/24"; }
two() { file "0.0.0.0/1, 128.0.0.0/1, ::/0" "Address = 10.66.0.1/24"; }
keeps "one default route, or two halves" 2001:db8::1

# Secondary addresses go with the primary one where /proc/sys cannot be written.
sysctl -qw net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.default.promote_secondaries=0
mount --bind /proc/sys /proc/sys
mount -o remount,ro,bind /proc/sys
one() { file "0.0.0.0/0" "Address = 10.66.0.1/24" "Table = 1234"; }
two() { file "0.0.0.0/0" "Address = 10.66.0.2/24" "Table = 1234"; }
ip rule add lookup 1234 priority 1000
ip rule add lookup main priority 999 suppress_prefixlength 0
ip route add 192.0.2.2 dev near table 1234
keeps "another address, with /proc/sys read-only" 203.0.113.1
stops_safely "another address, with /proc/sys read-only" 203.0.113.1
ip rule delete priority 1000
ip rule delete priority 999
ip route flush table 1234
one() { file "10.66.0.0/24" "Address = 10.66.0.1/24"; }
two() { file "10.66.0.0/24" "Address = 10.66.0.2/24"; }
keeps "another address of a narrow tunnel, with /proc/sys read-only" 10.66.0.9
stops_safely "another address of a narrow tunnel, with /proc/sys read-only" 10.66.0.9
one() { file "10.66.0.0/24" "Address = 10.66.0.1/24, 10.66.0.2/32"; }
fails_safely "an address of its own takes the place of another, with /proc/sys read-only"
umount /proc/sys

# Other marks, with a ping through the tunnel.
pings() # NAME
{
	one
	"$Q" up /run/conf/wgq.conf 2>/dev/null
	ping -q -c 1 -W 5 10.77.0.1 >/dev/null
	"$Q" down /run/conf/wgq.conf 2>/dev/null
	ping -i 0.01 -c 1000000 -W 1 10.77.0.1 >/run/ping 2>&1 &
	pinger=$!
	keeps "$1" 203.0.113.1
	kill -INT $pinger
	wait $pinger
	sed -n 's/^\([0-9]* packets transmitted.*\)/# \1/p' /run/ping
}
one() { file "0.0.0.0/0, ::/0" "Address = 10.77.0.2/24" "FwMark = 0xca6c"; }
two() { file "0.0.0.0/0, ::/0" "Address = 10.77.0.2/24" "FwMark = 0xca6d"; }
pings "another mark"
stops_safely "another mark" 203.0.113.1
two() { file "0.0.0.0/0, ::/0" "Address = 10.77.0.2/24" "FwMark = off"; }
fails_safely "no mark of its own any more"
two() { file "0.0.0.0/0, ::/0" "Address = 10.77.0.2/24" "FwMark = 1234"; }
pings "another mark, in no bit like the first"
one() { file "0.0.0.0/0, ::/0" "Address = 10.77.0.2/24" "FwMark = off"; }
two() { file "0.0.0.0/0, ::/0" "Address = 10.77.0.2/24" "FwMark = 0x77"; }
pings "a mark of its own, or one that is chosen"
one() { file "0.0.0.0/0, ::/0" "Address = 10.77.0.2/24"; }
two() { file "10.77.0.0/24, ::/0" "Address = 10.77.0.2/24"; }
keeps "IPv4 becomes narrow" 2001:db8::1

# A mark of a full tunnel that becomes narrow: its own packets do not go into it.
one() { file "0.0.0.0/0" "Address = 10.77.0.2/24"; }
two() { file "10.77.0.0/24" "Address = 10.77.0.2/24"; }
one
"$Q" up /run/conf/wgq.conf 2>/dev/null
ping -f -c 100000000 10.77.0.1 >/dev/null 2>&1 &
pinger=$!
loop=$(seen_loop)
for n in $(seq $reloads); do
	if [ $((n % 2)) = 1 ]; then two; else one; fi
	"$Q" reload /run/conf/wgq.conf 2>/dev/null
done
check "from a full tunnel to a narrow one and back: no packet of the tunnel goes into it" same 0 $(($(seen_loop) - loop))
kill -INT $pinger
wait $pinger 2>/dev/null
"$Q" down /run/conf/wgq.conf 2>/dev/null

# Of two full tunnels the second one's packets go into the first: another mark does not change that.
one() { file "0.0.0.0/0" "Address = 10.77.0.2/24" "FwMark = 0xca6c"; }
two() { file "0.0.0.0/0" "Address = 10.77.0.2/24" "FwMark = 0xca6d"; }
one
sed 's/5000/5001/; s/10.77.0.2/10.78.0.2/; s/0xca6c/0xca70/; s/192.0.2.2:5000/203.0.113.9:5001/' /run/conf/wgq.conf >/run/conf/wgo.conf
chmod 600 /run/conf/wgo.conf
order()
{
	ip rule | sed -n 's/.*lookup \(5[0-9]*\) .*/\1/p' | sed 's/51820/q/; s/51821/q/; s/51824/o/' | tr -d '\n'
}
"$Q" up /run/conf/wgq.conf 2>/dev/null
"$Q" up /run/conf/wgo.conf 2>/dev/null
check "of two full tunnels the second one's rule comes first" same oq "$(order)"
two
"$Q" reload /run/conf/wgq.conf 2>/dev/null
check "and does so when the first one has another mark" same oq "$(order)"
"$Q" down /run/conf/wgo.conf 2>/dev/null
"$Q" down /run/conf/wgq.conf 2>/dev/null

# DNS servers are reached through the tunnel as long as resolvers may ask them.
rm -f /run/ways /run/servers
file "10.80.0.0/24" "Address = 10.77.0.2/32" "DNS = 10.80.0.1"
"$Q" up /run/conf/wgq.conf 2>/dev/null
rm -f /run/ways
file "10.81.0.0/24" "Address = 10.77.0.2/32" "DNS = 10.81.0.1"
"$Q" reload /run/conf/wgq.conf 2>/dev/null
check "both the old and the new server are reached through the tunnel when it changes" same "wgq wgq" "$(tr '\n' ' ' </run/ways | sed 's/ $//')"
rm -f /run/ways
file "0.0.0.0/0" "Address = 10.82.0.2/24" "DNS = 10.82.0.1"
"$Q" reload /run/conf/wgq.conf 2>/dev/null
rm -f /run/ways
file "10.77.0.0/24" "Address = 10.83.0.2/24" "DNS = 10.83.0.1"
"$Q" reload /run/conf/wgq.conf 2>/dev/null
check "also where an address's network led to it" same "wgq wgq" "$(tr '\n' ' ' </run/ways | sed 's/ $//')"
rm -f /run/ways
file "10.77.0.0/24" "Address = 10.77.0.2/32"
"$Q" reload /run/conf/wgq.conf 2>/dev/null
check "and when there is none any more" same "wgq" "$(tr '\n' ' ' </run/ways | sed 's/ $//')"
"$Q" down /run/conf/wgq.conf 2>/dev/null
check "down, far" ip netns exec far "$Q" down /run/conf/wgfar.conf
finish

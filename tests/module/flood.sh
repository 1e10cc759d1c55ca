#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A flood of forged initiations, as fast as FLOOD (100,000 a second) or the machine allows: a tunnel that
# is there carries on, and a peer that never was connects.
#
#	[ fl-l ] fll --- the flood and the tunnel --- flr [ fl-r ]
#	                                              fln, new
. "$(dirname "$0")/../tool.sh"
# What waits for a processor is not ours to lose. Of the first namespace, so that it can be set only here.
[ -n "${WG_TEST_ALONE-}" ] || sysctl -qw net.core.netdev_max_backlog=20000
alone "$@"
. "$(dirname "$0")/../pair.sh"
PAIR=fl

# A second device of the right side, with a key that the left one knows.
add_new()
{
	(umask 077 && "$WG" genkey >"$pair_files/new.key")
	new_public=$("$WG" pubkey <"$pair_files/new.key")
	ip -n fl-r link del fln 2>/dev/null
	ip -n fl-r link add fln type wireguard
	on r "$WG" set fln private-key "$pair_files/new.key" peer "$(public l)" endpoint 192.0.2.1:51821 \
		allowed-ips 10.9.0.1/32
	ip -n fl-r address add 10.9.0.2/24 dev fln
	ip -n fl-r link set fln up
	on l "$WG" set fll peer "$new_public" allowed-ips 10.9.0.2/32
}

connects()
{
	add_new
	connects_begin=$(cut -d . -f 1 /proc/uptime)
	wait_for "$1" on r ping -q -c 1 -W 1 10.9.0.1 || return
	echo "connected after $(($(cut -d . -f 1 /proc/uptime) - connects_begin)) s"
}

carries_on()
{
	ping_inner r -i 0.02 -c 250 -W 2 | tee /run/ping
	grep -q ' 0% packet loss' /run/ping
}

# begin_flood SOURCES [KEY]
begin_flood()
{
	ip netns exec fl-r "$HELPERS/bench/forge" 192.0.2.1 51821 "${FLOOD:-100000}" 30 "$@" >/run/forged &
	flood=$!
	sleep 1
}

end_flood()
{
	wait $flood
	read -r forged_n forged_s </run/forged
	echo "-- $1: $forged_n in $forged_s s"
}

under() # NAME SOURCES [KEY]
{
	under_name=$1
	shift
	begin_flood "$@"
	check "$under_name: a tunnel carries on" carries_on
	check "$under_name: a new peer connects" connects 20
	check "$under_name: the tunnel still carries on" carries_on
	end_flood "$under_name"
}

pair_make
start l kernel
start r kernel
configure l
configure r
# Of the flood's sources.
on l ip address add 10.9.0.1/24 dev fll
on l ip route add 10.64.0.0/10 via 192.0.2.2
on l sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.l0.rp_filter=0
check "without a flood a new peer connects" connects 6
ping_inner r -c 1 -W 6 >/dev/null
# Type 3 and no DSCP; and any with one.
on l nft -f - <<'END'
table ip cookies { chain o { type filter hook output priority 0;
	udp sport 51821 udp length 72 @th,64,8 3 ip dscp 0 counter
	udp sport 51821 udp length 72 @th,64,8 3 ip dscp != 0 counter; }; }
END
under "from one who does not know our key" 1
under "from many who do not know our key" 500
under "from one who knows our key" 1 "$(public l)"
under "from many who know our key" 500 "$(public l)"
cookies_are_plain()
{
	on l nft list table ip cookies | sed -n 's/.*packets \([0-9]*\).*/\1/p' | tee /run/cookies
	[ "$(sed -n 1p /run/cookies)" -gt 0 ] && same 0 "$(sed -n 2p /run/cookies)"
}
check "cookie replies have no DSCP" cookies_are_plain
finish

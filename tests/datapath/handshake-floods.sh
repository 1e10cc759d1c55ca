#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A client connects to wg-tun while somebody floods it with forged initiations: in the client's own name
# (2,500 a second, two of five of which claim to have a cookie; IPv6: from any address of its /64), from
# another address, and 100,000 a second from everywhere. Rounds run in several pairs of namespaces at a
# time. The rules themselves, and many more floods, are in tests/sim/directed-load.c.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
bench=$HELPERS/bench

# connect SIDE LIMIT: the link comes up anew, and the other end is to answer within LIMIT seconds.
connect()
{
	ip -n "$PAIR-$1" link set "$PAIR$1" down
	sleep 0.3
	connect_begin=$(date +%s%N)
	ip -n "$PAIR-$1" link set "$PAIR$1" up
	until ping_inner "$1" -c 1 -W 0.2 >/dev/null 2>&1; do
		[ $((($(date +%s%N) - connect_begin) / 1000000)) -lt $(($2 * 1000)) ] || break
	done
	connect_ms=$((($(date +%s%N) - connect_begin) / 1000000))
	echo "after $connect_ms ms"
	[ "$connect_ms" -le $(($2 * 1000)) ]
}

# rounds N LIMIT
rounds()
{
	for rounds_i in $(seq "$1"); do
		connect l "$2" || return
	done
}

# Of the right side's cookie replies (length 72, type 3): those without a DSCP, and those with one.
count_cookies()
{
	on r nft -f - <<'END'
table inet cookies { chain o { type filter hook output priority 0;
	udp sport 51822 udp length 72 @th,64,8 3 jump d; }
	chain d { ip dscp 0 counter accept; ip6 dscp 0 counter accept; counter; }; }
END
}

cookies_are_plain()
{
	on r nft list table inet cookies | sed -n 's/.*packets \([0-9]*\).*/\1/p' >"/run/$PAIR.cookies"
	cat "/run/$PAIR.cookies"
	[ $(($(sed -n 1p "/run/$PAIR.cookies") + $(sed -n 2p "/run/$PAIR.cookies"))) -gt 0 ] &&
		same 0 "$(sed -n 3p "/run/$PAIR.cookies")"
}

# flooded PAIR FAMILY N LIMIT FORGE-ARGUMENT...: in pairs of its own, so that several can run at once.
flooded()
{
	PAIR=$1 flooded_family=$2 flooded_n=$3 flooded_limit=$4
	shift 4
	pair_make
	for side in l r; do
		start $side ours && configure $side "$flooded_family" || return
		on $side sysctl -qw net.ipv4.conf.all.rp_filter=0 "net.ipv4.conf.${side}0.rp_filter=0"
	done
	on l ip route add blackhole 10.64.0.0/10
	on r ip route add 10.64.0.0/10 via 192.0.2.1
	count_cookies || return
	flooded_to=192.0.2.2
	[ "$flooded_family" = 4 ] || flooded_to=$(outer6 2)
	ip netns exec "$PAIR-l" "$bench/forge" "$flooded_to" 51822 "$@" "$(public r)" >"/run/$PAIR.forged" &
	flooded_job=$!
	sleep 1
	rounds "$flooded_n" "$flooded_limit"
	flooded_status=$?
	kill $flooded_job 2>/dev/null
	wait $flooded_job 2>/dev/null
	[ $flooded_status != 0 ] || cookies_are_plain || flooded_status=1
	for side in l r; do
		stop $side
	done
	return $flooded_status
}

# at_once NAME ARGUMENT...: begins one that `collect` tells the end of.
at_once()
{
	(
		at_once_name=$1
		shift
		check "$at_once_name" flooded "$@"
		finish
	) >"/run/$2.out" 2>&1 &
	jobs="${jobs-} $!:$2"
}

collect()
{
	for collect_job in $jobs; do
		wait "${collect_job%:*}" || failures=$((failures + 1))
		cat "/run/${collect_job#*:}.out"
	done
	jobs=
}

for i in 1 2; do
	at_once "in the client's name, $i" "fa$i" 4 5 6 2500 60 192.0.2.1/51821
	at_once "in the name of the client's /64, $i" "fb$i" 6 5 6 2500 60 "$(outer6 1)/51821"
	collect
done
at_once "in another's name" fc 4 3 6 2500 60 192.0.2.99/51821
collect
at_once "a hundred thousand a second from a thousand addresses" fd 4 1 15 100000 20 1000
collect
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# One round of ../bench.sh, inside a machine: prints `= MEASURE VALUE` for whatever WireGuard is there.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$top/tests/pair.sh"
PAIR=mb
seconds=${BENCH_SECONDS:-4}
bench=$HELPERS/bench
peers=${BENCH_PEERS:-/nowhere}
out=$(mktemp)

calc() # FORMAT EXPRESSION
{
	awk "BEGIN { d = $2; printf \"$1\", d }"
}

# Bits that arrived, as iperf3's server counted them.
tcp()
{
	on r iperf3 -s -1 >$out.server 2>&1 &
	server=$!
	sleep 0.5
	on l iperf3 -c "$1" -t "$seconds" -J >$out 2>&1
	wait $server
	awk '/"sum_received"/ { in_it = 1 } in_it && /"bits_per_second"/ { gsub(/[^0-9.e+]/, "", $2)
		printf "%.1f", $2 / 1e6; exit }' $out
}

# Packets a second that arrived.
flood() # ADDRESS SIZE
{
	on r "$bench/datagrams" count "$1" 5002 >$out &
	counter=$!
	sleep 0.5
	on l "$bench/datagrams" send "$1" 5002 "$2" "$seconds" >/dev/null
	wait $counter
	read -r packets bytes took odd <$out
	calc %.0f "$packets / ($took > 0 ? $took : 1)"
}

# round_trip NAME ADDRESS: prints the median and the 99th percentile in microseconds.
round_trip()
{
	on r "$bench/rtt" echo "$2" 5003 &
	echoes=$!
	sleep 0.2
	on l "$bench/rtt" ask "$2" 5003 $((seconds * 300)) 1000 >$out.rtt
	kill $echoes
	wait $echoes 2>/dev/null
	read -r middle late least lost <$out.rtt
	echo "= $1 $middle"
	echo "= ${1}99 $late"
}

# beside_streams NAME ADDRESS STREAMS: round trips while so many TCP streams take all that they can.
beside_streams()
{
	on r "$bench/stream" sink "$2" 5001 "$3" >/dev/null &
	sink=$!
	on l "$bench/stream" send "$2" 5001 "$3" $((seconds + 2)) &
	sender=$!
	sleep 1
	round_trip "$1" "$2"
	wait $sender
	wait $sink
}

# beside_flood NAME ADDRESS PORT: while forged initiations come as fast as they can be sent.
beside_flood()
{
	on l "$bench/forge" 192.0.2.2 "$3" 100000 $((seconds + 2)) 1 "$(public r)" >/dev/null &
	forger=$!
	sleep 1
	round_trip "$1" "$2"
	wait $forger
}

# beside_shaped NAME ADDRESS: beside one stream, through 20 Mbit/s with a fair queue.
beside_shaped()
{
	on l tc qdisc add dev l0 root handle 1: tbf rate 20mbit burst 16k limit 20000000
	on l tc qdisc add dev l0 parent 1: handle 2: fq_codel
	beside_streams "$1" "$2" 1
	on l tc qdisc del dev l0 root
}

# fairness PREFIX ADDRESS PORT: PORT is what a flood goes to.
fairness()
{
	round_trip "$1rtt" "$2"
	beside_streams "$1rtt4" "$2" 4
	beside_flood "$1rttflood" "$2" "$3"
	beside_shaped "$1rttshaped" "$2"
}

milliseconds() # COMMAND...
{
	rm -f $out
	"$bench/cost" $out 1 "$@" || return
	awk '{ printf "%.1f", $1 / 1000 }' $out
}

modprobe wireguard
pair_make
echo "= veth $(tcp 192.0.2.2)"
[ -z "${BENCH_FAIR-}" ] || fairness veth 192.0.2.2 9
for side in l r; do
	start $side kernel
	configure $side 4
done
check "the tunnel is up" wait_for 10 ping_inner l -c 1 -W 1
echo "= tcp $(tcp 10.8.0.2)"
# 1400 bytes with the headers inside, as the link's MTU is 1420.
echo "= flood1400 $(flood 10.8.0.2 1372)"
echo "= flood64 $(flood 10.8.0.2 64)"
[ -z "${BENCH_FAIR-}" ] || fairness '' 10.8.0.2 51822
pair_delete
if [ -r "$peers" ]; then
	ip link add mbp type wireguard
	echo "= setconf $(milliseconds "$WG" setconf mbp "$peers")"
	echo "= dump $(milliseconds "$WG" show all dump)"
	check "all peers are there" test "$("$WG" show mbp peers | wc -l)" = "$(grep -c "^\[Peer" "$peers")"
fi
finish

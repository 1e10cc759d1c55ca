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

milliseconds() # COMMAND...
{
	rm -f $out
	"$bench/cost" $out 1 "$@" || return
	awk '{ printf "%.1f", $1 / 1000 }' $out
}

modprobe wireguard
pair_make
echo "= veth $(tcp 192.0.2.2)"
for side in l r; do
	start $side kernel
	configure $side 4
done
check "the tunnel is up" wait_for 10 ping_inner l -c 1 -W 1
echo "= tcp $(tcp 10.8.0.2)"
# 1400 bytes with the headers inside, as the link's MTU is 1420.
echo "= flood1400 $(flood 10.8.0.2 1372)"
echo "= flood64 $(flood 10.8.0.2 64)"
pair_delete
if [ -r "$peers" ]; then
	ip link add mbp type wireguard
	echo "= setconf $(milliseconds "$WG" setconf mbp "$peers")"
	echo "= dump $(milliseconds "$WG" show all dump)"
	check "all peers are there" test "$("$WG" show mbp peers | wc -l)" = "$(grep -c "^\[Peer" "$peers")"
fi
finish

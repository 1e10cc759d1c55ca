#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What wg-tun carries and costs beside the newest wireguard-go of Debian's archive, OpenVPN and the
# bare veth, each between two namespaces of its own as in ../pair.sh, all on the same cores. Rounds
# alternate between them, medians are shown, nothing is asserted. See README.md.
here=$(dirname "$0")
. "$here/../tool.sh"
umask 077
seconds=${BENCH_SECONDS:-5} rounds=${BENCH_ROUNDS:-5} parts=${BENCH_PARTS:-data fair idle handshakes flood}
if [ -z "${WG_TEST_ALONE-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "skip bench: not root"; exit 0; }
	for p in ip ping openssl taskset; do
		command -v $p >/dev/null || { echo "skip bench: no $p"; exit 0; }
	done
	sh "$top/tests/wireguard-go.sh" || exit 1
fi
alone "$@"
. "$here/../pair.sh"
. "$here/lib.sh"

# --- measuring ---

# datagrams WHO SIZE
datagrams()
{
	PAIR=$(pair_of "$1")
	behind r "$bench/datagrams" count "$(target "$1")" 5002 >$T/out
	sleep 0.1
	on l "$bench/datagrams" send "$(target "$1")" 5002 "$2" "$seconds" >/dev/null
	wait "$behind"
	read -r packets bytes took odd <$T/out
	note "pps$2" "$1" "$(calc %.0f "$packets / ($took > 0 ? $took : 1)")"
}

data_path()
{
	contestants="veth ours go vpn"
	start_wireguard ours "${BENCH_OURS:-ours}"
	start_wireguard go go-sid
	if command -v openvpn >/dev/null; then
		start_openvpn CHACHA20-POLY1305
	else
		contestants="veth ours go"
	fi
	for round in $(seq "$rounds"); do
		for measure in "tcp 1" "tcp 4" ${bbr:+"tcp 1 bbr"} "datagrams 64" "datagrams 1400" round_trip; do
			for who in $contestants; do
				set -- $measure
				locked "$1" "$who" ${2-} ${3-}
			done
		done
	done
	for who in $contestants; do
		[ $who = veth ] || note memory $who "$(memory_of $(daemons $who))"
	done
	end_all ours go vpn
}

# --- idle peers ---

# idle WHO DATA-PATH PEERS
idle()
{
	PAIR=idle
	start r "$2" || return
	"$top/build/tests/oracle/gen" many "$3" 1 >$T/conf
	idle_before=$(memory_of "$(daemon_pid r)")
	"$bench/cost" $T/cost 1 "$WG" setconf idler $T/conf || note "idle-failed-$3" "$1" yes
	note "setconf$3" "$1" "$(awk '{ print $1 / 1e6 }' $T/cost)"
	note "peer$3" "$1" "$(calc %.0f "($(memory_of "$(daemon_pid r)") - $idle_before) * 1024 / $3")"
	note "peers$3" "$1" "$("$WG" show idler peers | wc -l)"
	rm -f $T/cost $T/conf
	stop r
}

idle_peers()
{
	PAIR=idle
	pair_make
	for round in $(seq $((rounds < 3 ? rounds : 3))); do
		locked idle ours "${BENCH_OURS:-ours}" "$many"
		[ "$many" -gt 65535 ] || continue
		locked idle go go-sid 65535
	done
	locked idle ours "${BENCH_OURS:-ours}" "$very_many"
	pair_delete
}

# --- handshakes on one core ---

handshakes_of() # WHO DATA-PATH
{
	PAIR=hs
	DAEMON_ENV="taskset -c 0" start r "$2" || return
	configure r none
	$bench/handshakes keys 500 | sed 's/^/[Peer]\nPublicKey = /' >$T/conf
	"$WG" addconf hsr $T/conf
	on l taskset -c 1 "$bench/handshakes" run 192.0.2.2 51822 "$(public r)" 500 "$seconds" >$T/out &
	job=$!
	wait_for 60 grep -q warm $T/out
	hs_before=$(cpu_of hs)
	wait $job
	hs_cpu=$(calc %.2f "$(cpu_of hs) - $hs_before")
	tail -n 1 $T/out >$T/last
	read -r answers took curve cookies <$T/last
	note handshakes "$1" "$(calc %.0f "$answers / $took")"
	note curve "$1" "$curve"
	note of-curve "$1" "$(calc %.3f "$answers / $took * 4 / $curve")"
	note of-curve-cpu "$1" "$(calc %.3f "$answers * 4 / $curve / ($hs_cpu > 0 ? $hs_cpu : 1)")"
	stop r
}

handshakes()
{
	PAIR=hs
	pair_make
	for round in $(seq "$rounds"); do
		locked handshakes_of ours "${BENCH_OURS:-ours}"
		locked handshakes_of go go-sid
	done
	pair_delete
}

# --- under a flood of forged initiations ---

# The sources of a flood, which nobody routes to, are answered into nothing.
flood_goes_nowhere()
{
	on r ip route add 10.64.0.0/10 via 192.0.2.1
	on r sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.r0.rp_filter=0
	on l ip route add blackhole 10.64.0.0/10
}

# flood WHO NAME PORT SOURCES [KEY]: one stream while it lasts.
flood()
{
	PAIR=$(pair_of "$1")
	flood_name=$2
	ip netns exec "$PAIR-l" "$bench/forge" 192.0.2.2 "$3" 100000 $((seconds + 2)) "$4" ${5-} >$T/forged &
	flood_job=$!
	sleep 0.7
	behind r "$bench/stream" sink 10.8.0.2 5001 1 >$T/out
	on l "$bench/stream" send 10.8.0.2 5001 1 "$seconds" "$control"
	if wait "$behind"; then
		read -r bytes took <$T/out
		note "$flood_name" "$1" "$(calc %.3f "$bytes * 8 / 1e9 / $took")"
	fi
	wait $flood_job
	note "$flood_name-rate" "$1" "$(awk '{ printf "%.0f", $1 / $2 }' $T/forged)"
}

# newcomer WHO: a peer that has never been seen connects during a flood of the worst kind; seconds.
newcomer()
{
	PAIR=$(pair_of "$1")
	ip netns exec "$PAIR-l" "$bench/forge" 192.0.2.2 51822 100000 $((seconds + 12)) 1000 "$(public r)" \
		>/dev/null &
	flood_job=$!
	sleep 1
	"$WG" genkey >$T/new.key
	newcomer_key=$("$WG" pubkey <$T/new.key)
	on r "$WG" set "${PAIR}r" peer "$newcomer_key" allowed-ips 10.8.0.9/32
	newcomer_left=$PAIR-l
	ip netns exec "$newcomer_left" $(program "$2") ${3} "${PAIR}n" >/dev/null 2>&1 &
	newcomer_pid=$!
	wait_for 5 test -S "/var/run/wireguard/${PAIR}n.sock"
	on l ip address add 10.8.0.9/32 dev "${PAIR}n"
	on l ip link set "${PAIR}n" up
	on l ip route add 10.8.0.2/32 dev "${PAIR}n" src 10.8.0.9
	newcomer_begin=$(date +%s.%N)
	on l "$WG" set "${PAIR}n" private-key $T/new.key peer "$(public r)" allowed-ips 10.8.0.2/32 \
		endpoint 192.0.2.2:51822
	if on l ping -q -c 1 -w $((seconds + 9)) -I 10.8.0.9 10.8.0.2 >/dev/null; then
		note newcomer "$1" "$(calc %.1f "$(date +%s.%N) - $newcomer_begin")"
	else
		note newcomer "$1" never
	fi
	kill $newcomer_pid
	wait $newcomer_pid 2>/dev/null
	on r "$WG" set "${PAIR}r" peer "$newcomer_key" remove
	wait $flood_job
}

floods()
{
	for name in ours:${BENCH_OURS:-ours} go:go-sid; do
		start_wireguard "${name%:*}" "${name#*:}"
		flood_goes_nowhere
		on r nft -f - <<-'END'
			table ip filtered {
				chain incoming {
					type filter hook input priority 0
					udp dport 9 drop
				}
			}
		END
	done
	for round in $(seq "$rounds"); do
		for who in ours go; do
			PAIR=$who
			key=$(public r)
			locked tcp $who 1
			locked flood $who flood-dropped 9 1
			locked flood $who flood-dropped-many 9 1000
			locked flood $who flood-nomac 51822 1
			locked flood $who flood-nomac-many 51822 1000
			locked flood $who flood-mac 51822 1 "$key"
			locked flood $who flood-mac-many 51822 1000 "$key"
		done
	done
	locked newcomer ours "${BENCH_OURS:-ours}" "$ours_foreground"
	locked newcomer go go-sid -f
	end_all ours go
}

# --- fairness: round trips beside other traffic ---

# beside_streams WHO STREAMS NAME: round trips while so many TCP streams take all that they can.
beside_streams()
{
	PAIR=$(pair_of "$1")
	behind r "$bench/stream" sink "$(target "$1")" 5001 "$2" >/dev/null
	beside_sink=$behind
	behind l "$bench/stream" send "$(target "$1")" 5001 "$2" $((seconds + 2)) "$control"
	beside_sender=$behind
	sleep 1
	round_trip "$1" "$3"
	wait $beside_sender
	wait $beside_sink
}

# beside_flood WHO: while 100,000 initiations a second come whose mac1 is right, from 1000 sources. Those for the
# bare veth go to a port that nobody has.
beside_flood()
{
	PAIR=$(pair_of "$1")
	flood_port=51822
	[ "$1" != veth ] || flood_port=9
	behind l "$bench/forge" 192.0.2.2 $flood_port 100000 $((seconds + 2)) 1000 "$(public r)" >/dev/null
	flood_job=$behind
	sleep 1
	round_trip "$1" rttflood
	wait $flood_job
}

# beside_shaped WHO: beside one TCP stream, where the way carries 20 Mbit/s and its queue is 100 ms long. There
# may be no fair queue in this kernel: what is compared is what a tunnel has wait in front of that queue.
beside_shaped()
{
	PAIR=$(pair_of "$1")
	on l tc qdisc add dev l0 root tbf rate 20mbit burst 16k limit 250000
	beside_streams "$1" 1 rttshaped
	on l tc qdisc del dev l0 root
}

fairness()
{
	start_wireguard ours "${BENCH_OURS:-ours}"
	flood_goes_nowhere
	start_wireguard go go-sid
	flood_goes_nowhere
	for round in $(seq "$rounds"); do
		for who in veth ours go; do
			locked beside_streams $who 4 rtt4
			locked beside_flood $who
			locked beside_shaped $who
		done
	done
	end_all ours go
}

# --- the table ---

# line WHAT MUST GOAL SEEN OURS GO VPN VETH
line()
{
	printf '%-46s %9s %9s %9s %11s %12s %9s %9s\n' "$1" "${2:--}" "${3:--}" "${4:--}" "${5:--}" "${6:--}" \
		"${7:--}" "${8:--}"
}

# compare WHAT MUST GOAL MEASURE [UNIT-FORMAT]
compare()
{
	line "$1" "$2" "$3" "$(calc %.2f "$(median "$4" ours) / $(median "$4" go)")" "$(median "$4" ours)" \
		"$(median "$4" go)" "$(median "$4" vpn)" "$(median "$4" veth)"
}

# compare_added WHAT MUST GOAL MEASURE: less what the bare veth has.
compare_added()
{
	bare=$(median "$4" veth)
	for who in ours go vpn; do
		eval "added_$who=\$(calc %.1f \"\$(median $4 $who) - $bare\")"
	done
	line "$1" "$2" "$3" "$(calc %.2f "$added_ours / $added_go")" "$added_ours" "$added_go" \
		"$added_vpn" "($bare)"
}

# flooded WHAT MEASURE: of the throughput without a flood.
flooded()
{
	flooded_ours=$(calc %.2f "$(median "$2" ours) / $(median tcp1 ours)")
	line "$1" 0.8 '' "$flooded_ours" "$(median "$2" ours)" "$(median "$2" go)"
}

table()
{
	line '' must goal seen wg-tun wireguard-go OpenVPN veth
	case " $parts " in
	*" data "*)
		compare 'TCP, one stream, Gbit/s' 2 3 tcp1
		compare 'TCP, four streams, Gbit/s' 2 3 tcp4
		compare 'daemon CPU, one stream, s/GB' 0.55 0.33 cpu1
		compare 'daemon CPU, four streams, s/GB' 0.55 0.33 cpu4
		[ -z "$bbr" ] || compare 'TCP with BBR, one stream, Gbit/s' '' '' tcp1bbr
		compare '64-byte UDP packets received a second' 3 4 pps64
		compare '1400-byte UDP packets received a second' '' '' pps1400
		compare_added 'added round-trip time, median, us' 0.7 0.5 rtt
		compare_added 'added round-trip time, 99th percentile, us' 0.7 0.5 rtt99
		line 'resident memory of both daemons, MB' 40 12 "$(calc %.1f "$(median memory ours) / 1024")" \
			"$(calc %.1f "$(median memory ours) / 1024")" \
			"$(calc %.1f "$(median memory go) / 1024")" "$(calc %.1f "$(median memory vpn) / 1024")"
		;;
	esac
	case " $parts " in
	*" fair "*)
		compare 'round trip beside four streams, median, us' '' '' rtt4
		compare '  99th percentile' '' 0.2 rtt499
		compare 'round trip beside a flood, median, us' '' '' rttflood
		compare '  99th percentile' '' '' rttflood99
		compare 'round trip beside a stream, shaped, median, us' '' '' rttshaped
		compare '  99th percentile' '' '' rttshaped99
		;;
	esac
	case " $parts " in
	*" idle "*)
		line "$many idle peers (65535), bytes a peer" 1024 '' "$(median "peer$many" ours)" \
			"$(median "peer$many" ours)" "$(median peer65535 go)"
		line "$many idle peers (65535), wg setconf, s" 1 '' "$(median "setconf$many" ours)" \
			"$(median "setconf$many" ours)" "$(median setconf65535 go)"
		line "$very_many idle peers, bytes a peer" '' '' "" "$(median "peer$very_many" ours)"
		line "$very_many idle peers, wg setconf, s" '' '' "" "$(median "setconf$very_many" ours)"
		line "$very_many idle peers, listed" "$very_many" '' "$(median "peers$very_many" ours)" \
			"$(median "peers$very_many" ours)"
		;;
	esac
	case " $parts " in
	*" handshakes "*)
		line 'handshakes a second, one core' '' '' '' "$(median handshakes ours)" "$(median handshakes go)"
		line 'of what X25519 allows, by time' 0.8 '' "$(median of-curve ours)" "$(median of-curve ours)"
		line 'of what X25519 allows, by CPU of the daemon' 0.8 '' "$(median of-curve-cpu ours)" \
			"$(median of-curve-cpu ours)"
		;;
	esac
	case " $parts " in
	*" flood "*)
		flooded 'one stream under a flood that is filtered' flood-dropped
		flooded '  from 1000 sources' flood-dropped-many
		flooded 'one stream under a flood, mac1 wrong' flood-nomac
		flooded '  from 1000 sources' flood-nomac-many
		flooded 'one stream under a flood, mac1 right' flood-mac
		flooded '  from 1000 sources' flood-mac-many
		line 'flood: initiations a second' 100000 '' '' "$(median flood-mac-rate ours)" \
			"$(median flood-mac-rate go)"
		line 'a new peer connects under that, after s' connects '' "$(median newcomer ours)" \
			"$(median newcomer ours)" "$(median newcomer go)"
		;;
	esac
}

case $(cat /proc/sys/net/ipv4/tcp_available_congestion_control) in
*bbr*) bbr=yes ;;
*) bbr= ;;
esac
many=100000 very_many=1000000 ours_foreground=--foreground
[ "$seconds" -gt 1 ] || very_many=200000
for part in $parts; do
	case $part in
	data) data_path ;;
	fair) fairness ;;
	idle) idle_peers ;;
	handshakes) handshakes ;;
	flood) floods ;;
	esac
done
echo "cores: $(nproc); rounds: $rounds of $seconds s; wireguard-go of sid $(cat "$top/build/wireguard-go/version")"
table

# SPDX-License-Identifier: GPL-2.0
# What the benchmarks of tunnels share. Sourced after ../tool.sh and ../pair.sh, within `alone`; $seconds is how
# long one measurement takes. A contestant is a pair of ../pair.sh of its own, by its name, or `veth`, which is
# the bare way of the pair $bare.
bench=$HELPERS/bench
bare=ours
T=/run/bench
mkdir -p $T

# One at a time on a machine that others measure on too: BENCH_LOCK is a file that they lock as well.
locked()
{
	if [ -n "${BENCH_LOCK-}" ]; then
		(flock 9 && "$@") 9>>"$BENCH_LOCK"
	else
		"$@"
	fi
}

# note MEASURE WHO VALUE
note()
{
	[ -n "$3" ] || return
	echo "$3" >>"$T/$1.$2"
	echo "$1, $2: $3" >&2
}

median() # MEASURE WHO
{
	sort -n "$T/$1.$2" 2>/dev/null | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}

# calc FORMAT EXPRESSION: nothing where something in it is missing.
calc()
{
	case " $2 " in
	*"  "* | *"( "* | *" )"*) return ;;
	esac
	awk "BEGIN { d = $2; printf \"$1\", d }" 2>/dev/null
}

# The daemons of a contestant, both ends.
daemons()
{
	cat "$pair_files/$1"[lr].pid 2>/dev/null
}

# CPU seconds that they have used.
cpu_of()
{
	for cpu_pid in $(daemons "$1"); do
		sed 's/.*) //' "/proc/$cpu_pid/stat"
	done | awk -v hz="$(getconf CLK_TCK)" '{ t += $12 + $13 } END { printf "%.2f", t / hz }'
}

memory_of() # PROCESS...: KiB resident
{
	for memory_pid; do
		sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$memory_pid/status"
	done | awk '{ t += $1 } END { print t + 0 }'
}

# target WHO: the address of its right end.
target()
{
	case $1 in
	veth) echo 192.0.2.2 ;;
	*) echo 10.8.0.2 ;;
	esac
}

pair_of()
{
	case $1 in
	veth) echo $bare ;;
	*) echo "$1" ;;
	esac
}

# Linux's own congestion control. Where another one is set for all, as BBR is by some clouds, its pacing
# would be what is measured: with BBR a fifth of both processors is idle.
control=cubic

# tcp WHO STREAMS [CONTROL]
tcp()
{
	PAIR=$(pair_of "$1")
	before=$(cpu_of "$1")
	behind r "$bench/stream" sink "$(target "$1")" 5001 "$2" >$T/out
	on l "$bench/stream" send "$(target "$1")" 5001 "$2" "$seconds" "${3:-$control}"
	wait "$behind" || { echo "# $1: $2 streams failed" >&2; return; }
	read -r bytes took <$T/out
	note "tcp$2${3-}" "$1" "$(calc %.3f "$bytes * 8 / 1e9 / $took")"
	note "cpu$2${3-}" "$1" "$(calc %.3f "($(cpu_of "$1") - $before) / ($bytes / 1e9)")"
}

# end_all NAME...: these pairs and what runs in them.
end_all()
{
	for PAIR; do
		for side in l r; do
			[ ! -e "$pair_files/$PAIR$side.pid" ] || stop $side
		done
		[ ! -e "/run/netns/$PAIR-l" ] || pair_delete
	done
}

# round_trip WHO [NAME]: round trips of small packets, one each millisecond: the median and the 99th
# percentile in microseconds, as NAME and NAME99.
round_trip()
{
	PAIR=$(pair_of "$1")
	behind r "$bench/rtt" echo "$(target "$1")" 5003
	rtt_echo=$behind
	sleep 0.1
	on l "$bench/rtt" ask "$(target "$1")" 5003 $((seconds * 600)) 1000 >$T/out.rtt
	kill "$rtt_echo"
	wait "$rtt_echo" 2>/dev/null
	read -r middle late least lost <$T/out.rtt
	note "${2:-rtt}" "$1" "$middle"
	note "${2:-rtt}99" "$1" "$late"
}

# start_wireguard NAME DATA-PATH: a tunnel that carries packets, as the pair NAME.
start_wireguard()
{
	PAIR=$1
	pair_make
	for side in l r; do
		start $side "$2" && configure $side || {
			echo "# $2 does not start: $(cat "$pair_files/$PAIR$side.log")" >&2
			return 1
		}
	done
	ping_inner l -c 3 -i 0.2 -W 2 >/dev/null || { echo "# $2 carries nothing" >&2; return 1; }
}

# start_openvpn CIPHER: OpenVPN over UDP, with TLS, as the pair vpn.
start_openvpn()
{
	PAIR=vpn
	pair_make
	for side in l r; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=$side \
			-days 2 -keyout $T/$side.key -out $T/$side.crt 2>/dev/null
		openssl x509 -in $T/$side.crt -noout -fingerprint -sha256 | sed 's/.*=//' >$T/$side.print
	done
	for side in l r; do
		far=$(other $side)
		role=--tls-client
		[ $side = l ] || role="--tls-server --dh none"
		behind $side openvpn --dev vpn$side --dev-type tun --proto udp --port 1194 \
			--local "192.0.2.$(number $side)" --remote "192.0.2.$(number "$far")" \
			--ifconfig "10.8.0.$(number $side)" "10.8.0.$(number "$far")" $role \
			--cert $T/$side.crt --key $T/$side.key --peer-fingerprint "$(cat $T/"$far".print)" \
			--data-ciphers "$1" --disable-dco --tun-mtu 1420 --verb 1 >$T/vpn$side.log 2>&1
		echo "$behind" >"$pair_files/vpn$side.pid"
	done
	wait_for 15 ping_inner l -c 1 -W 1 || { echo "# OpenVPN carries nothing" >&2; cat $T/vpnl.log >&2; }
}

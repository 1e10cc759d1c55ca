#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What our tools cost beside Debian's, in the same run: runs alternate, and the median is shown. CPU is
# user and system time of the whole process tree, without the data path. Nothing is asserted. For wg
# the device is one that only answers. --quick: few and small runs, to see that it works.
here=$(dirname "$0")
. "$here/../oracle/lib.sh"
[ -x "$ORACLE_WG" ] || { echo "skip bench: no wireguard-tools at $ORACLE_WG"; exit 0; }
need ip nft awk bash
[ -n "$WIREKIT_INSIDE" ] || [ -x "$B/tests/bench/cost" ] || make -s B="$B" helpers >&2
enter "$@"
quick=no
[ "$1" = --quick ] && quick=yes
export LOG_LEVEL=error
find_device_kind
cost=$B/tests/bench/cost
report=$T/report

# --- measuring ---

# measure STEM TIMES COMMAND...: what fails is not a measurement.
measure() {
	stem=$1
	shift
	"$cost" "$T/$stem" "$@" || [ "$may_fail" = yes ] || {
		echo "# failed: $*"
		rm -f "$T/$stem"
	}
}

# median FILE COLUMN
median() {
	cut -d ' ' -f "$2" "$1" 2>/dev/null | sort -n |
		awk '{ v[NR] = $1 } END { if (NR) printf "%d\n", v[int((NR + 1) / 2)] }'
}

# row LABEL FILE-STEM: one line of the table.
row() {
	for who in theirs ours; do
		for column in 1 2 3; do
			eval "${who}_$column=\$(median '$T/$2.$who' $column)"
		done
		eval "${who}_programs=\$(cat '$T/$2.$who.programs' 2>/dev/null)"
	done
	awk -v label="$1" -v tw="$theirs_1" -v tc="$theirs_2" -v tr="$theirs_3" -v tp="$theirs_programs" \
		-v ow="$ours_1" -v oc="$ours_2" -v or="$ours_3" -v op="$ours_programs" '
	function ms(us) { return us == "" ? "-" : sprintf("%.2f", us / 1000) }
	function times(a, b) { return a == "" || b == "" ? "-" : sprintf("%.1f", a / (b ? b : 1)) }
	function or_dash(v) { return v == "" ? "-" : v }
	BEGIN {
		printf "%-34s %10s %10s %7s %10s %10s %7s %8s %8s %6s %6s\n", label, ms(tc), ms(oc),
			times(tc, oc), ms(tw), ms(ow), times(tw, ow), or_dash(tr), or_dash(or),
			or_dash(tp), or_dash(op)
	}' | tee -a "$report"
}

head_line() {
	printf '%-34s %29s %29s %17s %13s\n' '' 'CPU ms' 'wall ms' 'peak KiB' 'programs'
	printf '%-34s %10s %10s %7s %10s %10s %7s %8s %8s %6s %6s\n' case upstream ours ratio upstream ours \
		ratio upstr. ours upstr. ours
}

of() {
	if [ "$1" = theirs ]; then echo "$2"; else echo "$3"; fi
}

# How many programs the rest of the line starts, itself and the data path apart.
programs() {
	command -v strace >/dev/null || return
	strace -f -qq -e trace=execve -o "$T/execs" "$@" >/dev/null 2>&1
	grep 'execve(.* = 0$' "$T/execs" | grep -vc /offload
}

# --- wg-quick ---

# Starts real data paths outside of what is measured.
offload_server() {
	OFFLOAD=$T/offload
	export OFFLOAD WG_QUICK_USERSPACE_IMPLEMENTATION="$B/tests/bench/offload"
	mkfifo "$OFFLOAD.ask" "$OFFLOAD.done"
	while read -r name <"$OFFLOAD.ask"; do
		"$WG_TUN" "$name" >/dev/null 2>&1
		echo done >"$OFFLOAD.done"
	done &
}

uplink() {
	ip link add up0 type veth peer name far0
	ip link set far0 up
	ip link set up0 up
	ip address add 192.0.2.2/24 dev up0
	ip route add default via 192.0.2.1
}

wait_gone() {
	tries=0
	while [ -e /run/wireguard/wgq.sock ] && [ "$tries" -lt 400 ]; do
		sleep 0.02
		tries=$((tries + 1))
	done
}

# quick_case LABEL RUNS THEIR-RUNS: $T/wgq.conf up and down.
quick_case() {
	rm -f "$T"/up.* "$T"/down.*
	for i in $(seq "$2"); do
		for who in theirs ours; do
			[ $who = ours ] || [ "$i" -le "$3" ] || continue
			tool=$(of $who "$ORACLE_WG_QUICK" "$WG_QUICK")
			for verb in up down; do
				echo "$1: $who $verb, $i of $2" >&2
				measure "$verb.$who" 1 "$tool" $verb "$T/wgq.conf"
			done
			wait_gone
		done
	done
	for who in theirs ours; do
		[ "$3" != 0 ] || [ $who = ours ] || continue
		[ "$3" != 1 ] || [ $who = ours ] || continue
		tool=$(of $who "$ORACLE_WG_QUICK" "$WG_QUICK")
		for verb in up down; do
			programs "$tool" $verb "$T/wgq.conf" | awk '{ print $1 - 1 }' >"$T/$verb.$who.programs"
		done
		wait_gone
	done
	row "wg-quick up, $1" up
	row "wg-quick down, $1" down
}

quick_conf() {
	printf '[Interface]\nPrivateKey = wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=\n'
	printf 'Address = 10.66.0.2/24, fd66::2/64\n[Peer]\n'
	printf 'PublicKey = FAybEllso8BTkTPWbKepT/A1N2HbFIGS9mf4MhgzJS0=\nEndpoint = 192.0.2.9:51820\n'
	printf 'AllowedIPs = %s\n' "$1"
}

quick_cases() {
	quick_conf 10.66.0.0/16 >"$T/wgq.conf"
	quick_case 'one peer' $((quick_runs)) $((quick_runs))
	quick_conf '0.0.0.0/0, ::/0' >"$T/wgq.conf"
	quick_case 'full tunnel' $((quick_runs)) $((quick_runs))
	"$GEN" quick 1 100 >"$T/wgq.conf"
	quick_case '100 allowed IPs' 3 3
	[ $quick = no ] || return
	"$GEN" quick 1 1000 >"$T/wgq.conf"
	quick_case '1,000 allowed IPs' 5 1
	"$GEN" quick 1000 1 >"$T/wgq.conf"
	quick_case '1,000 peers' 5 1
	"$GEN" quick 1 10000 >"$T/wgq.conf"
	quick_case '10,000 allowed IPs' 3 0
}

# --- wg ---

# wg_case LABEL RUNS TIMES ARGS...
wg_case() {
	label=$1 runs=$2 times=$3
	shift 3
	rm -f "$T"/wg.*
	echo "wg $label: $runs runs" >&2
	for i in $(seq "$runs"); do
		for who in theirs ours; do
			: >"$T/reply.log"
			measure "wg.$who" "$times" "$(of $who "$ORACLE_WG" "$WG")" "$@"
		done
	done
	row "wg $label" wg
}

wg_cases() {
	"$B/tests/oracle/datapath" /run/wireguard/wkf.sock "$T/reply"
	for n in $wg_sizes; do
		"$GEN" many "$n" 2 >"$T/conf"
		"$GEN" device "$n" 2 >"$T/reply"
		wg_case "setconf, $n peers" "$wg_runs" 1 setconf wkf "$T/conf"
		wg_case "syncconf unchanged, $n peers" "$wg_runs" 1 syncconf wkf "$T/conf"
		wg_case "show all dump, $n peers" "$wg_runs" 1 show all dump
		wg_case "show, $n peers" "$wg_runs" 1 show wkf
		may_fail=yes
		wg_case "parse only, $n peers" "$wg_runs" 1 setconf wknothere "$T/conf"
		may_fail=no
	done
	"$GEN" many 1 "$many_ips" >"$T/conf"
	"$GEN" device 1 "$many_ips" >"$T/reply"
	wg_case "setconf, $many_ips allowed IPs" "$wg_runs" 1 setconf wkf "$T/conf"
	wg_case "syncconf unchanged, $many_ips IPs" "$wg_runs" 1 syncconf wkf "$T/conf"
	wg_case "show dump, $many_ips allowed IPs" "$wg_runs" 1 show wkf dump
	printf 'listen_port=5\nerrno=0\n\n' >"$T/reply"
	wg_case 'genkey' 5 "$key_times" genkey
	rm -f "$T"/wg.*
	for i in 1 2 3 4 5; do
		for who in theirs ours; do
			tool=$(of $who "$ORACLE_WG" "$WG")
			measure "wg.$who" "$key_times" sh -c "'$tool' genkey | '$tool' pubkey"
		done
	done
	row 'wg genkey | wg pubkey' wg
}

quick_runs=9 wg_runs=5 wg_sizes='1000 10000 65000 100000' many_ips=100000 key_times=100
[ $quick = no ] || quick_runs=2 wg_runs=2 wg_sizes='100 1000' many_ips=1000 key_times=5
[ "$DEVICE" = kernel ] || offload_server
uplink
head_line | tee -a "$report" >&2
[ -n "$BENCH_QUICK_ONLY" ] || wg_cases >&2
quick_cases >&2
echo "device: $DEVICE; upstream: $("$ORACLE_WG" --version)"
cat "$report"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# 45 seconds, or SOAK_SECONDS, in which everything changes under traffic: peers come and go, addresses and
# ports change, a visitor connects and leaves. No session is lost, memory stays flat, and what
# the sanitizers of the build have to say is nothing. SOAK_BUILDS: the folders whose wg-tun is tried, each
# for that long, all at the same time.
#
#	[ $PAIR-l ] wg-tun, and beside it the visitor --- wg-tun [ $PAIR-r ], which gets the peers
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
duration=${SOAK_SECONDS:-45}
builds=${SOAK_BUILDS-build/san build/tsan}
export ASAN_OPTIONS=quarantine_size_mb=4:malloc_context_size=8 TSAN_OPTIONS=history_size=4

left() # SECONDS: whether so much time is left
{
	[ $(($(date +%s) + $1)) -lt "$end" ]
}

# Streams, one after the other and both ways; every byte is compared. A move may cost a stream seconds,
# but never an error.
traffic()
{
	while left 15; do
		for to in r l; do
			address=10.8.0.$(number $to)
			ip netns exec "$PAIR-$to" timeout 60 "$HELPERS/bench/stream" sink "$address" 5001 2 check >/dev/null &
			sink=$!
			on "$(other $to)" timeout 60 "$HELPERS/bench/stream" send "$address" 5001 2 5M &&
				wait $sink || { echo "a stream to $to failed"; return 1; }
			streams=$((streams + 1))
		done
	done
	echo "$streams streams"
}

# One end has an address more for a moment, then only that, and another port each time.
roam()
{
	moved=0
	while left 8; do
		for to in 11 1; do
			on l ip address flush dev l0 to 192.0.2.0/24
			on l ip address add 192.0.2.$to/24 dev l0
			on l "$WG" set "${PAIR}l" listen-port $((51900 + moved % 50))
			moved=$((moved + 1))
			wait_for 6 ping_inner l -c 1 -W 1 || { echo "no answer after move $moved"; return 1; }
			wait_for 6 ping_inner r -c 1 -W 1 || { echo "not found after move $moved"; return 1; }
			sleep 2
		done
	done
	echo "$moved moves"
}

# Hundreds of peers with endpoints that are nowhere.
crowd()
{
	rounds=0
	"$top/build/tests/oracle/gen" many 400 2 | sed '1,/^$/d' >/run/$PAIR.crowd-conf
	while left 4; do
		on r "$WG" addconf "${PAIR}r" /run/$PAIR.crowd-conf || { echo "cannot add"; return 1; }
		on r "$WG" show "${PAIR}r" dump >/dev/null
		sleep 0.7
		set --
		while read -r key; do
			set -- "$@" peer "$key" remove
		done <<<"$(sed -n 's/^PublicKey = //p' /run/$PAIR.crowd-conf)"
		on r "$WG" set "${PAIR}r" "$@" || { echo "cannot remove"; return 1; }
		rounds=$((rounds + 1))
		sleep 0.3
	done
	echo "$rounds rounds of 400 peers"
}

# Another interface that connects to the right end, is answered, and goes. An initiation that falls into a
# move is lost, and the next one, after five seconds, may fall into the next but one.
visitor()
{
	visits=0
	while left 22; do
		(umask 077 && "$WG" genkey >"/run/$PAIR.visitor-key")
		key=$("$WG" pubkey </run/$PAIR.visitor-key)
		on r "$WG" set "${PAIR}r" peer "$key" allowed-ips 10.8.9.9/32
		on r ip route replace 10.8.9.9/32 dev "${PAIR}r"
		ip netns exec "$PAIR-l" "$WG_TUN" --foreground "${PAIR}v" >>"$pair_files/${PAIR}v.log" 2>&1 &
		pid=$!
		wait_for 10 "$WG" show "${PAIR}v" listen-port || { echo "the visitor does not start"; return 1; }
		on l ip address add 10.8.9.9/32 dev "${PAIR}v"
		on l ip link set "${PAIR}v" up
		on l ip route replace 10.8.9.2/32 dev "${PAIR}v" src 10.8.9.9
		on r ip address replace 10.8.9.2/32 dev "${PAIR}r"
		on l "$WG" set "${PAIR}v" private-key /run/$PAIR.visitor-key peer "$(public r)" \
			allowed-ips 10.8.9.2/32 endpoint 192.0.2.2:51822
		on l ping -q -c 1 -w 20 -I 10.8.9.9 10.8.9.2 >/dev/null || { echo "visit $visits failed"; return 1; }
		visits=$((visits + 1))
		if [ $((visits % 2)) = 0 ]; then kill $pid; else on l ip link del "${PAIR}v"; fi
		wait $pid 2>/dev/null
		on r "$WG" set "${PAIR}r" peer "$key" remove
	done
	echo "$visits visits"
}

resident() # SIDE
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(daemon_pid "$1")/status"
}

watch()
{
	while left 1; do
		echo "$(resident l) $(resident r)"
		sleep 0.5
	done >/run/$PAIR.memory
}

# flat COLUMN: the median of the last quarter is at most a tenth and a megabyte above that of the second.
flat()
{
	awk -v c="$1" '
		function median(from, to, n, i, s) {
			n = 0
			for (i = from; i < to; i++) s[n++] = v[i]
			for (i = 1; i < n; i++) for (j = i; j && s[j - 1] > s[j]; j--) { t = s[j]; s[j] = s[j - 1]; s[j - 1] = t }
			return s[int(n / 2)]
		}
		{ v[NR] = $c }
		END {
			a = median(int(NR / 4), int(NR / 2)); b = median(int(NR * 3 / 4), NR)
			printf "%d KiB, then %d KiB (%d samples)\n", a, b, NR
			exit !(NR > 3 && b <= a * 1.1 + 1024)
		}' /run/$PAIR.memory
}

# ends_well SIDE: on SIGTERM with status 0 and nothing said by a sanitizer, who look for leaks then.
ends_well()
{
	pid=$(daemon_pid "$1")
	kill -TERM "$pid"
	wait "$pid"
	status=$?
	rm -f "$pair_files/$PAIR$1.pid"
	cat "$pair_files/$PAIR$1.log"
	[ $status = 0 ] && ! grep -q 'Sanitizer\|runtime error' "$pair_files/$PAIR$1.log"
}

named() # WHAT COMMAND...
{
	what=$1
	shift
	check "$label: $what" "$@"
}

background() # NAME: its output and status in files
{
	("$1" >"/run/$PAIR.$1" 2>&1; echo "$?" >"/run/$PAIR.$1.status") </dev/null &
	jobs="$jobs $!"
}

outcome() # NAME
{
	cat "/run/$PAIR.$1"
	[ "$(cat "/run/$PAIR.$1.status")" = 0 ]
}

soak() # BUILD-FOLDER PAIR
{
	WG_TUN=$1/tun/wg-tun PAIR=$2 label=${1##*/} jobs='' streams=0
	pair_make
	for side in l r; do
		start $side ours
		configure $side 4 psk
	done
	named "a tunnel" ping_inner l -c 2 -i 0.2 -W 6 || return
	end=$(($(date +%s) + duration))
	for job in traffic roam crowd visitor watch; do
		background $job
	done
	wait $jobs
	named "streams run, every byte right" outcome traffic
	named "each move is followed" outcome roam
	named "peers come and go" outcome crowd
	named "a visitor connects each time" outcome visitor
	named "the session is there" ping_inner l -c 3 -i 0.2 -W 2
	named "memory of the left end is flat" flat 1
	named "memory of the right end is flat" flat 2
	for side in l r; do
		named "the $side end ends well" ends_well $side
	done
	named "nothing is said of the visitors" sh -c '! grep "Sanitizer\|runtime error" "$1"' - "$pair_files/${PAIR}v.log"
}

n=0
all=
for build in $builds; do
	n=$((n + 1))
	[ -x "$top/$build/tun/wg-tun" ] || { skip "soak of $build" "no $build/tun/wg-tun"; continue; }
	(soak "$top/$build" so$n) >/run/soak.$n 2>&1 &
	all="$all $!"
done
[ -z "$all" ] || { wait $all; cat /run/soak.*; failures=$(cat /run/soak.* | grep -c '^not ok '); }
finish

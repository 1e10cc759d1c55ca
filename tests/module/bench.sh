#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/bench.sh: our module beside the kernel's own, on the same kernel in User Mode Linux, both
# with the kernel's generic ciphers: rounds that alternate, each a machine of its own; medians, and the
# ratio of each with the least that is asked for. Asserts nothing. Takes half a minute a round.
#
# BENCH_ROUNDS: 10. BENCH_SECONDS: of each stream, 4. BENCH_COUNT: of peers, 100000; 0: none. BENCH_OURS:
# a module instead of one built from here, or `theirs`. BENCH_LOCK: a file to lock for each machine.
. "$(dirname "$0")/../tool.sh"
cd "$top" || exit 1
rounds=${BENCH_ROUNDS:-10} count=${BENCH_COUNT:-100000}
work=$(mktemp -d "$top/build/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Keys that nobody has the other half of, and an allowed IP for each.
peers()
{
	printf '[Interface]\nPrivateKey = %s\n' "$(head -c 32 /dev/urandom | base64)"
	perl -MMIME::Base64 -e 'open R, "<", "/dev/urandom"; for (1 .. shift) { read R, $k, 32;
		printf "[Peer]\nPublicKey = %s\nAllowedIPs = 10.%d.%d.%d/32\n", encode_base64($k, ""),
		$_ >> 16, $_ >> 8 & 255, $_ & 255 }' "$count"
}

locked() # COMMAND...
{
	if [ -n "${BENCH_LOCK-}" ]; then
		(flock 9 && "$@") 9>>"$BENCH_LOCK"
	else
		"$@"
	fi
}

# machine WHO [ARGUMENT...]
machine()
{
	who=$1
	shift
	locked sh tests/vm/run.sh uml "$@" tests/module/bench/measure.sh >"$work/out" 2>&1 || {
		echo "# $who:" >&2
		cat "$work/out" >&2
	}
	sed -n 's/^= //p' "$work/out" | while read -r measure value; do
		echo "$value" >>"$work/$measure.$who"
		echo "$measure, $who: $value" >&2
	done
}

ours()
{
	case ${BENCH_OURS-} in
	theirs) machine ours ;;
	'') machine ours --module build/module/uml/wireguard.ko ;;
	*) machine ours --module "$BENCH_OURS" ;;
	esac
}

median() # MEASURE WHO
{
	sort -n "$work/$1.$2" 2>/dev/null | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}

# row MEASURE TEXT MUST [time]: of what takes time, theirs : ours.
row()
{
	a=$(median "$1" ours) b=$(median "$1" theirs)
	ratio=$(awk -v a="$a" -v b="$b" -v time="${4-}" \
		'BEGIN { if (time) { t = a; a = b; b = t } if (a > 0 && b > 0) printf "%.2f", a / b }')
	printf '| %s | %s | %s | %s | %s |\n' "$2" "$a" "$b" "$ratio" "$3"
}

make -s build/wg/wg helpers || exit 1
[ -n "${BENCH_OURS-}" ] || sh tests/module/build.sh uml || exit 1
export VM_PASS="BENCH_SECONDS BENCH_PEERS" BENCH_PEERS=
if [ "$count" != 0 ]; then
	BENCH_PEERS=$work/peers
	peers >"$BENCH_PEERS"
fi
n=0
while [ $n -lt "$rounds" ]; do
	n=$((n + 1))
	machine theirs
	ours
done
echo "| what | ours | the kernel's own | ratio | must |"
echo "|---|---|---|---|---|"
row veth "TCP without a tunnel, Mbit/s" ""
row tcp "TCP, Mbit/s" 1.3
row flood1400 "1400-byte packets a second" 1.3
row flood64 "64-byte packets a second" ""
row setconf "\`wg setconf\` of $count peers, ms (theirs : ours)" 10 time
row dump "\`wg show all dump\` of them, ms (theirs : ours)" 1.0 time

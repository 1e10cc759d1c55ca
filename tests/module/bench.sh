#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/bench.sh: our module beside the kernel's own, on the same kernel in User Mode Linux, both
# with the kernel's generic ciphers: rounds that alternate, each a machine of its own; medians, and the
# ratio of each with the least that is asked for. Asserts nothing. Takes a minute a round.
#
# For what all but the cipher costs, both run once more with a cipher that does nothing (bench/null). The
# machine has one processor, which is busy all the time: what a bit costs is the inverse of the throughput.
# More than half of that is what TCP costs over the bare veth, so no tunnel could halve it; what is
# compared is the rest, that which the tunnel adds.
#
# Fairness: round trips beside four streams, beside a flood of forged initiations, and beside one stream through
# a shaper with fq_codel; the bare veth is measured in the same machines. BENCH_FAIR=: without.
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

# Both with the kernel's library, in whose place is one that does nothing.
without_cipher()
{
	VM_UPDATES=$work/null/libchacha20poly1305.ko
	BENCH_PEERS='' BENCH_FAIR=''
	export VM_UPDATES
	machine null-theirs --module "$uml"/root/lib/modules/*/kernel/drivers/net/wireguard/wireguard.ko
	machine null-ours --module build/module/uml-null/wireguard.ko
	unset VM_UPDATES
	BENCH_PEERS=$peers BENCH_FAIR=$fair
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

row_of_cost()
{
	for who in ours theirs; do
		eval "$who=$(median tcp null-$who) veth_$who=$(median veth null-$who)"
	done
	awk -v a="${ours:-0}" -v b="${theirs:-0}" -v va="${veth_ours:-0}" -v vb="${veth_theirs:-0}" '
	function row(what, a, b, must) { printf "| %s, ns/bit | %.3f | %.3f | %.2f | %s |\n", what, a, b, a / b, must }
	BEGIN {
		if (!a || !b || !va || !vb) exit
		row("TCP through a tunnel without a cipher", 1e3 / a, 1e3 / b, "")
		row("what such a tunnel adds to the bare veth", 1e3 / a - 1e3 / va, 1e3 / b - 1e3 / vb, "0.5, at most")
	}'
}

uml=${VM_KERNELS:-build/vm}/uml
make -s build/wg/wg helpers || exit 1
[ -n "${BENCH_OURS-}" ] || sh tests/module/build.sh uml || exit 1
MODULE_WORK=$top/build/module/uml-null sh tests/module/build.sh uml AEAD=kernel || exit 1
cp -R tests/module/bench/null "$work/null"
make -s -C "$uml/build" ARCH=um M="$work/null" || exit 1
fair=${BENCH_FAIR-yes}
peers=
if [ "$count" != 0 ]; then
	peers=$work/peers
	peers >"$peers"
fi
export VM_PASS="BENCH_SECONDS BENCH_PEERS BENCH_FAIR" BENCH_PEERS="$peers" BENCH_FAIR="$fair"
n=0
while [ $n -lt "$rounds" ]; do
	n=$((n + 1))
	machine theirs
	ours
	without_cipher
done
echo "| what | ours | the kernel's own | ratio | must |"
echo "|---|---|---|---|---|"
row veth "TCP without a tunnel, Mbit/s" ""
row tcp "TCP, Mbit/s" 1.3
row flood1400 "1400-byte packets a second" 1.3
row flood64 "64-byte packets a second" ""
row setconf "\`wg setconf\` of $count peers, ms (theirs : ours)" 10 time
row dump "\`wg show all dump\` of them, ms (theirs : ours)" 1.0 time
for measure in rtt:'a quiet tunnel' rtt4:'four streams' rttflood:'a flood' rttshaped:'one stream, shaped'; do
	row "${measure%%:*}" "round trip beside ${measure#*:}, median, us (theirs : ours)" "" time
	row "${measure%%:*}99" "  99th percentile" "" time
	row "veth${measure%%:*}" "  median without a tunnel" "" time
done
row_of_cost

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wg-tun where offloads are refused: by the kernel from the start, or by a driver in the middle of a
# transfer. Nothing may be lost for good, and the tunnel must stay.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
shim=$HELPERS/datapath/offload-shim.so
counted=/run/refused
PAIR=o

# carried FROM TO ADDRESS: all of it, and unharmed.
carried()
{
	ip netns exec "$PAIR-$2" timeout 60 "$HELPERS/bench/stream" sink "$3" 5001 2 check &
	carried_sink=$!
	on "$1" timeout 60 "$HELPERS/bench/stream" send "$3" 5001 2 20M || return
	wait $carried_sink
}

works()
{
	ping_inner l -c 3 -i 0.2 -W 2 && carried l r 10.8.0.2 && carried r l fd08::1 &&
		ping_inner l -c 1 -W 2 && ping_inner r -c 1 -W 2
}

refused()
{
	od -A n -t u8 $counted | tr -d ' '
}

# Refused a few times, then tried again after pauses that double (latch.h); a new peer begins anew, so that a
# few more are refused.
learns()
{
	learns_first=$(refused)
	for side in l r; do
		on $side "$WG" set $PAIR$side peer "$(public "$(other $side)")" remove
	done
	configure l 4 psk
	configure r 4 psk
	ping_inner r -c 1 -W 12 && carried l r 10.8.0.2 && carried r l fd08::1 || return
	echo "refused at first: $learns_first, later: $(refused)"
	[ "$learns_first" -gt 0 ] && [ $(($(refused) - learns_first)) -le 32 ]
}

# The kernel refuses GSO sends of segments that are larger than the way, and fragments single ones. Then one
# packet is for an address that no peer has.
works_on_a_narrow_way()
{
	on l ip route add 192.0.2.2/32 dev l0 mtu 1300 && works &&
		on l ip route add 203.0.113.9/32 dev "${PAIR}l" || return
	! on l ping -c 1 -W 1 203.0.113.9
}

# says SIDE TEXT: in the log, once the daemon has ended.
says()
{
	cat "$pair_files/$PAIR$1.log"
	grep -q "$2" "$pair_files/$PAIR$1.log"
}

# with WHAT VARIABLE=VALUE...
with()
{
	with_what=$1
	shift
	head -c 8 /dev/zero >$counted
	DAEMON_ENV="LD_PRELOAD=$shim FAIL_COUNT=$counted $*"
	pair_make
	for side in l r; do
		start $side ours && configure $side
	done
	check "$with_what" "${WORKS:-works}"
	case $* in
	*FAIL_SEND* | *FAIL_WRITE*) check "$with_what: and are seldom tried again" learns ;;
	esac
	for side in l r; do
		stop $side
	done
	pair_delete
}

with "all offloads work" NONE=
with "sends of GSO datagrams fail with EIO" FAIL_SEND=5
with "sends of GSO datagrams fail with EINVAL, in the middle of a transfer" FAIL_SEND=22,200
with "sends of GSO datagrams fail with EMSGSIZE, in the middle of a transfer" FAIL_SEND=90,200
with "sends of GSO datagrams fail with ENOBUFS, in the middle of a transfer" FAIL_SEND=105,200
with "writes of super-packets fail with EINVAL" FAIL_WRITE=22
with "writes of super-packets fail with EIO" FAIL_WRITE=5
with "writes of super-packets fail with EINVAL, in the middle of a transfer" FAIL_WRITE=22,200
with "the TUN device has no USO" FAIL_OFFLOAD=0x60
with "the TUN device has no TSO either" FAIL_OFFLOAD=0x66
with "the TUN device has no offload at all" FAIL_OFFLOAD=0x67
with "all offloads are refused" FAIL_OFFLOAD=0x67 FAIL_SEND=5 FAIL_WRITE=22
WORKS=works_on_a_narrow_way with "the way is narrower than the segments" LOG_LEVEL=verbose
check "what was dropped is counted in the log" says l 'packets dropped: .* to an address that no peer has'
finish

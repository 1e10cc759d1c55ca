#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Offloads that fail (fault-shim.c): whatever the error, the tunnel carries on without that offload, and
# handshakes complete.
#
#	[ fal ] wg-tun, its UDP segmentation fails --- wg-tun, its TUN segmentation fails [ far ]
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
PAIR=fa
counted=/run/faults

# count WHICH: how many calls the shim refused; 1 gso, 2 tun.
count()
{
	od -A n -t u8 $counted | awk -v n="$1" '{ print $n }'
}

with_faults() # SIDE FAULTS
{
	head -c 16 /dev/zero >$counted
	DAEMON_ENV="LD_PRELOAD=$HELPERS/soak/fault-shim.so FAULT_SHIM=$2 FAULT_COUNT=$counted" start "$1" ours
}

transfer()
{
	ip netns exec fa-r timeout 20 "$HELPERS/bench/stream" sink 10.8.0.2 5001 2 check &
	transfer_sink=$!
	on l timeout 20 "$HELPERS/bench/stream" send 10.8.0.2 5001 2 20M && wait $transfer_sink
}

# round WHICH: the shim refuses a few calls and then none, for the offload is off; `fresh` handshakes.
round()
{
	configure l 4 psk
	configure r 4 psk
	ping_inner l -c 1 -W 6 || return
	transfer || return
	refused=$(count "$1")
	echo "refused after one transfer: $refused"
	[ "$refused" -gt 0 ] || return
	transfer || return
	echo "refused after two: $(count "$1")"
	[ $(($(count "$1") - refused)) -le 2 ] || return
	for side in l r; do
		on $side "$WG" set $PAIR$side peer "$(public "$(other $side)")" remove
	done
	configure l 4 psk
	configure r 4 psk
	ping_inner r -c 2 -i 0.1 -W 12 && transfer
}

pair_make
for error in EIO EINVAL EMSGSIZE ENOBUFS; do
	with_faults l gso=$error
	start r ours
	check "UDP segmentation fails with $error" round 1
	stop l
	stop r
done
for error in EINVAL EIO; do
	with_faults r tun=$error
	start l ours
	check "TUN segmentation fails with $error" round 2
	stop l
	stop r
done
finish

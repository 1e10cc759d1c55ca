#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# One round of vpn.sh, inside a machine whose kernel has ESP: prints `= WHO|MEASURE VALUE` for the WireGuard that
# is there, `theirs` or, with BENCH_OURS set, `ours`; beside the kernel's own also for ESP and the bare veth.
. "$(dirname "$0")/../tool.sh"
alone "$@"
seconds=${BENCH_SECONDS:-5}
. "$top/tests/pair.sh"
. "$top/tests/bench/lib.sh"
. "$top/tests/bench/ipsec.sh"
control=$(cat /proc/sys/net/ipv4/tcp_congestion_control)
modprobe wireguard
if [ -n "${BENCH_OURS-}" ]; then
	contestants=ours
	check "our module carries packets" start_wireguard ours kernel
else
	contestants="veth theirs cha aes"
	bare=theirs
	check "the kernel's own module carries packets" start_wireguard theirs kernel
	for cipher in chacha20poly1305 aes256gcm; do
		PAIR=$(echo $cipher | cut -c 1-3)
		check "ESP carries packets with $cipher" start_esp_kernel $cipher
	done
fi
for who in $contestants; do
	tcp $who 1
	round_trip $who
	echo "= $who|tcp1 $(median tcp1 $who)"
	echo "= $who|rtt $(median rtt $who)"
done
finish

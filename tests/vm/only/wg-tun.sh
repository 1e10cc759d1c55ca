#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wg-tun with the WireGuard of this machine's kernel: the cases of ../../interop/cases.sh, with less
# traffic. A session is renewed after two minutes, beside the rest.
#
#	[ kl ] wg-tun --- the kernel's WireGuard [ kr ]     and so [ ka ], begun by ours, [ kb ], by it
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$top/tests/pair.sh"
. "$top/tests/interop/cases.sh"
if ! kernel_has_wireguard; then
	skip "wg-tun and the kernel" "this kernel has no WireGuard"
	exit 0
fi
OTHER=kernel TRANSFER=2M RATE=100 FLOOD=3000 CROSSINGS=4
PAIR=ka
rekeys l >/run/ka 2>&1 </dev/null &
job_a=$!
PAIR=kb
rekeys r >/run/kb 2>&1 </dev/null &
job_b=$!
PAIR=k
cases
wait $job_a $job_b
cat /run/ka /run/kb
failures=$((failures + $(cat /run/ka /run/kb | grep -c '^not ok ')))
finish

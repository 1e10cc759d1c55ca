#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's own test of its WireGuard, as it stands in Debian's kernel source (kernel.sh fetches that),
# with our wg, on whatever module this machine has. It is one test to us: it stops at what does not hold.
. "$(dirname "$0")/../tool.sh"
script=$(cd "${VM_KERNELS:-$top/build/vm}" && pwd)/source-6.1/linux-source-6.1/tools/testing/selftests/wireguard/netns.sh
[ -r "$script" ] || { echo "not ok the kernel's own test: no $script"; exit 1; }
said=$(mktemp)
mkdir -p /run/bin
ln -sf "$WG" /run/bin/wg
modprobe wireguard
passes()
{
	(cd /run && PATH=/run/bin:$PATH timeout 800 bash "$script" >"$said" 2>&1) || {
		tail -n 40 "$said"
		return 1
	}
}
check "the kernel's own test passes" passes
finish

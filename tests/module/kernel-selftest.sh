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
# The last thing that test looks for, in the log, is that every object that was created was destroyed. A kernel
# without dynamic debugging says so of modules that were built with DEBUG=1 only.
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
control=/sys/kernel/debug/dynamic_debug/control
[ ! -e $control ] || echo "module wireguard +p" >$control
logged() # WHAT
{
	dmesg | grep -qE "wireguard: wg[0-9]+: $1 ?[0-9]* created" && dmesg | grep -qE "wireguard: wg[0-9]+: $1 ?[0-9]* destroyed"
}
passes()
{
	(cd /run && PATH=/run/bin:$PATH timeout 800 bash "$script" >"$said" 2>&1) || {
		tail -n 40 "$said"
		return 1
	}
}
check "the kernel's own test passes" passes
for what in Interface Peer Keypair; do
	if [ -e $control ] || dmesg | grep -q 'wireguard: .* created'; then
		check "the log has each $what that was created and destroyed" logged "$what"
	else
		skip "the log has each $what" "no dynamic debugging"
	fi
done
finish

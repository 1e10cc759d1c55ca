#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel whose WireGuard cannot be loaded, with and without a userspace data path; then one that
# loads it when asked. Only for a test machine: it switches the loading of modules off and on.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/../../netns/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
log=/run/log
check "WireGuard is not loaded yet" test ! -e /sys/module/wireguard
modprobe -a veth tun
quick_setup
unset WG_QUICK_USERSPACE_IMPLEMENTATION
conf wgq "Address = 10.66.0.2/32, fd66::2/128"
before=$(picture)
load=$(cat /proc/sys/kernel/modprobe)
trap 'echo "$load" >/proc/sys/kernel/modprobe' EXIT
echo /bin/false >/proc/sys/kernel/modprobe

says() { cat $log; grep -q -e "$1" $log; }

mkdir -p /run/alone
cp "$Q" /run/alone/wg-quick
env PATH=/nowhere /run/alone/wg-quick up $C >$log 2>&1
check "neither the module nor a program: up ends with 1" test $? = 1
check "it says so" says "^wg-quick: this kernel has no WireGuard, and neither wg-tun nor wireguard-go is in PATH$"
unchanged "that leaves nothing"
env WG_QUICK_USERSPACE_IMPLEMENTATION=no-such-program "$Q" up $C >$log 2>&1
check "nor the program that is asked for: up ends with 1" test $? = 1
check "it names the program" says "^wg-quick: .*no-such-program"
unchanged "that leaves nothing either"
"$Q" up $C >$log 2>&1
check "wg-tun beside it makes it come up" test $? = 0
check "it says what it falls back to" says "^\[!\] Missing WireGuard kernel module"
check "by its path" says "^\[#\] .*/wg-tun wgq$"
check "down" "$Q" down $C
unchanged "down leaves nothing"
echo "$load" >/proc/sys/kernel/modprobe
check "with modules loading again, it comes up" "$Q" up $C
check "in the kernel" sh -c 'ip -d link show wgq | grep -w wireguard'
check "down of that" "$Q" down $C
unchanged "nothing is left"
finish

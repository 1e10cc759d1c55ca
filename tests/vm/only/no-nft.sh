#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel without nftables, or with a part of it only: a full tunnel comes up, with one warning
# that says what is not protected. Only for a test machine: it unloads modules, and switches their
# loading off and on.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/../../netns/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
log=/run/log
modprobe -a veth wireguard
# What a script before used: its namespace may be on its way out still.
unload() { modprobe -r $(lsmod | sed -n 's/^\(nft_[a-z0-9_]*\) .*/\1/p') nf_tables nfnetlink; }
unloaded() { unload; [ ! -e /sys/module/nf_tables ]; }
check "nf_tables is not loaded" wait_for 20 unloaded
load=$(cat /proc/sys/kernel/modprobe)
trap 'echo "$load" >/proc/sys/kernel/modprobe' EXIT
echo /bin/false >/proc/sys/kernel/modprobe
quick_setup 2>/dev/null

# full_tunnel WHAT: up and down of one.
full_tunnel()
{
	conf wgq "Address = 10.66.0.2/32, fd66::2/128"
	before=$(picture 2>/dev/null)
	"$Q" up $C >$log 2>&1
	check "$1: a full tunnel comes up" test $? = 0
	check "$1: one warning" same 1 "$(grep -c ^Warning $log)"
	check "$1: it says what is not protected" grep -q \
		"^Warning: this kernel has no usable nftables.*come in through other interfaces are not dropped" $log
	for family in 4 6; do
		check "$1: IPv$family goes into the tunnel" sh -c 'ip -$0 rule | grep "not from all fwmark 0xca6c" &&
			ip -$0 route show table 51820 | grep "^default dev wgq"' $family
	done
	"$Q" down $C >$log 2>&1
	check "$1: down" test $? = 0
	check "$1: down does not speak of it" sh -c '! grep -i -e nft -e warning $0' $log
	check "$1: nothing is left" same "$before" "$(picture 2>/dev/null)"
}

full_tunnel "no nftables"
modprobe nfnetlink
full_tunnel "nfnetlink alone"
modprobe nf_tables
full_tunnel "nf_tables without its expressions"
echo "$load" >/proc/sys/kernel/modprobe
conf wgq "Address = 10.66.0.2/32, fd66::2/128"
"$Q" up $C >$log 2>&1
check "with modules loading again, it comes up without a warning" sh -c '! grep Warning $0' $log
check "and is protected" same 2 "$(nft list tables | grep -c wg-quick-wgq)"
check "down of that" "$Q" down $C
finish

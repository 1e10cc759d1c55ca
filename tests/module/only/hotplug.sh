#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A processor that goes and comes back, under traffic both ways: nothing waits for it for ever. For a
# machine with several (VM_CPUS=2).
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$top/tests/pair.sh"
PAIR=hp
online=/sys/devices/system/cpu/cpu1/online
umask 077

traffic() # SIDE
{
	while [ ! -e /run/stop ]; do
		timeout 20 ip netns exec "$PAIR-$1" ping -q -f -c 500 -s 1300 "10.8.0.$(number "$(other "$1")")"
	done >/dev/null 2>&1
}

tunnel()
{
	modprobe wireguard && pair_make || return
	for side in l r; do
		start $side kernel && configure $side 4 || return
	done
	wait_for 20 ping_inner l -c 1 -W 1
}

switches()
{
	for n in 1 2 3 4 5 6; do
		echo 0 >$online && sleep 1 && ping_inner l -c 3 -i 0.3 -W 3 || return
		echo 1 >$online && sleep 1 && ping_inner r -c 3 -i 0.3 -W 3 || return
	done
}

without()
{
	echo 0 >$online && ip link add hp0 type wireguard && ip link set hp0 up && ping_inner l -c 3 -i 0.3 -W 3 &&
		ip link del hp0 && echo 1 >$online
}

check "there is a second processor" test -w $online
check "a tunnel" tunnel
behind r iperf3 -s >/dev/null 2>&1
server=$behind
traffic l &
traffic r &
timeout 1000 ip netns exec $PAIR-l iperf3 -c 10.8.0.2 -t 1000 >/dev/null 2>&1 &
stream=$!
check "it goes and comes back under traffic" switches
check "a link is made, and goes, without it" without
touch /run/stop
kill $stream 2>/dev/null
check "what is sent after that arrives" sh -c "sleep 2; exec timeout 100 ip netns exec $PAIR-l iperf3 -c 10.8.0.2 -n 5M"
kill $server
check "the module can be unloaded" rmmod wireguard
wait
finish

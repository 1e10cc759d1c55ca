#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The machine is suspended, as far as that goes without a machine that sleeps: the kernel freezes all
# programs and wakes them after a second. Sessions are gone then, and a tunnel begins a new one.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$top/tests/pair.sh"
PAIR=su
umask 077

tunnel()
{
	modprobe wireguard && pair_make || return
	for side in l r; do
		start $side kernel && configure $side 4 || return
	done
	wait_for 20 ping_inner l -c 1 -W 1
}

keeps_session()
{
	before=$(show l latest-handshakes)
	sleep 6
	ping_inner l -c 2 -W 2 && same "$before" "$(show l latest-handshakes)"
}

suspends()
{
	echo 1 >/sys/module/suspend/parameters/pm_test_delay &&
		echo freezer >/sys/power/pm_test && echo mem >/sys/power/state
}

# Both sides have forgotten it: what is sent waits for a handshake.
begins_session()
{
	ping_inner l -c 3 -W 5 && [ "$(show l latest-handshakes)" -gt "$before" ]
}

check "the kernel can try to suspend" grep -q freezer /sys/power/pm_test
check "a tunnel" tunnel
check "its session lasts" keeps_session
timeout 100 ip netns exec $PAIR-r ping -q -f 10.8.0.1 >/dev/null 2>&1 &
flood=$!
check "the machine is suspended under traffic" suspends
kill $flood
wait
check "there is a new session" begins_session
echo none >/sys/power/pm_test
check "it can be unloaded" sh -c "ip netns del $PAIR-l && ip netns del $PAIR-r && rmmod wireguard"
finish

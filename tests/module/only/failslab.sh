#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Without memory: each allocation that a request makes fails once, one after the other; then some of
# those that packets need, at random. Errors, and neither harm nor leak; afterwards all works.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
. "$top/tests/pair.sh"
PAIR=nm
umask 077
shim=${NTH_SHIM:-$top/build/tests/module/nth-shim.so}
modprobe wireguard
pair_make
for side in l r; do
	start $side kernel
	configure $side 4
done
"$WG" genpsk >/run/key
"$WG" genkey | "$WG" pubkey >/run/peer
printf '[Interface]\nPrivateKey = %s\nListenPort = 4000\n' "$(cat /run/key)" >/run/conf
for n in 1 2 3 4 5 6 7 8; do
	echo "[Peer]"
	echo "PublicKey = $("$WG" genkey | "$WG" pubkey)"
	echo "AllowedIPs = 10.$n.0.0/16, fd00:$n::/32, 10.$n.7.0/24"
	echo "Endpoint = [fd02::$n]:7"
done >>/run/conf

# each NAME PREPARE COMMAND...: COMMAND with its first allocation failing, then a later one..., until none
# fails any more; PREPARE before each. NTH_STRIDE: how much later, 6; with 1, all of them fail once.
# NTH_SECONDS: after so many, 60, they are passed over faster and faster.
each()
{
	each_name=$1 each_prepare=$2 each_n=1 each_failed=0 each_stride=${NTH_STRIDE:-6}
	each_end=$(($(now) + ${NTH_SECONDS:-60}))
	shift 2
	while :; do
		$each_prepare
		rm -f /run/nth
		NTH_FAIL=$each_n NTH_FILE=/run/nth LD_PRELOAD=$shim "$@" >/dev/null 2>&1
		[ -e /run/nth ] || break
		each_failed=$((each_failed + 1))
		[ "$(now)" -lt $each_end ] || each_stride=$((2 * each_stride))
		each_n=$((each_n + each_stride))
		[ $each_n -lt 100000 ] || break
	done
	if [ $each_failed -gt 0 ] && [ $each_n -lt 100000 ]; then
		ok "$each_name: $each_failed of $each_n allocations failed"
	else
		not_ok "$each_name: $each_failed of $each_n allocations failed"
	fi
}

none()
{
	ip link del nmx 2>/dev/null
}

link()
{
	ip link add nmx type wireguard 2>/dev/null
	ip link set nmx down
}

full()
{
	link
	"$WG" setconf nmx /run/conf
}

up()
{
	full
	ip link set nmx up
}

# Those that may sleep fail too, and nothing is said of it.
for f in failslab fail_page_alloc; do
	echo 0 >$debug/$f/verbose
	echo N >$debug/$f/ignore-gfp-wait
done
each "a link is made" none ip link add nmx type wireguard
each "a key and a port are set" link "$WG" set nmx private-key /run/key listen-port 4001
each "a peer is added" link "$WG" set nmx peer "$(cat /run/peer)" preshared-key /run/key \
	endpoint 192.0.2.9:9 allowed-ips 10.1.2.0/24,fd00::/16
each "a configuration is set" link "$WG" setconf nmx /run/conf
each "a link goes up" full ip link set nmx up
each "a port is changed" up "$WG" set nmx listen-port 4002
each "a link is shown" full "$WG" show nmx dump
each "a peer is removed" full "$WG" set nmx peer "$(sed -n 's/PublicKey = //p' /run/conf | tail -n 1)" remove
each "a link is removed" up ip link del nmx
none
# One in twenty of those that must not sleep, for whomever.
for f in failslab fail_page_alloc; do
	echo Y >$debug/$f/ignore-gfp-wait
	echo N >$debug/$f/task-filter
	echo -1 >$debug/$f/times
	echo 5 >$debug/$f/probability
done
for round in 1 2 3 4; do
	timeout 20 ip netns exec $PAIR-l ping -q -f -c 1500 -s 1300 10.8.0.2 >/dev/null 2>&1
	timeout 20 ip netns exec $PAIR-r ping -q -f -c 500 -s 4000 fd08::1 >/dev/null 2>&1
	on l "$WG" set ${PAIR}l private-key "$pair_files/${PAIR}l.key" 2>/dev/null
done
for f in failslab fail_page_alloc; do
	echo 0 >$debug/$f/probability
done
check "the tunnel carries once there is memory" wait_for 20 ping_inner l -c 1 -W 1
ip netns del $PAIR-l
ip netns del $PAIR-r
leaves_nothing "without memory"
finish

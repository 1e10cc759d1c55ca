#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# All changes at once, under traffic both ways: peers and allowed IPs come and go, keys, ports, marks and
# MTUs change, links move between namespaces and die with them, all is listed, and at the end of each
# round the module is unloaded in the midst of it. For STRESS_SECONDS, in the kernel that watches itself.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
. "$top/tests/pair.sh"
PAIR=st
seconds=${STRESS_SECONDS:-60}

# Peers that nobody is: keys from a list that all share.
keys=/run/keys
i=0
while [ $i -lt 24 ]; do
	"$WG" genkey | "$WG" pubkey
	i=$((i + 1))
done >$keys

# forever FUNCTION: until the round ends. What it does may fail: others undo it at the same time.
forever()
{
	(while [ ! -e /run/stop ]; do "$@"; done >/dev/null 2>&1) &
}

peers() # SIDE
{
	n=1
	while read -r key && [ ! -e /run/stop ]; do
		on "$1" "$WG" set "$PAIR$1" peer "$key" allowed-ips "10.9.$n.0/24,fd09:$n::/32" \
			endpoint "192.0.2.$n:1$n" persistent-keepalive 1 preshared-key "$pair_files/$PAIR.psk"
		n=$((n + 1))
	done <$keys
	on "$1" "$WG" set "$PAIR$1" peer "$(sed -n 3p $keys)" allowed-ips +10.9.4.7/32,-10.9.3.0/24
	while read -r key && [ ! -e /run/stop ]; do
		on "$1" "$WG" set "$PAIR$1" peer "$key" remove
	done <$keys
}

new_key()
{
	(umask 077 && "$WG" genkey >/run/new.key)
	old=$(public l)
	"$WG" pubkey </run/new.key >/run/new.pub
	on l "$WG" set ${PAIR}l private-key /run/new.key
	on r "$WG" set ${PAIR}r peer "$old" remove \
		peer "$(cat /run/new.pub)" allowed-ips 10.8.0.1/32,fd08::1/128 endpoint 192.0.2.1:51821
	cp /run/new.key "$pair_files/${PAIR}l.key"
	cp /run/new.pub "$pair_files/${PAIR}l.pub"
	sleep 1
}

settings()
{
	on r "$WG" set ${PAIR}r fwmark 0x77 listen-port 51999
	on l ip link set ${PAIR}l mtu 1280
	sleep 0.5
	on r "$WG" set ${PAIR}r fwmark 0 listen-port 51822
	on l ip link set ${PAIR}l mtu 1420
	on l ip link set ${PAIR}l down
	on l ip link set ${PAIR}l up
	on l ip address add fd08::1/64 dev ${PAIR}l
}

# Born in one namespace, at work in another, killed with either.
moves()
{
	ip netns add $PAIR-m
	on l ip link add stm type wireguard
	on l "$WG" set stm private-key "$pair_files/$PAIR.psk" listen-port 51830 \
		peer "$(public r)" allowed-ips 0.0.0.0/0 endpoint 192.0.2.2:51822 persistent-keepalive 1
	on l ip link set stm netns $PAIR-m
	on m ip address add 10.7.0.1/24 dev stm
	on m ip link set stm up
	on m ping -q -c 1 -W 1 10.7.0.2
	on m ip link set stm netns $PAIR-r
	on r ip link set stm up
	on r ip link set stm netns $PAIR-m
	ip netns del $PAIR-m
	ip netns add $PAIR-b
	ip -n $PAIR-b link add stb type wireguard
	on b "$WG" set stb private-key "$pair_files/$PAIR.psk" listen-port 51831
	ip -n $PAIR-b link set stb netns $PAIR-l
	on l ip link set stb up
	ip netns del $PAIR-b
	on l "$WG" set stb listen-port 51832 peer "$(public r)" allowed-ips 10.6.0.0/24 endpoint 192.0.2.2:51822
	on l ip link set stb up
	on l ip link del stb
}

listing() # SIDE
{
	on "$1" "$WG" show all dump
	on "$1" ip -d -s link
}

traffic() # SIDE
{
	timeout 10 ip netns exec "$PAIR-$1" ping -q -f -c 300 -s 1300 "10.8.0.$(number "$(other "$1")")"
	timeout 10 ip netns exec "$PAIR-$1" ping -q -f -c 50 -s 3000 "fd08::$(number "$(other "$1")")"
}

stream()
{
	timeout 8 ip netns exec $PAIR-l iperf3 -c 10.8.0.2 -t 2 --connect-timeout 1000
	timeout 8 ip netns exec $PAIR-l iperf3 -c 10.8.0.2 -t 2 -R --connect-timeout 1000
	timeout 8 ip netns exec $PAIR-l iperf3 -c 10.8.0.2 -u -b 30M -t 1 --connect-timeout 1000
}

round()
{
	rm -f /run/stop
	modprobe wireguard || return
	pair_make
	for side in l r; do
		start $side kernel && configure $side 4 || return
	done
	wait_for 10 ping_inner l -c 1 -W 1 || return
	behind r iperf3 -s >/dev/null 2>&1
	server=$behind
	forever peers l
	forever peers r
	forever new_key
	forever settings
	forever moves
	forever listing l
	forever listing r
	forever traffic l
	forever traffic r
	forever stream
	end=$(($(now) + seconds / rounds))
	while [ "$(now)" -lt $end ]; do
		sleep 1
	done
	# Busy for a moment while a request is answered; and moves() may load it again at once.
	wait_for 20 rmmod wireguard
	unloaded=$?
	touch /run/stop
	kill $server
	wait
	for side in l r m b; do
		ip netns del $PAIR-$side 2>/dev/null
	done
	rm -f /run/pair/*.pid
	rmmod wireguard 2>/dev/null
	return $unloaded
}

rounds=$((seconds / 60 + 2))
n=0
while [ $n -lt $rounds ]; do
	n=$((n + 1))
	check "stress, round $n of $rounds: unloaded under traffic" round
done
modprobe wireguard
check "stress: links can be made as before" ip link add stx type wireguard
leaves_nothing stress
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Without IPv6: all of IPv4 works, and who sends to where only IPv6 leads is told so.
#
#	[ one ] v1 - veth -- v2 [ two ]      192.0.2.1  192.0.2.2
#	[ one ] wg1 -------- wg2 [ two ]      10.8.0.1   10.8.0.2
. "$(dirname "$0")/../../tool.sh"
alone "$@"
umask 077

# side NAMESPACE NUMBER: a link, with addresses and a key, up.
side()
{
	"$WG" genkey >/run/key$2 && "$WG" pubkey </run/key$2 >/run/public$2 &&
	ip -n $1 address add 192.0.2.$2/24 dev v$2 && ip -n $1 link set v$2 up && ip -n $1 link set lo up &&
	ip -n $1 link add wg$2 type wireguard && ip -n $1 address add 10.8.0.$2/24 dev wg$2 &&
	ip netns exec $1 "$WG" set wg$2 private-key /run/key$2 listen-port 100$2 &&
	ip -n $1 link set wg$2 up
}

sides()
{
	ip netns add one && ip netns add two && ip link add v1 netns one type veth peer name v2 netns two &&
	side one 1 && side two 2
}

one()
{
	ip netns exec one "$@"
}

pings()
{
	one ping -q -c 3 -i 0.2 -W 2 "$@" 10.8.0.2
}

# The other side's peer follows.
port_changes()
{
	one "$WG" set wg1 listen-port 1101 && pings &&
		ip netns exec two "$WG" show wg2 endpoints | grep -qF 192.0.2.1:1101
}

endpoint() # ENDPOINT
{
	one "$WG" set wg1 peer "$(cat /run/public2)" endpoint "$1"
}

says() # WORDS COMMAND...
{
	words=$1
	shift
	"$@" 2>&1 | tee /dev/stderr | grep -q "$words"
}

check "there is no IPv6" test ! -e /proc/net/if_inet6
check "the module loads" modprobe wireguard
check "links are made" sides
one "$WG" set wg1 peer "$(cat /run/public2)" allowed-ips 10.8.0.2/32,fd08::2/128 endpoint 192.0.2.2:1002
ip netns exec two "$WG" set wg2 peer "$(cat /run/public1)" allowed-ips 10.8.0.1/32
check "a tunnel" pings
check "large packets" pings -s 4000
check "it listens on another port" port_changes
check "an endpoint of IPv6 may be set" endpoint '[fd02::2]:1002'
check "who sends there is told why it fails" says "Address family not supported" \
	one ping -c 1 -W 1 10.8.0.2
check "back over IPv4" endpoint 192.0.2.2:1002
check "it carries again" pings
check "down and up" sh -c 'ip -n one link set wg1 down && ip -n one link set wg1 up'
check "it carries after that" pings
check "it unloads" rmmod wireguard
finish

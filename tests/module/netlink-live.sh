#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Settings that are changed while packets flow: two links, the second in a namespace of its own, each the
# other's peer.
. "$(dirname "$0")/../tool.sh"
alone "$@"
umask 077

for i in 1 2 3; do
	"$WG" genkey >/run/key$i
	"$WG" pubkey </run/key$i >/run/pub$i
done
"$WG" genpsk >/run/psk
ours=$(cat /run/pub1) theirs=$(cat /run/pub2)
unshare -n sleep 600 &
other=$!
apart() { [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; }
wait_for 10 apart
there() { nsenter -n -t $other "$@"; }
there_wg() { there "$WG" "$@"; }

connect()
{
	ip link add v1 type veth peer name v2 &&
		ip link set v2 netns $other &&
		ip addr add 192.0.2.1/24 dev v1 && ip link set v1 up &&
		ip addr add 192.0.2.3/24 dev v1 &&
		there ip addr add 192.0.2.2/24 dev v2 && there ip link set v2 up && there ip link set lo up
}

links()
{
	ip link add wg0 type wireguard && ip addr add 10.0.0.1/24 dev wg0 &&
		"$WG" set wg0 private-key /run/key1 listen-port 1001 peer "$theirs" allowed-ips 10.0.0.2/32 \
			endpoint 192.0.2.2:1002 && ip link set wg0 up &&
		there ip link add wg0 type wireguard && there ip addr add 10.0.0.2/24 dev wg0 &&
		there_wg set wg0 private-key /run/key2 listen-port 1002 peer "$ours" allowed-ips 10.0.0.1/32 &&
		there ip link set wg0 up
}

pings() { ping -q -c 1 -W 3 "${1:-10.0.0.2}"; }
silent() { ! ping -q -c 1 -W 1 "${1:-10.0.0.2}"; }
handshake() { "$WG" show wg0 latest-handshakes | cut -f 2; }
never() { [ "$(handshake)" = 0 ]; }
shaken() { ! never; }

keepalive_calls()
{
	never && "$WG" set wg0 peer "$theirs" persistent-keepalive 25 && wait_for 3 shaken
}

# same_session ARGUMENT...: wg set with these; pings go on by the session that there is.
same_session()
{
	before=$("$WG" show wg0 dump | sed -n 2p | cut -f 5) && "$WG" set wg0 "$@" && pings && sleep 1.1 &&
		pings && same "$before" "$(handshake)"
}

other_key()
{
	"$WG" set wg0 private-key /run/key3 && silent && "$WG" set wg0 private-key /run/key1 && sleep 6 && pings
}

# Whoever is asked first answers, and is told the new address by that.
other_port()
{
	"$WG" set wg0 listen-port 1005 && pings && there_wg show wg0 endpoints | grep -q :1005 &&
		there ping -q -c 1 -W 3 10.0.0.1
}

port_in_use()
{
	ip link add wg9 type wireguard && "$WG" set wg9 listen-port 1009 && ip link set wg9 up &&
		! "$WG" set wg0 listen-port 1009 && same 1005 "$("$WG" show wg0 listen-port)" && pings
}

# With the mark there is no way.
mark_counts()
{
	ip rule add fwmark 0x77 unreachable && "$WG" set wg0 fwmark 0x77 && silent && "$WG" set wg0 fwmark 0 && pings
}

allowed_ip_counts()
{
	ip route add 10.7.0.0/24 dev wg0 && there ip addr add 10.7.0.1/32 dev wg0 && silent 10.7.0.1 &&
		"$WG" set wg0 peer "$theirs" allowed-ips 10.0.0.2/32,10.7.0.1/32 && pings 10.7.0.1 &&
		"$WG" set wg0 peer "$(cat /run/pub3)" allowed-ips 10.7.0.1/32 && silent 10.7.0.1 && pings &&
		"$WG" set wg0 peer "$(cat /run/pub3)" remove && silent 10.7.0.1
}

# Of older kernels only ours can.
allowed_ip_goes()
{
	"$WG" set wg0 peer "$theirs" allowed-ips +10.7.0.1/32 && pings 10.7.0.1 &&
		"$WG" set wg0 peer "$theirs" allowed-ips -10.7.0.1/32 && silent 10.7.0.1 && pings
}

# A packet waits for the handshake that an address which leads nowhere does not bring.
waiting_packet()
{
	"$WG" set wg0 peer "$theirs" remove &&
		"$WG" set wg0 peer "$theirs" allowed-ips 10.0.0.2/32 endpoint 192.0.2.9:1 || return 1
	ping -q -c 1 -W 12 10.0.0.2 &
	waiting=$!
	sleep 6
	"$WG" set wg0 peer "$theirs" endpoint 192.0.2.2:1002
	wait $waiting
}

removed()
{
	"$WG" set wg0 peer "$theirs" remove && ! ping -c 1 -W 1 10.0.0.2
}

preshared()
{
	"$WG" set wg0 peer "$theirs" preshared-key /run/psk allowed-ips 10.0.0.2/32 endpoint 192.0.2.2:1002 && silent &&
		there_wg set wg0 peer "$ours" preshared-key /run/psk && sleep 6 && pings
}

check "two namespaces are joined" connect
check "two links are up" links
check "a keepalive that is turned on is sent at once" keepalive_calls
check "pings come back" pings
check "the same private key ends no session" same_session private-key /run/key1
check "the same endpoint ends no session" same_session peer "$theirs" endpoint 192.0.2.2:1002
check "another preshared key ends no session" same_session peer "$theirs" preshared-key /run/psk
check "no preshared key ends no session" same_session peer "$theirs" preshared-key /dev/null
check "other allowed IPs end no session" same_session peer "$theirs" allowed-ips 10.0.0.2/32,10.8.0.0/16
check "another private key does" other_key
check "replies follow to another port" other_port
check "a port in use is refused, and the old one kept" port_in_use
check "a mark counts at once" mark_counts
check "allowed IPs count at once" allowed_ip_counts
check "a single allowed IP goes" allowed_ip_goes
check "a packet that waits goes out when the endpoint changes" waiting_packet
check "a peer that was removed gets nothing" removed
check "a preshared key has to be the other side's" preshared
kill $other
finish

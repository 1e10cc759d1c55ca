#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Dumps that go over many messages while the link changes under them: they end, and they say so. For a
# machine with our module: the kernel's own lets a dump that nobody reads on keep its link.
. "$(dirname "$0")/../tool.sh"
alone "$@"
raw=$top/build/tests/module/netlink-raw

key() { printf 'C%041d0=' "$1"; }

# The first one has more allowed IPs than a message holds, then come many with one.
config()
{
	printf '[Peer]\nPublicKey = %s\nAllowedIPs = ' "$(key 0)"
	seq 5000 | awk '{printf "%s10.9.%d.%d/32", (NR > 1 ? ", " : ""), $1 / 256, $1 % 256}'
	seq 3000 | awk '{printf "\n[Peer]\nPublicKey = C%041d0=\nAllowedIPs = fd00::%x/128\n", $1, $1}'
}

# during COMMAND: dumps the link; COMMAND runs after the first message.
during()
{
	ip link del wg0 2>/dev/null
	ip link add wg0 index 77 type wireguard
	"$WG" setconf wg0 /run/conf
	"$raw" -q -x "$1" 0 dump 2=s:wg0 >/run/out 2>&1 || return 1
	cat /run/out
	! grep -q broken /run/out
}

# changed COMMAND: the dump ends well, but inconsistent.
changed()
{
	during "$1" && grep -qx 'changed ok' /run/out
}

peers() { sed -n 's/.* peers \([0-9]*\) .*/\1/p' /run/out; }
ips() { sed -n 's/.* ips \([0-9]*\).*/\1/p' /run/out; }

whole()
{
	during true && grep -qx ok /run/out && same "3001 8000" "$(peers) $(ips)"
}

# gone COMMAND: there is no link any more to go on with, and nothing waits for the reader.
gone()
{
	during "$1" && grep -q 'ended: ENODEV' /run/out
}

at_once()
{
	timeout 20 ip link del wg0
}

# A reader that never reads on.
stuck()
{
	during true && {
		"$raw" -x 'sleep 60' 0 dump 2=s:wg0 >/dev/null &
		reader=$!
	} && sleep 2 && at_once
	stuck_status=$?
	kill "$reader"
	return "$stuck_status"
}

# The tools ask again until they have seen one state.
under_fire()
{
	during true
	(
		i=0
		while [ ! -e /run/enough ]; do
			i=$((i + 1))
			"$WG" set wg0 peer "$(key $((i % 3000)))" allowed-ips "10.8.$((i / 256 % 256)).$((i % 256))/32"
			"$WG" set wg0 peer "$(key $((i * 7 % 3000)))" remove
		done
	) &
	for i in 1 2 3 4 5 6 7 8 9 10; do
		"$WG" show wg0 dump >/run/dump || return 1
		[ -z "$(cut -f 1 /run/dump | sort | uniq -d)" ] || return 1
	done
	touch /run/enough
	wait
}

config >/run/conf
check "a dump is whole and keeps to the header" whole
check "peers are added behind its place" changed "$WG set wg0 peer $(key 5000) allowed-ips 10.1.1.1/32"
check "it has them" same 3002 "$(peers)"
check "a peer goes that it has not come to" changed "$WG set wg0 peer $(key 2999) remove"
check "it has one less" same 3000 "$(peers)"
check "the peer goes that it stands at" changed "$WG set wg0 peer $(key 0) remove"
check "the others come, but for one that moved up" test "$(peers)" -ge 3000
check "that peer's allowed IPs go" changed "$WG set wg0 peer $(key 0) allowed-ips ''"
check "the others come" same 3001 "$(peers)"
check "that peer's allowed IPs move" changed "$WG set wg0 peer $(key 7) allowed-ips 10.9.1.1/32,10.9.10.10/32"
check "all peers go" changed "$WG setconf wg0 /dev/null"
check "all peers go and come again" changed "$WG setconf wg0 /run/conf"
check "they come, but for one" test "$(peers)" -ge 3000
check "the link goes" gone "ip link del wg0"
check "another one comes with its name" gone "ip link del wg0; ip link add wg0 type wireguard"
check "another one comes with its number" changed "ip link del wg0; ip link add wg7 index 77 type wireguard"
ip link del wg7
check "it goes to another namespace" gone "unshare -n sleep 3 & sleep 1; ip link set wg0 netns \$!"
check "its name changes" during "ip link set wg0 name wg1"
ip link del wg1
check "a reader that stopped keeps no link" stuck
check "wg sees one state while all changes" under_fire
finish

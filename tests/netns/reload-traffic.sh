#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A hundred reloads under traffic: what goes through a prefix that stays loses nothing while other peers, prefixes of
# this and of other peers, and addresses come and go.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
far_key=mPxNyRIFxHzHNAWkpOHNCCzq2rQHSkCl2eNDuILzOm4=
near_public=$(echo $KEY | "$WG" pubkey)
far_public=$(echo $far_key | "$WG" pubkey)
OTHER=AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
reloads=100
[ -z "${WG_TEST_VM-}" ] || reloads=20
mkdir -p /run/conf /run/netns
ip netns add far
ip link add near type veth peer name far netns far
ip address add 192.0.2.1/24 dev near
ip link set near up
ip -n far address add 192.0.2.2/24 dev far
ip -n far link set far up
ip -n far link set lo up

file() # LINE...: those of [Interface] first, then, behind "--", those of other peers
{
	{
		printf '%s\n' "[Interface]" "PrivateKey = $KEY" "ListenPort = 5000" "Address = 10.1.0.1/24"
		while [ $# != 0 ] && [ "$1" != -- ]; do
			echo "$1"
			shift
		done
		printf '%s\n' "[Peer]" "PublicKey = $far_public" "AllowedIPs = 10.1.0.2/32, 10.2.0.0/16${more:+, $more}" "Endpoint = 192.0.2.2:5000"
		[ $# = 0 ] || shift
		[ $# = 0 ] || printf '%s\n' "$@"
	} >/run/conf/wgr.conf
	chmod 600 /run/conf/wgr.conf
}

cat >/run/conf/wgfar.conf <<END
[Interface]
PrivateKey = $far_key
ListenPort = 5000
Address = 10.1.0.2/24, 10.2.0.1/16
[Peer]
PublicKey = $near_public
AllowedIPs = 10.1.0.1/32
END
chmod 600 /run/conf/wgfar.conf
check "up, far" ip netns exec far "$Q" up /run/conf/wgfar.conf
file
check "up, near" "$Q" up /run/conf/wgr.conf
check "a ping across" ping -q -c 1 -W 5 10.1.0.2
session=$("$WG" show wgr latest-handshakes | cut -f 2)

ping -i 0.002 -c 1000000 10.2.0.1 >/run/ping &
pinger=$!
sleep 0.5
bad=0
for n in $(seq $reloads); do
	# Other prefixes of the very peer, too; one moves to the other peer and back.
	more=
	[ $((n % 2)) = 0 ] || more="10.6.$n.0/24, 10.4.0.0/16"
	case $((n % 4)) in
	0) file -- "[Peer]" "PublicKey = $OTHER" "AllowedIPs = 10.4.0.0/16" ;;
	1) file "Address = 10.3.$n.1/24" -- "[Peer]" "PublicKey = $OTHER" "AllowedIPs = 10.5.$n.0/24" ;;
	2) file "Address = 10.3.0.1/16" "MTU = 1400" -- "[Peer]" "PublicKey = $OTHER" "AllowedIPs = 10.5.$n.0/24" "PersistentKeepalive = 25" ;;
	3) file -- "[Peer]" "PublicKey = $OTHER" "AllowedIPs = 10.7.0.0/16" "PresharedKey = $KEY" ;;
	esac
	"$Q" reload /run/conf/wgr.conf >/run/said 2>&1 || { bad=$((bad + 1)) && cat /run/said >>/run/bad; }
	[ -s /run/said ] || { bad=$((bad + 1)) && echo "reload $n changed nothing" >>/run/bad; }
done
kill -INT $pinger
wait $pinger
check "$reloads reloads, each with something to do" same "0 " "$bad $(cat /run/bad 2>/dev/null)"
# The last ones may be on their way still.
answered=$(sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' /run/ping | sort -n | uniq)
last=$(echo "$answered" | tail -n 1)
check "a ping each 2 ms beside them lost nothing" same "" "$(diff <(seq "$last") <(echo "$answered"))"
check "they were many" test "$last" -gt 1000
sed -n 's/^\([0-9]* packets transmitted.*\)/# \1/p' /run/ping
check "in one session" same "$session" "$("$WG" show wgr latest-handshakes | grep "$far_public" | cut -f 2)"
check "down, near" "$Q" down /run/conf/wgr.conf
check "down, far" ip netns exec far "$Q" down /run/conf/wgfar.conf
finish

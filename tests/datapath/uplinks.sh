#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Which way packets take, and from which address: two uplinks, and two addresses of one. DATA_PATH: as in
# ../pair.sh.
#
#	[ upl ]  l0 192.0.2.1/24    --- preferred --- r0 192.0.2.2/24, 192.0.2.22/24  [ upr ]
#	         b0 198.51.100.1/24 ---  second   --- c0 198.51.100.2/24              lo 203.0.113.2/32
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
PAIR=up

endpoint_is() # SIDE ENDPOINT
{
	same "$2" "$(show "$1" endpoints)"
}

# answered SIDE SECONDS
answered()
{
	wait_for "$2" ping_inner "$1" -c 1 -W 1
}

speak_to() # ADDRESS
{
	on l "$WG" set upl peer "$(public r)" endpoint "$1:51822"
}

pair_make
ip -n up-l link add b0 type veth peer name c0 netns up-r
on l ip link set b0 up
on r ip link set c0 up
on l ip address add 198.51.100.1/24 dev b0
on r ip address add 198.51.100.2/24 dev c0
on r ip address add 203.0.113.2/32 dev lo
on r ip address add 192.0.2.22/24 dev r0
preferred() { on l ip route add 203.0.113.2 via 192.0.2.2 dev l0 metric 10; }
preferred
on l ip route add 203.0.113.2 via 198.51.100.2 dev b0 metric 20
on l sysctl -qw net.ipv4.conf.all.rp_filter=2
on r sysctl -qw net.ipv4.conf.all.rp_filter=2
for side in l r; do
	start $side "${DATA_PATH:-ours}"
done
configure l 4
configure r none
# Half a second after the addresses above changed, sources are forgotten.
sleep 1

# Replies leave from the address that was spoken to.
speak_to 192.0.2.22
check "a second address answers" answered l 6
check "from that address" endpoint_is l 192.0.2.22:51822
check "and so does what that end begins" ping_inner r -c 2 -i 0.1 -W 2
check "the endpoint is still that address" endpoint_is l 192.0.2.22:51822

# Changes that leave this way alone: a table that no rule uses, and a way by another router of the
# same link.
quiet_change() # COMMAND...
{
	on r "$@" || return
	sleep 1
	ping_inner r -c 2 -i 0.1 -W 2
}
on r ip route add default via 192.0.2.1 dev r0
check "a default route of an unused table comes" \
	quiet_change ip route add default via 192.0.2.1 dev r0 table 100
check "and goes" quiet_change ip route del default table 100
check "the endpoint is still that address" endpoint_is l 192.0.2.22:51822
check "the default route goes" quiet_change ip route del default
check "and comes by another router" quiet_change ip route add default via 192.0.2.3 dev r0
check "the route to the other end is replaced" \
	quiet_change ip route replace 192.0.2.1 dev r0
check "by a router of another link, in an unused table" \
	quiet_change ip route replace 192.0.2.1 via 198.51.100.1 dev c0 table 100
check "the endpoint is still that address" endpoint_is l 192.0.2.22:51822
on r ip route flush table 100
on r ip route del default

# The way to this end is another link than the one that has the address, as with asymmetric routing: the
# address has been right all along, and whatever changes elsewhere is no reason to leave it.
heard_at() # ADDRESS
{
	speak_to "$1" && answered l 6 && endpoint_is l "$1:51822"
}
check "a better way comes by the other link" \
	quiet_change ip route replace 192.0.2.1 via 198.51.100.1 dev c0
check "asymmetric: an address of the one link answers" heard_at 192.0.2.22
check "by the other" on r sh -c 'ip route get 192.0.2.1 from 192.0.2.22 | grep -q "dev c0"'
sleep 1
check "an unrelated link comes" quiet_change ip link add x0 type veth peer name x1
check "the endpoint is still that address" endpoint_is l 192.0.2.22:51822
check "and goes" quiet_change ip link del x0
check "the endpoint is still that address" endpoint_is l 192.0.2.22:51822
check "the way moves to the link that has the address" quiet_change ip route replace 192.0.2.1 dev r0
check "the endpoint is still that address" endpoint_is l 192.0.2.22:51822
# So with an address that is on no uplink: the uplinks may change.
check "an address of lo answers" heard_at 203.0.113.2
sleep 1
check "the other uplink becomes the way" \
	quiet_change ip route replace 192.0.2.1 via 198.51.100.1 dev c0
check "the endpoint is still that address" endpoint_is l 203.0.113.2:51822
check "and the first one again" quiet_change ip route replace 192.0.2.1 dev r0
check "the endpoint is still that address" endpoint_is l 203.0.113.2:51822
check "the second address answers again" heard_at 192.0.2.22

on r sysctl -qw net.ipv4.ip_nonlocal_bind=1
on r ip address del 192.0.2.22/24 dev r0
check "the address goes away: the other end speaks from another" answered r 3
check "which is learnt" endpoint_is l 192.0.2.2:51822

# The preferred uplink goes down and comes back.
speak_to 203.0.113.2
check "over the preferred uplink" answered l 6
check "which the other end sees" endpoint_is r 192.0.2.1:51821
on l ip link set l0 down
check "the preferred uplink goes down: traffic moves" answered l 3
check "to the second, from its address" endpoint_is r 198.51.100.1:51821
check "and the other end speaks by it" answered r 3
on l ip link set l0 up
preferred
check "the preferred uplink is back" answered l 3
on l ip link set b0 down
check "the second goes down: traffic moves back" answered l 3
check "to the first, from its address" endpoint_is r 192.0.2.1:51821
check "and the other end speaks by it" answered r 3
on l ip address del 192.0.2.1/24 dev l0
on l ip address add 192.0.2.7/24 dev l0
preferred
check "the uplink has another address: traffic goes on" answered l 3
check "from that" endpoint_is r 192.0.2.7:51821

# A better way comes while the old one stays. The other end does not answer meanwhile.
on l ip link set b0 up
on l ip route add 203.0.113.2 via 198.51.100.2 dev b0 metric 20
check "over the first uplink" ping_inner l -c 2 -i 0.1 -W 2
check "which the other end sees" endpoint_is r 192.0.2.7:51821
sleep 1 # a new source is asked about half a second after the check before
on l ip route add 203.0.113.2 via 198.51.100.2 dev b0 metric 5
sleep 1
check "the second becomes better: traffic goes on" ping_inner l -c 2 -i 0.1 -W 2
check "from the address of the second" endpoint_is r 198.51.100.1:51821
# So does a rule that comes.
sleep 1
on l ip route add 203.0.113.2 via 192.0.2.2 dev l0 table 101
on l ip rule add to 203.0.113.2 lookup 101
sleep 1
check "a rule leads to the first: traffic goes on" ping_inner l -c 2 -i 0.1 -W 2
check "from the address of the first" endpoint_is r 192.0.2.7:51821
sleep 1
# And one for the user that the sockets belong to.
on l ip route add 203.0.113.2 via 198.51.100.2 dev b0 table 102
on l ip rule add pref 90 to 203.0.113.2 uidrange 0-0 lookup 102
sleep 1
check "a rule for the user of the sockets leads to the second" ping_inner l -c 2 -i 0.1 -W 2
check "from the address of the second" endpoint_is r 198.51.100.1:51821
stop l
stop r
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A link of wg-tun that is moved to another network namespace, as into a container: the sockets stay where
# it was made, the tunnel goes on, and the daemon ends when the link is deleted there.
#
#	[ mv-l ] l0 ---- r0 [ mv-r ] wg-tun
#	   |
#	wg-tun, whose link goes to [ mv-in ], and from there to [ mv-in2 ], and back
. "$(dirname "$0")/../tool.sh"
alone "$@"
[ -e /dev/net/tun ] || { skip "a link that is moved" "no /dev/net/tun"; finish; }
. "$(dirname "$0")/../pair.sh"
PAIR=mv

# address NAMESPACE: what a link loses when it is moved.
address()
{
	ip -n "$1" address add 10.8.0.1/24 dev mvl
	ip -n "$1" link set mvl up
}
carries() # NAMESPACE
{
	ip netns exec "$1" ping -q -c 3 -i 0.2 -W 2 10.8.0.2
}
first_packet() # NAMESPACE: may wait for a handshake, but is not lost
{
	ip netns exec "$1" ping -q -c 1 -W 4 10.8.0.2
}
ports() { on l ss -Hlun "sport = :51821" | wc -l; }
closed() { [ "$(ports)" = 0 ]; }
is_open() { [ "$(ports)" != 0 ]; }
runs() { kill -0 "$pid" && "$WG" show mvl >/dev/null; }
ended() { ! kill -0 "$pid" 2>/dev/null || [ "$(sed -n 's/^State:[^A-Z]*\(.\).*/\1/p' "/proc/$pid/status")" = Z ]; }

pair_make
ip netns add mv-in
ip netns add mv-in2
for side in l r; do
	start $side ours
	configure $side 4
done
pid=$(daemon_pid l)
check "a tunnel" ping_inner l -c 1 -W 6
on l ip link set mvl netns mv-in
sleep 0.2
check "its link moves away: it goes on" runs
check "down, as a link that was moved is" wait_for 3 closed
address mv-in
check "up there, its first packet is not lost" first_packet mv-in
check "and it carries packets" carries mv-in
check "with the sockets where it was made" is_open
check "from the other side, too" ping_inner r -c 2 -i 0.2 -W 2
ip -n mv-in link set mvl down
check "down there, the sockets are closed" wait_for 3 closed
ip -n mv-in link set mvl up
check "up, they are open, without a packet" wait_for 3 is_open
ip -n mv-in link set mvl netns mv-in2
check "moved once more: it goes on" runs
address mv-in2
check "and carries packets" first_packet mv-in2
ip -n mv-in2 link set mvl netns mv-l
address mv-l
check "moved back: it carries packets" first_packet mv-l
gso_size() { ip -n mv-l -d link show mvl | sed -n 's/.* gso_max_size \([0-9]*\).*/\1/p'; }
size=$(gso_size)
resized() { [ "$(gso_size)" != "$size" ]; }
sleep 0.6
ip -n mv-l link set mvl mtu 1300
check "it hears of changes again" wait_for 3 resized
check "and goes down there" sh -c 'ip -n mv-l link set mvl down'
check "as ever" wait_for 3 closed
on l ip link set mvl netns mv-in
address mv-in
check "away again" first_packet mv-in
ip -n mv-in link del mvl
check "deleted there, the daemon ends" wait_for 3 ended
wait "$pid"
check "with status 0" test $? = 0
check "and takes its socket along" test ! -e /var/run/wireguard/mvl.sock

start l ours
configure l 4
pid=$(daemon_pid l)
on l ip link set mvl netns mv-in
sleep 0.2
ip netns del mv-in
check "so it does when that namespace goes" wait_for 5 ended
finish

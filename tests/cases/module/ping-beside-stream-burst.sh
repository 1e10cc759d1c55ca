# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. As ping-beside-stream, over IPv6 and through a shaper whose burst is larger than any super-packet, so
# that the shaper does not cut them: to such a queue a super-packet is one packet, for all of which a ping waits. The
# shaped link is the port of a bridge.
. "$(dirname "$0")/lib.sh"
one ip link add br0 type bridge || untried "no bridge"
one ip address flush dev a0
one ip link set a0 master br0
one ip address add 192.0.2.1/24 dev br0
one ip address add 2001:db8::1/64 dev br0 nodad
one ip link set br0 up
one tc qdisc replace dev a0 root handle 1: tbf rate 20mbit burst 100k limit 20000000 &&
	one tc qdisc add dev a0 parent 1: handle 2: fq_codel || untried "no tbf, fq_codel"
serve fd08::2
one timeout 20 iperf3 -t 7 -c fd08::2 >/tmp/iperf 2>&1 &
sleep 2
one ping -q -c 30 -i 0.1 -W 3 fd08::2 >/tmp/ping
figure rtt "$(sed -n 's/.*= [0-9.]*\/\([0-9.]*\)\/.*/\1/p' /tmp/ping)"
end_of_base
verdict "ping beside a stream: ${got_rtt:-none} ms, in-tree $(base rtt) ms" "${got_rtt:-999} > 1.5 * $(base rtt) + 1"

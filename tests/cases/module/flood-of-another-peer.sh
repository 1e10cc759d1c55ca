# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. One peer is sent as many datagrams as the processor can make: the round trip to another peer.
. "$(dirname "$0")/lib.sh"
three() { ip netns exec three "$@"; }
ip netns add three
ip link add c0 netns one type veth peer name d0 netns three
one ip address add 192.0.3.1/24 dev c0
three ip address add 192.0.3.2/24 dev d0
one ip link set c0 up
three ip link set d0 up
one "$WG" genkey >/tmp/third.key
three ip link add wg3 type wireguard
three "$WG" set wg3 private-key /tmp/third.key listen-port 1003 \
	peer "$(one "$WG" show wg1 public-key)" allowed-ips 10.8.0.1/32
three ip address add 10.8.0.3/16 dev wg3
three ip link set wg3 up
one "$WG" set wg1 peer "$("$WG" pubkey </tmp/third.key)" allowed-ips 10.8.0.3/32 endpoint 192.0.3.2:1003
one ping -q -c 3 -i 0.3 -W 3 10.8.0.3 >/dev/null
for i in 1 2; do
	one timeout 15 /usr/bin/python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 32, 1 << 28)  # SO_SNDBUFFORCE
s.setsockopt(17, 103, 1372)                   # UDP_SEGMENT
while True:
    s.sendto(b'x' * 1372 * 40, ('10.8.0.2', 7))" 2>/dev/null &
done
sleep 1
one ping -q -c 50 -i 0.1 -W 3 10.8.0.3 >/tmp/ping
figure lost "$(sed -n 's/.*, \([0-9]*\)% packet loss.*/\1/p' /tmp/ping)"
figure rtt "$(sed -n 's/.*= [0-9.]*\/\([0-9.]*\)\/.*/\1/p' /tmp/ping)"
end_of_base
verdict "beside the flood ${got_lost:-100} % are lost, ${got_rtt:-999} ms, in-tree $(base lost) %, $(base rtt) ms" \
	"${got_lost:-100} > $(base lost) + 4 || ${got_rtt:-999} > 1.5 * $(base rtt) + 2"

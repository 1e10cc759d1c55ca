# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Peers that do not answer have used up what a link may hold for waiting packets, to the last byte: the
# packets of a peer that is about to connect wait for it all the same.
. "$(dirname "$0")/lib.sh"
one ip route add 10.9.0.0/16 dev wg1
one "$WG" addconf wg1 <(/usr/bin/python3 -B "$here/peers.py" 230) || untried "no 230 peers"
one "$WG" set wg1 peer "$p2" remove peer "$p2" endpoint 192.0.2.2:9 allowed-ips 10.8.0.2/32
# The first ones take more than what is a share in the end.
figures staged-share.py 1372 8 0 220 24
figures staged-share.py 1 1 220 230 20
two timeout 30 /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.8.0.2", 777))
print(sum(len(s.recv(2000)) for _ in range(2)))' >/tmp/received &
sleep 1
one /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.8.0.1", 0))
s.sendto(b"x" * 700, ("10.8.0.2", 777))
s.sendto(b"x" * 1300, ("10.8.0.2", 777))'
figures staged-share.py 1 1 220 230
one "$WG" set wg1 peer "$p2" endpoint 192.0.2.2:1002
wait
figure received "$(cat /tmp/received)"
end_of_base
verdict "received of two packets that waited beside a full queue: ${got_received:-0} bytes of 2000, in-tree $(base received)" \
	"${got_received:-0} != 2000"

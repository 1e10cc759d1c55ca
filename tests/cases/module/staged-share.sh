# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Beside thousands of peers with waiting packets, a large packet waits for its peer all the same; and
# large packets for all of them are bounded.
. "$(dirname "$0")/lib.sh"
one ip link set wg1 mtu 9000
two ip link set wg2 mtu 9000
one ip route add 10.9.0.0/16 dev wg1
one "$WG" addconf wg1 <(/usr/bin/python3 -B "$here/peers.py" 4500) || untried "no 4500 peers"
one "$WG" set wg1 peer "$p2" remove peer "$p2" endpoint 192.0.2.2:9 allowed-ips 10.8.0.2/32
figures staged-share.py 100 1 0 4500
two timeout 30 /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.8.0.2", 777))
print(len(s.recv(9000)))' >/tmp/received &
sleep 1
one /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.8.0.1", 0))
s.sendto(b"x" * 8000, ("10.8.0.2", 777))'
one "$WG" set wg1 peer "$p2" endpoint 192.0.2.2:1002
wait
figure received "$(cat /tmp/received)"
figures staged-share.py 1372 43 0 1500
end_of_base
verdict "received of a large packet that waited: ${got_received:-0} bytes; memory of large packets that wait $got_kib KiB" \
	"${got_received:-0} != 8000 || $got_kib > 49152"

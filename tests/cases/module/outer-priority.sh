# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. The priority and the mark of a socket are seen on outer packets as with the kernel's own module.
. "$(dirname "$0")/lib.sh"
one nft -f - <<<'table inet q { chain o {
	type filter hook output priority 0;
	oifname a0 udp dport 1002 meta priority 5 counter
	oifname a0 udp dport 1002 meta mark 7 counter; }; }' ||
	untried "no nftables"
one /usr/bin/python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 5)
s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 7)
for i in range(10):
    s.sendto(b'x' * 100, ('10.8.0.2', 7))
    time.sleep(0.02)"
set -- $(one nft list table inet q | sed -n 's/.*packets \([0-9]*\).*/\1/p')
figure priority "$1"
figure mark "$2"
end_of_base
verdict "of 10 outer packets $got_priority have the priority and $got_mark the mark, in-tree $(base priority), $(base mark)" \
	"$got_priority != $(base priority) || $got_mark != $(base mark)"

# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A rule of nftables on the user (meta skuid) matches the outer packets of what the user sends.
. "$(dirname "$0")/lib.sh"
one nft -f - <<<'table inet q { chain o {
	type filter hook output priority 0; oifname a0 udp dport 1002 meta skuid 4711 counter; }; }' ||
	untried "no nftables"
one setpriv --reuid 4711 --regid 4711 --clear-groups /usr/bin/python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(10):
    s.sendto(b'x' * 100, ('10.8.0.2', 7))
    time.sleep(0.02)"
figure matched "$(one nft list table inet q | sed -n 's/.*packets \([0-9]*\).*/\1/p')"
end_of_base
verdict "outer packets that match: $got_matched of 10, in-tree $(base matched)" "$got_matched < $(base matched)"

# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A congestion mark on the outer packet whose inner packet is not ECN-capable: what becomes of the packet is
# as with the kernel's own module.
. "$(dirname "$0")/lib.sh"
one nft -f - <<<'table inet q { chain o { type filter hook output priority 0; udp dport 1002 ip ecn set ce; }; }' ||
	untried "no nftables"
figure back "$(one ping -n -c 10 -i 0.1 -W 1 10.8.0.2 | sed -n 's/.* \([0-9]*\) received.*/\1/p')"
end_of_base
verdict "$got_back of 10 pings came back, in-tree $(base back)" "$got_back < $(base back) - 2"

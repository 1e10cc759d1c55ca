# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Each outer packet of a TCP stream belongs to the user who sends the stream, also where a shaper cuts
# super-packets, and TCP hears when its packets have left: it does not send what the queue then drops.
. "$(dirname "$0")/lib.sh"
shape fq_codel || untried "no tbf, fq_codel"
one nft -f - <<<'table inet q { chain o {
	type filter hook output priority 0;
	oifname a0 udp dport 1002 udp length > 1000 counter
	oifname a0 udp dport 1002 udp length > 1000 meta skuid 4711 counter; }; }' ||
	untried "no nftables"
serve
one setpriv --reuid 4711 --regid 4711 --clear-groups timeout 30 iperf3 -t 4 -J -c 10.8.0.2 >/tmp/iperf 2>&1
set -- $(one nft list table inet q | sed -n 's/.*packets \([0-9]*\).*/\1/p')
figure all "$1"
figure his "$2"
figure retransmits "$(sed -n 's/.*"retransmits":[^0-9]*\([0-9]*\).*/\1/p' /tmp/iperf | tail -n 1)"
end_of_base
verdict "of $got_all large outer packets $got_his are the user's, $got_retransmits retransmissions, in-tree $(base all), $(base his), $(base retransmits)" \
	"$got_his * $(base all) < 0.98 * $(base his) * $got_all || ${got_retransmits:-999} > 1.5 * $(base retransmits) + 5"

# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A packet socket chooses the size of segments: small ones arrive, and one packet does not become any
# number of messages, nor of packets that are cut only to be dropped. Its sender is not told that the destination is unreachable.
. "$(dirname "$0")/lib.sh"
dropped() { one cat /sys/class/net/wg1/statistics/tx_dropped; }
arrived() { two cat /sys/class/net/wg2/statistics/rx_packets; }
sent() { one cat /sys/class/net/wg1/statistics/tx_packets; }
unreachable() { one awk '/^Icmp:/ && n { print $n; exit } /^Icmp:/ { for (n = NF; $n != "OutDestUnreachs"; n--); }' /proc/net/snmp; }
before=$(arrived)
one /usr/bin/python3 -B "$here/vnet.py" 536 3
sleep 1
figure small $(($(arrived) - before))
before=$(sent)
lost=$(dropped)
icmp=$(unreachable)
one /usr/bin/python3 -B "$here/vnet.py" 1 3
sleep 3
figure tiny $(($(sent) - before))
figure dropped $(($(dropped) - lost))
figure icmp $(($(unreachable) - icmp))
end_of_base
verdict "of 336 small segments arrived $got_small (in-tree $(base small)); 3 packets of tiny ones became $got_tiny messages, $got_dropped were dropped, and ICMP messages $got_icmp" \
	"$got_small < ($(base small) < 336 ? $(base small) : 336) || $got_tiny > 12000 || $got_dropped > 3 || $got_icmp > 0"

# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Through a shaper with fq_codel a ping does not wait behind a TCP stream in the same tunnel, since
# an outer packet carries the hash of the inner flow.
. "$(dirname "$0")/lib.sh"
shape fq_codel || untried "no tbf or fq_codel"
serve
one timeout 20 iperf3 -t 7 -c 10.8.0.2 >/tmp/iperf 2>&1 &
sleep 2
one ping -q -c 30 -i 0.1 -W 3 10.8.0.2 >/tmp/ping
wait
figure rtt "$(sed -n 's/.*= [0-9.]*\/\([0-9.]*\)\/.*/\1/p' /tmp/ping)"
figure retransmits "$(awk '/sender/ { print $(NF - 1) }' /tmp/iperf)"
end_of_base
[ -n "$got_rtt" ] || wrong "no answer beside the stream; in-tree $(base rtt) ms"
verdict "ping beside a stream: $got_rtt ms, in-tree $(base rtt); retransmits $got_retransmits, in-tree $(base retransmits)" \
	"$got_rtt > 1.5 * $(base rtt) + 1 || $got_retransmits > 2 * $(base retransmits) + 50"

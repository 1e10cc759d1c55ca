# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A sender of datagrams that are more than the way carries is held back by its socket buffer,
# so that few are lost, as with the kernel's own module.
. "$(dirname "$0")/lib.sh"
shape pfifo limit 100 || untried "no tbf"
serve
one timeout 20 iperf3 -u -b 0 -l 1200 -t 3 -c 10.8.0.2 >/tmp/iperf 2>&1
figure loss "$(sed -n 's/.*(\([0-9.e+]*\)%).*receiver.*/\1/p' /tmp/iperf)"
end_of_base
[ -n "$got_loss" ] || wrong "no figure; in-tree $(base loss) %"
verdict "loss $got_loss %, in-tree $(base loss) %" "$got_loss > 2 * $(base loss) + 5"

# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Datagrams for a slow way stay on their sender's account until the outer packets have left, so the
# sender waits, and in the end nothing is left on its account.
. "$(dirname "$0")/lib.sh"
one tc qdisc replace dev a0 root tbf rate 1mbit burst 16k limit 20000000 || untried "no tbf"
figures outq.py 10.8.0.2
end_of_base
verdict "$got_most bytes on the way at most, $got_sent datagrams in 3 s, $got_left bytes left over, in-tree $(base most), $(base sent), $(base left)" \
	"$got_sent > 1.5 * $(base sent) || $got_most < 0.5 * $(base most) || $got_left != $(base left)"

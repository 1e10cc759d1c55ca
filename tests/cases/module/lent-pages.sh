# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Packets that wait for a session do not keep the pages that their sender has lent (MSG_ZEROCOPY).
. "$(dirname "$0")/lib.sh"
dead_peers 1
figures lent.py 10.8.9.1
dead=$got_returned
figures lent.py 10.8.0.2
figure both_returned $((dead + got_returned))
end_of_base
verdict "lent pages that came back, of 100: $got_both_returned, in-tree $(base both_returned)" \
	"$got_both_returned < $(base both_returned) || $got_both_returned < 100"

# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Packets that wait for a peer that does not answer are not charged to the buffer of the
# sender's socket, so that it can still send to a peer that does.
. "$(dirname "$0")/lib.sh"
dead_peers 1
figures stuck.py 10.8.9.1 10.8.0.2
end_of_base
verdict "sending to a peer that answers took $got_seconds s (in-tree $(base seconds)); $got_taken were taken before (in-tree $(base taken))" \
	"$got_seconds > 1 && $got_seconds > 2 * $(base seconds)"

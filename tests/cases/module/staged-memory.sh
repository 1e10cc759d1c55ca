# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. What waits for a peer that does not answer is bounded in bytes: a super-packet is more than one
# packet.
. "$(dirname "$0")/lib.sh"
dead_peers 1
figures staged.py 1
end_of_base
verdict "memory held for one peer that does not answer: $got_kib KiB, in-tree $(base kib) KiB" \
	"$got_kib > 1024 && $got_kib > 2 * $(base kib)"

# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Packets that wait for many peers that do not answer are bounded in bytes for the link, too.
. "$(dirname "$0")/lib.sh"
dead_peers 120
figures staged.py 120
end_of_base
verdict "memory held for 120 peers that do not answer: $got_kib KiB, in-tree $(base kib) KiB" \
	"$got_kib > 32768 && $got_kib > 1.2 * $(base kib)"

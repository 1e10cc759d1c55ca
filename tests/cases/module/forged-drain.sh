# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A super-packet of 64 forged initiations costs the softirq that brings it about as much as with the
# kernel's own module.
. "$(dirname "$0")/lib.sh"
figures drain.py
end_of_base
verdict "a super-packet of 64 forged initiations costs $got_us us, in-tree $(base us) us" "$got_us > 2 * $(base us) + 20"

# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A socket gets both transmit timestamps of its datagrams, that of the queueing discipline and that of
# the link, through a shaper and over both families.
. "$(dirname "$0")/lib.sh"
shape pfifo limit 1000 || untried "no tbf"
figures stamps.py 10.8.0.2
sent=${got_sent:-0} sched=${got_sched:-0}
figures stamps.py fd08::2
figure all_sent $((sent + ${got_sent:-0}))
figure all_sched $((sched + ${got_sched:-0}))
end_of_base
verdict "timestamps of 6 datagrams: $got_all_sent sent, $got_all_sched queued, in-tree $(base all_sent), $(base all_sched)" \
	"$got_all_sent < $(base all_sent) || $got_all_sched < $(base all_sched)"

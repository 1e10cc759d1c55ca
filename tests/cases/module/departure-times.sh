# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. A socket that says when its datagrams are to leave (SO_TXTIME) has them leave then, through a tunnel
# over a link with fq: an outer packet keeps the time of the inner one. (The kernel's own module has it so since 6.10.)
. "$(dirname "$0")/lib.sh"
one tc qdisc replace dev a0 root fq || untried "no fq"
two timeout 20 /usr/bin/python3 -B "$here/departure.py" receive 10.8.0.2 >/tmp/out &
sleep 1
one /usr/bin/python3 -B "$here/departure.py" send 10.8.0.2
wait
cat /tmp/out
got_delay=$(sed -n 's/^figure delay //p' /tmp/out)
end_of_base
verdict "five datagrams that are to leave after 300 ms arrive after ${got_delay:-no} ms, in-tree $(base delay)" \
	"${got_delay:-0} < 280"

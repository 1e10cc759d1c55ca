# SPDX-License-Identifier: GPL-2.0
# The wires between two machines. The first is as ../../pair.sh has it between two namespaces, where each
# machine has the namespace of its side; by the other one the left machine, 198.51.100.1, asks the right
# one, 198.51.100.2. Sourced after ../../tool.sh.
. "$top/tests/pair.sh"
PAIR=tm

# wire_plug SIDE: this machine is that side.
wire_plug()
{
	wire_n=$(number "$1")
	command ip netns add "$PAIR-$1"
	command ip link set eth0 netns "$PAIR-$1" name "${1}0"
	on "$1" ip link set lo up
	on "$1" sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 \
		"net.ipv6.conf.${1}0.accept_dad=0"
	on "$1" ip link set "${1}0" up
	on "$1" ip address add "192.0.2.$wire_n/24" dev "${1}0"
	on "$1" ip address add "$(outer6 "$wire_n")/16" dev "${1}0"
	command ip address add "198.51.100.$wire_n/24" dev eth1
	command ip link set eth1 up
}

# A command for the other machine, with quotes around each argument.
wire_line()
{
	for wire_word; do
		printf "'%s' " "$(printf %s "$wire_word" | sed "s/'/'\\\\''/g")"
	done
	echo
}

# elsewhere COMMAND...: in the other machine, on the right. What it reads comes from here, what it prints
# goes here.
elsewhere()
{
	wire_answer=$(mktemp)
	{
		wire_line "$@"
		cat
	} | busybox nc 198.51.100.2 2222 >"$wire_answer"
	wire_status=$(sed -n '$ s/^status //p' "$wire_answer")
	# Without the line of the status and the end of the one before it.
	sed '$ d' "$wire_answer" | sed '$ { /^$/d; }'
	rm -f "$wire_answer"
	return "${wire_status:-125}"
}

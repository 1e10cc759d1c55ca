#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# not in a machine: it boots two
# Our module and the kernel's own. There can be one of that name in a kernel, so that two machines of User
# Mode Linux are joined by a wire, and each has one of them: in-tree/ours.sh and in-tree/theirs.sh.
. "$(dirname "$0")/../tool.sh"
alone "$@"
cd "$top" || exit

# machine PORT OTHER-PORT ARGUMENT...: of the first wire; those of the second one are next to them.
machine()
{
	machine_wires="eth0=ucast,,127.0.0.1,$1,$2 eth1=ucast,,127.0.0.1,$(($1 + 1)),$(($2 + 1))"
	shift 2
	VM_WIRES=$machine_wires sh tests/vm/run.sh uml "$@"
}

theirs=$(mktemp)
machine 2010 2020 tests/module/in-tree/theirs.sh >"$theirs" 2>&1 &
machine 2020 2010 --module "${MODULE:-build/module/uml/wireguard.ko}" tests/module/in-tree/ours.sh ||
	failures=1
wait $! || failures=1
cat "$theirs"
rm "$theirs"
finish

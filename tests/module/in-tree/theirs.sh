#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# not in a machine: in-tree.sh boots it
# The machine with the kernel's own module: does what the other one asks for, until it has had enough.
. "$(dirname "$0")/../../tool.sh"
. "$(dirname "$0")/wire.sh"

is_their_own()
{
	modprobe wireguard && ! modinfo -F filename wireguard | grep updates
}

mkdir -p "$pair_files"
wire_plug r
check "the module at the other end of the wire is the kernel's own" is_their_own
busybox nc -ll -p 2222 -e "$(dirname "$0")/agent.sh" &
agent=$!
wait_for 1500 [ -e /run/enough ]
kill $agent
finish

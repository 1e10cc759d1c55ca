#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/netlink.sh [MACHINE]: whatever tools and raw messages ask of our module, it answers what the
# kernel's own answers on the same kernel. MACHINE: as tests/vm/run.sh has it, by itself uml; older
# and newer kernels than 6.1 name some refusals otherwise.
. "$(dirname "$0")/../tool.sh"
machine=${1:-uml}
here=$top/tests/module
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# answers NAME [ARGUMENT...]: of the machine's run.
answers()
{
	name=$1
	shift
	sh "$top/tests/vm/run.sh" "$machine" "$@" "$here/netlink-answers.sh" >"$work/$name.all" 2>&1
	status=$?
	sed -n 's/^= //p' "$work/$name.all" >"$work/$name"
	grep -v '^= ' "$work/$name.all"
	[ "$status" = 0 ] || not_ok "the machine with $name module answers: status $status"
}

answers "the kernel's"
answers our --module "${WG_MODULE:-$top/build/module/$machine/wireguard.ko}"
check "the kernel's module answered something" test -s "$work/the kernel's"
check "our module answers what the kernel's does" diff "$work/the kernel's" "$work/our"
finish

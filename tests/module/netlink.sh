#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/netlink.sh [MACHINE]: whatever tools and raw messages ask of our module, it answers what the
# kernel's own answers on the same kernel; and what it does by itself. MACHINE: as tests/vm/run.sh has it, by
# itself uml. WG_MODULE: the module, by itself what build.sh made for that machine.
. "$(dirname "$0")/../tool.sh"
machine=${1:-uml}
here=$top/tests/module
case $machine in
5.10) suite=bullseye ;;
6.1) suite=bookworm ;;
6.12) suite=trixie ;;
7) suite=sid ;;
*) suite=$machine ;;
esac
module=${WG_MODULE:-$top/build/module/$suite/wireguard.ko}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# run NAME ARGUMENT...: of the machine's; keeps its answers, passes on its results.
run()
{
	name=$1
	shift
	sh "$top/tests/vm/run.sh" "$machine" "$@" >"$work/$name.all" 2>&1
	status=$?
	sed -n 's/^= //p' "$work/$name.all" >"$work/$name"
	grep -v '^= ' "$work/$name.all"
	[ "$status" = 0 ] || not_ok "machine with $name module: ended with status $status"
}

run "the kernel's" "$here/netlink-answers.sh"
run our --module "$module" \
	"$here/netlink-answers.sh" "$here/netlink-dump.sh" "$here/netlink-live.sh"
check "the kernel's module answers much" test "$(wc -l <"$work/the kernel's")" -gt 500
same_answers()
{
	diff -U 3 "$work/the kernel's" "$work/our" >"$work/diff" || {
		head -n 40 "$work/diff"
		return 1
	}
}
check "our module answers what the kernel's does" same_answers
finish

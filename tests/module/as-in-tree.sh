#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/as-in-tree.sh [MACHINE [NAME...]]: what the scripts NAME-answers.sh print is the same of our
# module and of the kernel's own on the same kernel. MACHINE: as tests/vm/run.sh has it, by itself uml. NAME: by
# itself link and ecn. WG_MODULE: the module, by itself what build.sh made for that machine.
. "$(dirname "$0")/../tool.sh"
machine=${1:-uml}
[ $# = 0 ] || shift
[ $# -gt 0 ] || set -- link ecn
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

# answers OUTPUT [ARGUMENT...] of the machine
answers()
{
	out=$1
	shift
	sh "$top/tests/vm/run.sh" "$machine" "$@" >"$out.all" 2>&1 || not_ok "the machine for $(basename "$out")"
	grep '^not ok' "$out.all" && failures=$((failures + 1))
	sed -n 's/^= //p' "$out.all" >"$out"
}

same_answers()
{
	diff -U 2 "$work/in-tree" "$work/ours" >"$work/diff" || {
		head -n 80 "$work/diff"
		return 1
	}
}

for name; do
	answers "$work/in-tree" "$here/$name-answers.sh"
	answers "$work/ours" --module "$module" "$here/$name-answers.sh"
	check "$name: the kernel's module answers much" test "$(wc -l <"$work/in-tree")" -gt 30
	check "$name: our module answers what the kernel's does" same_answers
done
finish

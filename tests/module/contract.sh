#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# not in a machine: it boots one
# sh tests/module/contract.sh [CASE...]: our module beside the kernel's own in one machine of User Mode Linux,
# by the cases of ../cases/module, by itself all of them. MODULE: a module instead of one built from here.
. "$(dirname "$0")/../tool.sh"
cd "$top" || exit 1
export CONTRACT_CASES="$*" VM_PASS="CONTRACT_CASES WG_TEST_FULL"
# All cases are one script to the machine.
export VM_SCRIPT_SECONDS="${VM_SCRIPT_SECONDS:-2700}" VM_TIMEOUT="${VM_TIMEOUT:-2900}"
[ -n "${MODULE-}" ] || sh tests/module/build.sh uml || exit 1
exec sh tests/vm/run.sh uml --module "${MODULE:-build/module/uml/wireguard.ko}" tests/cases/module/all.sh

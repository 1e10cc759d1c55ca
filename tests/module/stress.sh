#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/stress.sh [MACHINE [SCRIPT...]]: our module in a kernel that watches itself (`debug`, or
# emulated `smp` and `kcsan`, the latter for data races): stress, nonsense and want of memory of only/, or only SCRIPT. STRESS_SECONDS: of
# stress.sh, 60; 600 is a long run. STRESS_MODULE: a module, or `theirs` for the kernel's own, instead of
# one built from here.
. "$(dirname "$0")/../tool.sh"
machine=${1:-debug}
[ $# = 0 ] || shift
cd "$top" || exit 1
[ $# != 0 ] || set -- tests/module/only/stress.sh tests/module/only/nlfuzz.sh tests/module/only/failslab.sh
make -s build/wg/wg build/tests/module/nlfuzz build/tests/module/nth-shim.so || exit 1
export VM_PASS="STRESS_SECONDS NTH_STRIDE NTH_SECONDS FUZZ_SECONDS FUZZ_SEED" VM_MEMORY="${VM_MEMORY:-2048}"
case ${STRESS_MODULE-} in
theirs) exec sh tests/vm/run.sh "$machine" "$@" ;;
'')
	check "the module is built for the kernel '$machine'" sh tests/module/build.sh "$machine"
	[ $failures = 0 ] || finish
	STRESS_MODULE=build/module/$machine/wireguard.ko
	;;
esac
sh tests/vm/run.sh "$machine" --module "$STRESS_MODULE" "$@"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/vm/scripts.sh STAGE: prints which scripts a stage of run.sh runs in its machine. The stages of
# the kernel's own WireGuard (vm-*) together run all of them but the kernel's own test of that. Those of
# our module (module-*) run what drives a device and what speaks with others' WireGuard on each kernel,
# and share the rest; with WG_TEST_FULL set, each of all stages runs everything.
cd "$(dirname "$0")/../.." || exit 1

# Those that begin with #! (the others are what scripts share), but for the ones that say
# `# not in a machine: why`.
runnable() # FILE...
{
	for f in $(grep -L '^# not in a machine: ' "$@"); do
		case $(head -c 2 "$f") in
		'#!') echo "$f" ;;
		esac
	done
}

everything()
{
	runnable tests/vm/only/*.sh tests/netns/*.sh tests/cli/*.sh tests/oracle/*.sh
	printf '%s\n' tests/load/peers.sh tests/module/link.sh tests/module/kernel-selftest.sh
}

# but NAME...: without these.
but()
{
	for f; do
		printf '%s\n' "tests/$f.sh"
	done >"$names"
	grep -vxF -f "$names"
}

only()
{
	for f; do
		printf '%s\n' "tests/$f.sh"
	done
}

# After those of only/ that want something not to be loaded yet.
every_kernel="module/link cli/set cli/setconf cli/show netns/wg-quick"
names=$(mktemp)
trap 'rm -f "$names"' EXIT
# User Mode Linux has nftables built in and no seccomp, and programs are so slow in it that no flood of
# theirs is load.
if [ "$1" = module-uml ]; then
	everything | but vm/only/no-nft vm/only/wg-tun netns/wg-tun netns/wg-tun-moved \
		${WG_TEST_FULL:-oracle/wg-quick load/peers netns/crash netns/transaction netns/wg-quick-corners netns/save}
	only module/loops
elif [ "$1" = module-interop ]; then
	only module/interop module/flood
elif [ -n "${WG_TEST_FULL-}" ]; then
	everything
else
	case $1 in
	# The rest of each kernel's is on 6.12 with the kernel's own module, and on 6.1 with ours (module-uml).
	vm-6.1) only vm/only/no-module vm/only/no-nft vm/only/wg-tun module/link netns/crash netns/rtnl netns/nft oracle/wg ;;
	vm-6.12) everything | but netns/crash module/link module/kernel-selftest oracle/wg ;;
	module-5.10) only vm/only/wg-tun $every_kernel netns/rtnl ;;
	module-6.1) only $every_kernel oracle/wg module/suspend ;;
	module-rt) only module/link netns/rtnl ;;
	module-6.12) only $every_kernel netns/wg-quick-corners load/peers ;;
	module-7) only vm/only/no-module $every_kernel module/loops module/suspend ;;
	*) exit 1 ;;
	esac
fi

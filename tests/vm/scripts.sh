#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/vm/scripts.sh STAGE: prints which scripts a stage of run.sh runs in its machine. vm-6.12 runs what
# needs the kernel's own WireGuard. The stages of our module (module-*) run what drives a device; module-uml,
# the fastest machine, the longest of that. With WG_TEST_FULL set, each stage runs everything.
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
# What does not depend on the kernel's WireGuard runs on the machine itself, by other stages: wg-tun, a
# hundred thousand peers, the comparison with upstream's tools, what wg-quick undoes.
elsewhere="vm/only/wg-tun netns/wg-tun netns/wg-tun-moved netns/wg-tun-messages netns/wg-tun-confined
	netns/wg-quick-userspace netns/dry-run netns/crash netns/transaction netns/wg-quick-corners netns/waiting
	netns/ip-values netns/check netns/save netns/reload-traffic netns/reload netns/reload-leaks
	netns/standing netns/lost-journal netns/left-over netns/identity netns/hooks netns/full-tunnels netns/namespace cli/completion cli/genkey cli/help cli/man
	netns/dns netns/dns-resolved netns/mtu-probe cli/exclusions oracle/wg oracle/wg-quick load/peers"
if [ "$1" = module-interop ]; then
	only module/interop module/flood
elif [ -n "${WG_TEST_FULL-}" ]; then
	case $1 in
	# User Mode Linux has nftables built in and no seccomp.
	module-uml)
		everything | but vm/only/no-nft vm/only/wg-tun netns/wg-tun netns/wg-tun-moved
		only module/loops module/uplinks
		;;
	*) everything ;;
	esac
else
	case $1 in
	module-uml) only module/link module/loops module/uplinks module/kernel-selftest ;;
	# shellcheck disable=SC2086
	vm-6.12) everything | but $elsewhere module/link module/kernel-selftest ;;
	vm-6.1) only vm/only/no-module vm/only/no-nft vm/only/wg-tun module/link netns/crash netns/rtnl netns/nft oracle/wg ;;
	module-5.10) only vm/only/wg-tun $every_kernel netns/rtnl ;;
	module-6.1) only $every_kernel oracle/wg module/suspend ;;
	module-rt) only module/link netns/rtnl ;;
	module-6.12) only $every_kernel netns/wg-quick-corners load/peers ;;
	module-7) only vm/only/no-module module/link module/suspend ;;
	*) exit 1 ;;
	esac
fi

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/build.sh SUITE [MAKE-ARGUMENT...]: builds the module for the stock kernel of SUITE
# (root.sh), inside a Debian of that suite, from this worktree, and prints what kbuild prints and where
# wireguard.ko is. Only what changed is compiled again. Of the worktree it sees what DKMS packs; it
# works on a copy, so that suites can be built side by side. `KBUILD_MODPOST_WARN=1` lets symbols be
# undefined, `DEBUG=1`, `AEAD=own`, `clean`, and after 5.10 `module/send.o`. MODULE_EXTRA: one more file
# that is put into module/. SUITE may also be one of what kernel.sh builds, with the compiler of this
# system: uml, vpn, debug, smp, kcsan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
suite=${1-}
case $suite in
uml | vpn | debug | smp | kcsan) sh "$top/tests/module/kernel.sh" "$suite" ;;
*) root=$(sh "$top/tests/module/root.sh" "$suite") ;;
esac
shift
work=${MODULE_WORK:-$top/build/module/$suite}

# Copies what is newer, and takes away what is no longer there.
copy_sources()
{
	make -s -C "$top" module-source DEST="$work"
	(cd "$work" && find . -name '*.[chS]') | while read -r f; do
		[ -e "$top/src/$f" ] || [ "${f%.mod.c}" != "$f" ] || rm "$work/$f"
	done
	[ -z "${MODULE_EXTRA-}" ] || cp -a "$MODULE_EXTRA" "$work/module"
}

stock()
{
	# shellcheck disable=SC2016
	unshare -m sh -c '
		root=$1 work=$2
		shift 2
		mount --make-rprivate /
		mount -t proc proc "$root/proc"
		mount --bind "$work" "$root/mnt"
		exec nice chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
			sh -c "exec make -s -C /lib/modules/*-amd64/build M=/mnt \"\$@\"" sh W=1 "$@"' \
		sh "$root" "$work" "$@"
}

copy_sources
case $suite in
uml | vpn | debug | smp | kcsan)
	case $suite in
	uml | vpn | debug) set -- ARCH=um "$@" ;;
	esac
	nice make -s -C "${VM_KERNELS:-$top/build/vm}/$suite/build" M="$work" W=1 "$@"
	;;
*) stock "$@" ;;
esac
[ ! -e "$work/wireguard.ko" ] || echo "$work/wireguard.ko"

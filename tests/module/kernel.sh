#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/kernel.sh uml|vpn|debug|smp|kcsan [FOLDER]: builds a kernel from Debian's linux-source-6.1 and
# lays out in FOLDER what tests/vm/run.sh boots: `linux` or `vmlinux`, `root/lib/modules`, and `build`,
# the folder to build modules with: make -C FOLDER/build M=... (and ARCH=um for uml, vpn and debug).
#
#	uml	User Mode Linux: a program, at the machine's own speed
#	vpn	the same with IPsec, for ../bench/vpn.sh
#	debug	User Mode Linux with all that watches a kernel while it runs (debug.config, debug-uml.config)
#	smp	as debug, but for an emulated machine with several processors and preemption
#	kcsan	for the same machine, with the detector of data races instead of KASAN
#
# `sh tests/module/kernel.sh source` only fetches the source.
#
# FOLDER is $VM_KERNELS/NAME, by itself build/vm/NAME; the source stands beside it. A second run finds
# all done. uml takes three minutes on two cores, debug four, smp and kcsan seven. Ends with one sentence and 1
# where something is missing.
set -e
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../archive.sh"
package=linux-source-6.1

die()
{
	echo "tests/module/kernel.sh: $*" >&2
	exit 1
}

fetch_source() # FOLDER
{
	[ ! -e "$1/fetched" ] || return 0
	echo "tests/module/kernel.sh: fetching $package" >&2
	mkdir -p "$1"
	archive_open bookworm "$1" || die "cannot read the package list of bookworm"
	archive_fetch "$1" $package || die "cannot download $package"
	dpkg-deb --fsys-tarfile "$1/$package.deb" | tar -x -O "./usr/src/$package.tar.xz" | tar -x -J -C "$1" ||
		die "cannot unpack $package"
	rm -rf "$1/$package.deb" "$1/apt"
	echo $package >"$1/fetched"
}

kbuild()
{
	make -s -C "$source/$package" O="$dir/build" $arch "$@" >>"$dir/build.log" 2>&1 </dev/null || {
		tail -n 30 "$dir/build.log" >&2
		die "the kernel does not build: make $*"
	}
}

fragment()
{
	for f in $fragments; do
		grep '^CONFIG_' "$here/$f.config"
	done
	echo "CONFIG_LOCALVERSION=\"-wirekit-$name\""
}

# Options that depend on what is not there are dropped without a word.
configure()
{
	fragment >"$dir/fragment"
	kbuild KCONFIG_ALLCONFIG="$dir/fragment" allnoconfig
	grep '^CONFIG_' "$dir/fragment" | grep -vxF -f "$dir/build/.config" >"$dir/lost" || :
	[ ! -s "$dir/lost" ] || die "the kernel's configuration does not hold: $(cat "$dir/lost")"
}

name=${1-}
arch="ARCH=um SUBARCH=x86_64" image=linux boot=linux
case $name in
uml) fragments="common uml" ;;
vpn) fragments="common uml vpn" ;;
debug) fragments="common uml debug debug-uml" ;;
smp)
	fragments="common debug smp"
	# The shorter way through PVH is not for this kernel: KASAN does not survive PVH's early code.
	arch=ARCH=x86_64 image=bzImage boot=arch/x86/boot/bzImage
	;;
kcsan)
	fragments="common smp kcsan"
	arch=ARCH=x86_64 image=bzImage boot=arch/x86/boot/bzImage
	;;
source) ;;
*) die "usage: sh tests/module/kernel.sh uml|vpn|debug|smp|kcsan [FOLDER]" ;;
esac
kernels=${VM_KERNELS:-$here/../../build/vm}
dir=${2:-$kernels/$name}
if [ "$name" = source ]; then
	mkdir -p "$kernels"
	exec 8>"$kernels/source-6.1.lock"
	flock 8
	fetch_source "$kernels/source-6.1"
	exit
fi
mkdir -p "$dir/build"
dir=$(cd "$dir" && pwd)
source=$(dirname "$dir")/source-6.1
exec 9>"$dir/lock"
flock 9
[ ! -e "$dir/built" ] || ! fragment | cmp -s - "$dir/fragment" || exit 0
rm -f "$dir/built"
: >"$dir/build.log"
(
	mkdir -p "$source"
	flock 8
	fetch_source "$source"
) 8>"$(dirname "$dir")/source-6.1.lock"
configure
echo "tests/module/kernel.sh: building the kernel '$name', which takes some minutes" >&2
kbuild -j2 $image modules
rm -rf "$dir/root"
kbuild INSTALL_MOD_PATH="$dir/root" modules_install
case $name in
smp | kcsan) ln -sf build/$boot "$dir/vmlinux" ;;
*) ln -sf build/$boot "$dir/linux" ;;
esac
ls "$dir/root/lib/modules" >"$dir/built"

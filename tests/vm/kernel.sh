#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/vm/kernel.sh VERSION FOLDER: fetches Debian's stock kernel (5.10, 6.1, 6.12, its flavour 6.12-rt,
# or 7 for what sid has) and lays out in FOLDER what run.sh boots: vmlinux, lib/modules, initrd. Unpacked,
# never installed; a second run finds it done. `smp` and `kcsan` are what ../module/kernel.sh builds. Ends
# with one sentence and 1 where something is missing.
set -e
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../archive.sh"
. "$here/modules.sh"

# What the initramfs loads to reach the host's files, in this order.
boot_modules="virtio_pci 9pnet_virtio 9p overlay"
# What the tests load inside, with what those need.
test_modules="drivers/net/wireguard/* drivers/net/veth.* drivers/net/tun.* drivers/net/dummy.* net/*
	drivers/net/vrf.* lib/* crypto/* arch/x86/crypto/* drivers/virtio/* fs/9p/* fs/netfs/*
	fs/fscache/* fs/overlayfs/*"

die()
{
	echo "tests/vm/kernel.sh: $*" >&2
	exit 1
}

number() # FILE OFFSET SIZE
{
	od -A n -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# The compressed kernel inside a bzImage, by the numbers of its setup header. The last four bytes
# of the payload are its uncompressed size.
extract_vmlinux() # BZIMAGE OUT
{
	start=$((($(number "$1" 497 1) + 1) * 512 + $(number "$1" 584 4)))
	length=$(($(number "$1" 588 4) - 4))
	magic=$(od -A n -t x1 -j "$start" -N 4 "$1" | tr -d ' ')
	case $magic in
	fd377a58) unpack="xz -dc" ;;
	28b52ffd) unpack="zstd -dcq" ;;
	*) die "the kernel in $1 is packed in an unknown way ($magic)" ;;
	esac
	tail -c +$((start + 1)) "$1" | head -c "$length" | $unpack >"$2"
	[ "$(head -c 4 "$2" | tail -c 3)" = ELF ] || die "no ELF file came out of $1"
}

# The kernel, the modules above, and the indexes that depmod reads.
unpack_kernel() # FOLDER DEB...
{
	to=$1
	shift
	rm -rf "$to/root"
	mkdir -p "$to/root"
	patterns="*/vmlinuz* *lib/modules/*/modules.*"
	for f in $test_modules; do
		patterns="$patterns *lib/modules/*/kernel/$f"
	done
	for deb; do
		# tar says 2 where a pattern matches nothing: kernels differ in what they build in.
		(set -f && dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$to/root" --wildcards $patterns 2>>"$to/tar.log") || :
	done
	if [ -d "$to/root/usr/lib/modules" ]; then
		mkdir -p "$to/root/lib"
		mv "$to/root/usr/lib/modules" "$to/root/lib/modules"
	fi
	[ -d "$to/root/lib/modules" ] || die "no modules in $*: $(cat "$to/tar.log")"
}

make_initrd() # FOLDER RELEASE
{
	tree=$1/initrd.d
	rm -rf "$tree"
	mkdir -p "$tree/bin" "$tree/modules" "$tree/dev" "$tree/proc" "$tree/sys"
	cp "$(command -v busybox)" "$tree/bin/busybox"
	cp "$here/init" "$tree/init"
	chmod 755 "$tree/init"
	: >"$tree/initramfs"
	copy_modules "$1/root" "$2" "$tree/modules" $boot_modules || die "the kernel lacks one of: $boot_modules"
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$1/initrd.new"
	mv "$1/initrd.new" "$1/initrd"
}

[ $# = 2 ] || die "usage: sh tests/vm/kernel.sh 5.10|6.1|6.12|6.12-rt|7|smp|kcsan FOLDER"
package=linux-image-amd64
case $1 in
5.10) suite=bullseye ;;
6.1) suite=bookworm ;;
6.12) suite=trixie ;;
6.12-rt) suite=trixie package=linux-image-rt-amd64 ;;
7) suite=sid ;;
smp | kcsan) suite= ;;
*) die "unknown kernel $1: 5.10, 6.1, 6.12, 6.12-rt, 7, smp and kcsan are known" ;;
esac
mkdir -p "$2"
dir=$(cd "$2" && pwd)
exec 9>"$dir/initrd.lock"
flock 9
if [ -z "$suite" ]; then
	sh "$here/../module/kernel.sh" "$1" "$dir"
	cp "$dir/built" "$dir/fetched"
elif [ ! -e "$dir/fetched" ]; then
	archive_open "$suite" "$dir" || die "cannot read the package list of $suite"
	image=$(archive_depends "$dir" $package 'linux-image-[0-9].*')
	[ -n "$image" ] || die "$suite has no $package"
	set -- "$dir/$image.deb"
	archive_fetch "$dir" "$image" || die "cannot download $image"
	# Newer ones are split: its files are in packages that this one depends on.
	for part in binary modules base; do
		more=$(archive_depends "$dir" "$image" "linux-$part-[0-9].*")
		[ -n "$more" ] || continue
		archive_fetch "$dir" "$more" || die "cannot download $more"
		set -- "$@" "$dir/$more.deb"
	done
	unpack_kernel "$dir" "$@"
	rm -f "$@"
	rm -rf "$dir/apt"
	extract_vmlinux "$(find "$dir/root" -name 'vmlinuz*')" "$dir/vmlinux"
	release=$(ls "$dir/root/lib/modules")
	depmod -b "$dir/root" "$release" 2>"$dir/depmod.log" || die "depmod: $(cat "$dir/depmod.log")"
	echo "$release" >"$dir/fetched"
fi
make_initrd "$dir" "$(cat "$dir/fetched")"

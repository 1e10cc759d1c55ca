#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/dkms.sh SUITE: the module under the DKMS of SUITE, in a Debian of it (root.sh) that is
# thrown away: built for kernels without WireGuard and for those that come later, not a word about
# kernels that have it.
top=$(cd "$(dirname "$0")/../.." && pwd)

if [ "${1-}" != --inside ]; then
	root=$(sh "$top/tests/module/root.sh" "${1-}") || exit
	memory=$(mktemp -d)
	unshare -m sh "$0" --inside "$1" "$root" "$memory"
	status=$?
	rmdir "$memory"
	exit "$status"
fi
suite=$2 root=$3 memory=$4
mount --make-rprivate /
mount -t tmpfs -o size=2g memory "$memory"
mkdir "$memory/upper" "$memory/work" "$memory/root"
mount -t overlay -o "lowerdir=$root,upperdir=$memory/upper,workdir=$memory/work" root "$memory/root"
root=$memory/root
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
out=$memory/out
failed=0

inside() # COMMAND...
{
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@" >"$out" 2>&1 </dev/null
}

check() # NAME COMMAND...
{
	name="$suite: $1"
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		failed=1
		sed 's/^/    /' "$out"
	fi
}

# A kernel like the stock one, but without WireGuard.
make_kernel() # RELEASE
{
	mkdir -p "$root/lib/modules/$1"
	cp -a "$(readlink -f "$root/usr/src/linux-headers-$stock")" "$root/usr/src/linux-headers-$1"
	ln -s "/usr/src/linux-headers-$1" "$root/lib/modules/$1/build"
	touch "$root/lib/modules/$1/modules.order" "$root/lib/modules/$1/modules.builtin"
	sed -i "s/$stock/$1/" "$root/usr/src/linux-headers-$1/Makefile"
	for f in .config include/config/auto.conf; do
		sed -i 's/^CONFIG_WIREGUARD=.*/# CONFIG_WIREGUARD is not set/' "$root/usr/src/linux-headers-$1/$f"
	done
	echo "$1" >"$root/usr/src/linux-headers-$1/include/config/kernel.release"
}

built() # RELEASE
{
	ls "$root/lib/modules/$1/updates/dkms/"wireguard.ko* >/dev/null 2>&1
}

# What the packages of a kernel and of its headers do.
kernel_arrives() # RELEASE
{
	inside sh -c "/etc/kernel/postinst.d/dkms $1 && /etc/kernel/header_postinst.d/dkms $1"
}

silent_about() # RELEASE
{
	inside dkms autoinstall -k "$1" && [ ! -s "$out" ] && ! built "$1"
}

# The hooks say by themselves that they do something, the same with nothing to do as without any module.
hooks_say_nothing_of() # RELEASE
{
	kernel_arrives "$1" && ! grep -qiE 'wirekit|wireguard|error|warning|fail|exclu' "$out" && ! built "$1"
}

built_when_it_arrives() # RELEASE
{
	kernel_arrives "$1" && built "$1" && ! grep -qiE 'error|fail' "$out"
}

refused_for() # RELEASE
{
	! inside dkms install "$module" -k "$1" && grep -q BUILD_EXCLUSIVE "$out" && ! built "$1"
}

stock=$(basename "$(echo "$root"/lib/modules/*-amd64)")
bare=${stock%-amd64}-bare
next=${stock%-amd64}-next
make -s -C "$top" DESTDIR="$root" dkms-install || exit
module=wirekit/$(basename "$root"/usr/src/wirekit-* | sed 's/^wirekit-//')
make_kernel "$bare"

check "the module is added" inside dkms add "$module"
check "a kernel with WireGuard is not spoken of" silent_about "$stock"
check "nor by the hooks of its packages" hooks_say_nothing_of "$stock"
check "a kernel without gets the module" built_when_it_arrives "$bare"
check "a kernel with WireGuard is not spoken of after that" silent_about "$stock"
make_kernel "$next"
check "a newer kernel without gets it too" built_when_it_arrives "$next"
check "who asks for it where WireGuard is gets an answer" refused_for "$stock"
check "the module is removed" inside dkms remove "$module" --all
gone() { ! built "$bare" && ! built "$next"; }
check "and leaves no file" gone
exit "$failed"

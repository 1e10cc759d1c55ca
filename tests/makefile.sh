#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What make says and makes by itself: what is missing, help, warnings, the version, and the tarball.
. "$(dirname "$0")/tool.sh"
# Mounts are to be seen here alone.
[ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$PPID/ns/mnt")" ] || exec unshare -m sh "$0" "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset WERROR MAKEFLAGS
fails() { ! "$@" >"$work/said" 2>&1 </dev/null; }
said() { grep -q -e "$1" "$work/said" || { cat "$work/said"; return 1; }; }

### help
make -C "$top" -s help >"$work/help"
rows() { sed -n "s/^  \($1\) .*/\1/p" "$work/help" | sort; }
sorted() { tr ' \\\t' '\n\n\n' | grep . | sort -u; }
check "help has each target" same \
	"$(sed -n '/^\.PHONY:/,/[^\\]$/p' "$top/Makefile" "$top/tests/tests.mk" | sed 's/^\.PHONY://' | sorted |
		grep -vx -e FORCE -e install-tree)" "$(rows '[a-z][a-z0-9-]*')"
check "help has each variable" same "$(sed -n 's/^\([A-Z_]*\) *?=.*/\1/p' "$top/Makefile" "$top/tests/tests.mk" | sort)" \
	"$(rows '[A-Z][A-Z_]*')"

### Warnings
echo 'static int unused;' >"$work/warning.h"
object() # WERROR
{
	make -C "$top" -s B="$work/b" CPPFLAGS="-include $work/warning.h" WERROR="$1" "$work/b/lib/base/error.o"
}
check "a warning is none of make's business" object ""
check "with WERROR=1 it is an error" fails object 1
check "... which is that warning" said Werror=unused-variable

### What is missing
hidden()
{
	for folder in $(dirname "$($1 -print-file-name=libmnl.so)")/pkgconfig /usr/share/pkgconfig \
		/usr/include/libmnl /usr/include/libnftnl /usr/include/openssl; do
		[ ! -d "$folder" ] || mount -t tmpfs -o mode=0755 none "$folder" || return
	done
}
mkdir "$work/bin"
ln -s /usr/bin/* "$work/bin"
rm -f "$work/bin/scdoc"
PATH=$work/bin make -C "$top" -s -n B="$work/none" all >"$work/said" 2>&1
check "without scdoc the pages are left out, with a sentence" said "^make: scdoc is missing, in Debian's package scdoc: "
check "... and nothing else is" sh -c '! grep "SCDOC\|not found\|Error" "$1"; grep -q wg-tun "$1"' sh "$work/said"
check "with pkg-config alone missing the libraries are found" \
	make -C "$top" -s -n PKG_CONFIG=none B="$work/none" all
check "the libraries are hidden" hidden cc
check "make fails without them" fails make -C "$top" -s B="$work/none" all
for library in libmnl:libmnl-dev libnftnl:libnftnl-dev libcrypto:libssl-dev; do
	check "it names ${library%:*}" \
		said "^make: ${library%:*} is missing, in Debian's package ${library#*:}; .pkg-config ${library%:*}. would"
done
check "... and one command for all" said "apt-get install libmnl-dev libnftnl-dev libssl-dev\."
check "nothing was built" test ! -e "$work/none/flags"
check "without a compiler that is said, too" fails make -C "$top" -s CC=none B="$work/none" all
check "... with its package" said "^make: none is missing, in Debian's package gcc$"
check "targets that build nothing do not care" make -C "$top" -s help
umount_all() { sed -n "s/^none \(\/usr[^ ]*\) .*/\1/p" /proc/mounts | xargs -r umount; }
check "the libraries are shown again" umount_all

### The version
version=$(sed -n 's/^.define WIREKIT_VERSION "\(.*\)"/\1/p' "$top/src/version.h")
for program in "$WG" "$WG_QUICK" "$WG_TUN"; do
	check "${program##*/} says the version" sh -c '"$1" --version | grep -q "^wirekit.* v$2\( \|\$\)"' sh "$program" "$version"
done
check "so do the man pages" sh -c 'for page in wg wg-quick wg-tun; do
	tail -n +1 "$1/build/man/$page.8" | grep -q "^.TH .*\"wirekit $2\"" || exit; done' sh "$top" "$version"
check "so does DKMS" same "$version" \
	"$(kernelver=6.1.0 bash -c '. "$1"; echo "$PACKAGE_VERSION"' bash "$top/src/dkms.conf")"
check "CHANGELOG.md has it" grep -q "^## \[$version\]" "$top/CHANGELOG.md"
make -C "$top" -s B="$work/paths" CONFDIR=/opt/etc_wg STATEDIR=/opt/run RUNSTATEDIR=/opt/var \
	"$work/paths/man/wg-quick.8" "$work/paths/man/wg-tun.8"
check "man pages name the paths that are built in" \
	sh -c 'grep -qF /opt/etc_wg/INTERFACE. "$1" && grep -qF /opt/run/INTERFACE. "$1" &&
		! grep "[^t]/run/wireguard" "$1" && grep -qF /opt/var/wireguard/NAME. "$2"' sh "$work/paths/man/wg-quick.8" "$work/paths/man/wg-tun.8"

### The tarball
tarball=wirekit-$version.tar.xz
check "make dist" make -C "$top" -s B="$work/1" dist
check "it unpacks into one folder" same "wirekit-$version" "$(tar -tf "$work/1/$tarball" | cut -d / -f 1 | sort -u)"
mkdir "$work/tree" && tar -C "$work/tree" -xf "$work/1/$tarball"
tree=$work/tree/wirekit-$version
(umask 077 && TZ=Pacific/Auckland make -C "$tree" -s B=other dist) >"$work/said" 2>&1
check "a tarball made from the tarball is the same, to the byte" cmp "$work/1/$tarball" "$tree/other/$tarball"
rm -rf "$tree/other"
without_git()
{
	rm -f "$work/bin/git"
	PATH=$work/bin make -C "$tree" -s CFLAGS=-O0 -j2 build/wg/wg && "$tree/build/wg/wg" --version
}
check "it builds without git" without_git
finish

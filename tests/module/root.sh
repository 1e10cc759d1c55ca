#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/root.sh SUITE: makes a small Debian of SUITE (bullseye 5.10, bookworm 6.1, trixie
# 6.12, trixie-rt for its PREEMPT_RT flavour, sid: the newest) that can build modules for its own kernel, whatever version is newest in
# the archive, and prints where it is. A second run finds it done. MODULE_ROOTS: the folder of these
# roots, build/roots if unset. Ends with one sentence and 1 where something is missing.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/archive.sh"
roots=${MODULE_ROOTS:-$top/build/roots}

# With what DKMS and the checks of the source need.
packages="gcc,libc6-dev,make,kmod,perl-base,sparse,dkms"

die()
{
	echo "tests/module/root.sh: $*" >&2
	exit 1
}

# How this system reaches the archive, and what it thinks of old lists, goes for the root too.
apt_options()
{
	apt-config dump | grep -E '^Acquire::(Check-Valid-Until|Check-Date|https?::Proxy) ' || :
	echo 'APT::Install-Recommends "false";'
	echo 'Acquire::Retries "3";'
}

make_root() # SUITE ROOT
{
	uri=$(archive_uri)
	[ -n "$uri" ] || die "no Debian mirror in this system's apt sources"
	rm -rf --one-file-system "$2" "$2.new"
	apt_options >"$2.apt"
	# No kernel is booted from there, so that none needs an initrd, which takes minutes.
	INITRD=No nice mmdebstrap --quiet --mode=root --variant=apt --include="$packages,$headers" \
		--aptopt="$2.apt" \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"${1%-rt}" "$2.new" "$uri" >"$2.log" 2>&1 || {
		tail -n 20 "$2.log" >&2
		rm -rf --one-file-system "$2.new"
		die "cannot make a Debian of $1 with a kernel's headers from the archive"
	}
	ls "$2.new/lib/modules" | grep -q -- '-amd64$' || die "$1 has no headers of a kernel for amd64"
	# Since 7.x the kernel asks a script whether sparse works, and its headers come without it.
	for f in "$2.new"/usr/src/linux-headers-*-common*/scripts; do
		[ -e "$f/checker-valid.sh" ] || printf '#!/bin/sh\necho 1\n' >"$f/checker-valid.sh"
		chmod 755 "$f/checker-valid.sh"
	done
	rm -rf "$2.new/var/cache/apt/archives" "$2.new/var/lib/apt/lists"
	mv "$2.new" "$2"
}

headers=linux-headers-amd64
case ${1-} in
bullseye | bookworm | trixie | sid) ;;
trixie-rt) headers=linux-headers-rt-amd64 ;;
*) die "usage: sh tests/module/root.sh bullseye|bookworm|trixie|trixie-rt|sid" ;;
esac
[ "$(id -u)" = 0 ] || die "needs root, to make another root"
mkdir -p "$roots"
exec 8>"$roots/$1.lock"
flock 8
[ -d "$roots/$1" ] || make_root "$1" "$roots/$1"
echo "$roots/$1"

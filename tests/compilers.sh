#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sudo sh tests/compilers.sh [COMPILER...]: builds the programs and their unit tests with each compiler, where
# warnings are errors; with this system's own also by -O0, -O3 and -flto. A compiler that Debian 12 does not have
# is taken from a Debian of another suite, made once in build/roots. Takes five minutes a compiler.
. "$(dirname "$0")/tool.sh"
. "$top/tests/archive.sh"
work=$top/build/compilers
roots=$top/build/roots

# Mounts of this test are seen by nobody else and go with it.
[ "$(readlink /proc/self/ns/mnt)" != "$(readlink "/proc/$PPID/ns/mnt")" ] || exec unshare -m sh "$0" "$@"

suite_of() # COMPILER
{
	case $1 in
	gcc | clang | gcc-11 | gcc-12 | clang-13 | clang-14 | clang-15 | clang-16) echo here ;;
	gcc-13 | gcc-14 | clang-17 | clang-18 | clang-19) echo trixie ;;
	*) echo sid ;;
	esac
}

# The root gets a compiler when it is first asked for.
prepare() # SUITE COMPILER
{
	root=$roots/cc-$1
	if [ ! -d "$root" ]; then
		mkdir -p "$roots"
		apt-config dump | grep -E '^Acquire::(Check-Valid-Until|Check-Date|https?::Proxy) ' >"$root.apt"
		echo 'APT::Install-Recommends "false";' >>"$root.apt"
		rm -rf --one-file-system "$root.new"
		mmdebstrap --quiet --mode=root --variant=apt --aptopt="$root.apt" \
			--include=make,pkg-config,libc6-dev,libmnl-dev,libnftnl-dev,libssl-dev,libcmocka-dev,scdoc \
			--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
			"$1" "$root.new" "$(archive_uri)" && mv "$root.new" "$root" || return
	fi
	chroot "$root" sh -c 'command -v "$1" >/dev/null' sh "$2" && return
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	DEBIAN_FRONTEND=noninteractive chroot "$root" sh -c 'apt-get update -qq && apt-get install -qq -y "$1"' sh "$2" </dev/null
}

build() # SUITE COMPILER NAME CFLAGS TARGET...
{
	suite=$1 compiler=$2 name=$3 cflags=$4
	shift 4
	set -- nice make -s -k -j2 WERROR=1 CC="$compiler" CFLAGS="$cflags" "$@"
	if [ "$suite" = here ]; then
		"$@" -C "$top" B="$work/$compiler$name"
	else
		mkdir -p "$roots/cc-$suite/build" && mountpoint -q "$roots/cc-$suite/mnt" ||
			mount --bind -o ro "$top" "$roots/cc-$suite/mnt" || return
		chroot "$roots/cc-$suite" "$@" -C /mnt B="/build/$compiler$name"
	fi
}

[ $# != 0 ] || set -- gcc gcc-13 gcc-14 gcc-15 clang clang-15 clang-17 clang-19
for compiler; do
	suite=$(suite_of "$compiler")
	if [ "$suite" = here ]; then
		command -v "$compiler" >/dev/null || { skip "$compiler" "is not installed"; continue; }
	else
		check "$compiler of $suite is there" prepare "$suite" "$compiler"
	fi
	check "$compiler builds the programs and their unit tests" build "$suite" "$compiler" "" "-O2 -g" all unit
	case $compiler in
	gcc | clang | gcc-15 | clang-19) ;;
	*) continue ;;
	esac
	for option in -O0 -O3 "-O2 -flto"; do
		check "$compiler builds the programs with $option" \
			build "$suite" "$compiler" "$(echo "$option" | tr -d ' ')" "$option" all
	done
done
finish

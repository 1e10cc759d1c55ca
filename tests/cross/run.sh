#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/cross/run.sh: the unit tests of crypto/ and core/, and those of the super-packets of wg-tun, whose
# headers are in the machine's byte order next to the network's, on machines of 32 and 64 bits and of both byte
# orders, under qemu-user, with cmocka.h of this folder for cmocka. Tests that compare with libcrypto are left out.
# X25519 and Poly1305 have limbs of the machine's size, and 32-bit ones once more. B is where it builds (build).
cd "$(dirname "$0")/../.." || exit 1
failed=0
flags="-std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror"
limbs="curve25519 curve25519_each curve25519_public curve25519_clamp
	poly1305_init poly1305_update poly1305_align poly1305_final"

has()
{
	command -v "${1%% *}" >/dev/null
}

tun_path="checksum coalesce segment"

tests_of() # FOLDER...
{
	for name in $tun_path; do
		echo "tests/unit/tun/path/$name.c"
	done
	for folder; do
		grep -L '<openssl/' "tests/unit/$folder"/*.c
	done
	echo tests/cross/keys.c
}

object() # OBJECT SOURCE FLAG...
{
	object=$1
	shift
	# shellcheck disable=SC2086
	$cc $flags -ffreestanding -c -o "$object" "$@"
}

# What hosts share, and keys as text.
objects()
{
	for name in $(sed -n 's/^[[:space:]]*\([a-z0-9/-]*\)\.o.*/\1/p' src/core.mk) lib/base/encoding; do
		object "$dir/$(echo "$name" | tr / -).o" "src/$name.c" || return
	done
	for name in $tun_path; do
		object "$dir/tun-path-$name.o" "src/tun/path/$name.c" || return
	done
	renames=$(for name in $limbs; do echo "-Dwg_$name=wg_${name}_32"; done)
	for name in curve25519 poly1305; do
		# shellcheck disable=SC2086
		object "$dir/$name-32.o" "src/crypto/$name.c" -DWG_CURVE25519_BITS=32 \
			-DWG_POLY1305_BITS=32 $renames || return
	done
}

# Shows the lines of a test with the machine's name in them.
run() # TEST
{
	program="$dir/$(echo "${1%.c}" | tr / -)"
	# shellcheck disable=SC2086
	if ! $cc $flags -Itests/cross -static -o "$program" "$1" "$dir"/*.o; then
		echo "not ok $machine: $1 does not build"
		failed=1
		return
	fi
	timeout -k 5 120 "$emulator" "$program" >"$dir/out" 2>&1
	status=$?
	sed "s/^\(ok\|not ok\) /&$machine: /" "$dir/out"
	[ $status = 0 ] && return
	grep -q '^not ok ' "$dir/out" || echo "not ok $machine: $1 ends with status $status"
	failed=1
}

machine() # MACHINE COMPILER EMULATOR
{
	for tool in "$2" "$3"; do
		has "$tool" || { echo "skip $1: no ${tool%% *}"; return; }
	done
	machine=$1 cc=$2 emulator=$3 dir=${B:-build}/cross/$1
	rm -rf "$dir" && mkdir -p "$dir" || exit 1
	echo "# $1: $cc, $emulator"
	if ! objects; then
		echo "not ok $machine: does not build"
		failed=1
		return
	fi
	for test in $(tests_of crypto core); do
		run "$test"
	done
}

i386="i686-linux-gnu-gcc"
has $i386 || i386="gcc -m32"
machine i386 "$i386" qemu-i386
machine armhf arm-linux-gnueabihf-gcc qemu-arm
machine aarch64 aarch64-linux-gnu-gcc qemu-aarch64
machine s390x s390x-linux-gnu-gcc qemu-s390x
exit $failed

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/cross/run.sh: X25519 and keys as text on a 32-bit little-endian and a 64-bit big-endian
# machine, under qemu-user, with limbs of both sizes where the machine has them. B is where it
# builds (build).
cd "$(dirname "$0")/../.." || exit 1
dir=${B:-build}/cross
failed=0
mkdir -p "$dir" || exit 1

has()
{
	command -v "${1%% *}" >/dev/null
}

selftest() # MACHINE COMPILER EMULATOR LIMB-BITS
{
	name="$1, $4-bit limbs"
	program="$dir/selftest-$1-$4"
	echo "# $name: $2, $3"
	# shellcheck disable=SC2086
	if ! $2 -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -ffreestanding -static \
		-DWG_CURVE25519_BITS="$4" -o "$program" tests/cross/selftest.c \
		src/crypto/curve25519.c src/lib/encoding.c; then
		echo "not ok $name: does not build"
		failed=1
		return
	fi
	"$3" "$program" "$name" tests/vectors/x25519-wycheproof.txt || failed=1
}

machine() # MACHINE COMPILER EMULATOR LIMB-BITS...
{
	for tool in "$2" "$3"; do
		has "$tool" || { echo "skip $1: no ${tool%% *}"; return; }
	done
	of=$1 cc=$2 emulator=$3
	shift 3
	for bits; do
		selftest "$of" "$cc" "$emulator" "$bits"
	done
}

i386="i686-linux-gnu-gcc"
has $i386 || i386="gcc -m32"
machine i386 "$i386" qemu-i386 32
machine s390x s390x-linux-gnu-gcc qemu-s390x 64 32
if has arm-linux-gnueabihf-gcc; then
	machine armhf arm-linux-gnueabihf-gcc qemu-arm 32
fi
exit $failed

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/ct/run.sh: that no branch and no address depends on a secret, as valgrind sees it, for
# each compiler, optimisation and limb size. B is where it builds (build).
cd "$(dirname "$0")/../.." || exit 1
dir=${B:-build}/ct
failed=0
sources="$(sed -n 's|^[[:space:]]*\(crypto/[a-z0-9-]*\)\.o.*|src/\1.c|p' src/core.mk) src/lib/base/encoding.c"
cases="curve25519 public base64 hex compare chacha20 poly1305 blake2s kdf aead xaead siphash"

for tool in valgrind gcc clang; do
	command -v $tool >/dev/null || { echo "skip ct: no $tool"; exit 0; }
done
mkdir -p "$dir" || exit 1

finds() # PROGRAM CASE: whether valgrind finds a dependence; anything else that fails is told
{
	valgrind -q --error-exitcode=99 --log-file="$dir/log" "$1" "$2" >"$dir/out" 2>&1
	case $? in
	0) return 1 ;;
	99) return 0 ;;
	esac
	cat "$dir/out"
	return 2
}

check() # STATUS-WANTED NAME PROGRAM CASE
{
	finds "$3" "$4"
	if [ $? = "$1" ]; then
		echo "ok $2"
		return
	fi
	echo "not ok $2"
	sed 's/^/    /' "$dir/log"
	failed=1
}

for cc in gcc clang; do
	for level in -O0 -O2 -O3 -Os; do
		for bits in 64 32; do
			kind="$cc $level, $bits-bit limbs"
			# shellcheck disable=SC2086
			$cc -std=gnu11 -D_GNU_SOURCE -gdwarf-4 $level -ffreestanding \
				-DWG_CURVE25519_BITS=$bits -DWG_POLY1305_BITS=$bits \
				-include tests/ct/publish.h -o "$dir/ct" tests/ct/ct.c $sources || {
				echo "not ok $kind: does not build"
				failed=1
				continue
			}
			for name in $cases; do
				check 1 "$name, $kind" "$dir/ct" $name
			done
			for name in leak-index leak-branch; do
				check 0 "$name is found, $kind" "$dir/ct" $name
			done
		done
	done
done

# The batch, which uses AVX2 here.
grep -qw avx2 /proc/cpuinfo || { echo "skip batch: no AVX2"; exit $failed; }
for cc in gcc clang; do
	for level in -O0 -O2 -O3 -Os; do
		kind="$cc $level"
		$cc -std=gnu11 -D_GNU_SOURCE -gdwarf-4 $level -ffreestanding -o "$dir/batch" tests/ct/batch.c \
			src/crypto/chacha20poly1305-avx*.c src/crypto/chacha20poly1305-batch.c \
			src/crypto/chacha20poly1305.c \
			src/crypto/chacha20.c src/crypto/poly1305.c || {
			echo "not ok $kind: does not build"
			failed=1
			continue
		}
		for name in batch-same batch-mixed; do
			check 1 "$name, $kind" "$dir/batch" $name
		done
		check 0 "batch-leak is found, $kind" "$dir/batch" batch-leak
	done
done
exit $failed

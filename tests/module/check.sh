#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/check.sh [sources] [SUITE...]: the module builds without a warning (W=1, sparse) for the stock
# kernel of each suite, with either cipher and with self-tests; sources are as the kernel wants them
# (checkpatch) and know no version of a kernel but in compat/. DKMS handles it in each suite.
# By itself all of that; `sources` is what needs no kernel.
. "$(dirname "$0")/../tool.sh"
here=$top/tests/module
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# kbuild says this of every module where the headers are without the kernel, as Debian's are.
quiet_build() # SUITE MAKE-ARGUMENT...
{
	sh "$here/build.sh" "$@" >"$out" 2>&1 || { cat "$out"; return 1; }
	grep -v -e '^Skipping BTF generation' -e '/wireguard\.ko$' "$out" >"$out.rest" || { rm -f "$out.rest"; return 0; }
	cat "$out.rest"
	rm -f "$out.rest"
	return 1
}

# A defect that only sparse sees, so that a silent sparse is one that ran.
sparse_sees() # SUITE
{
	mkdir -p "$top/build/module"
	printf '%s\n' '#include <linux/compiler.h>' 'int bad(int __user *p);' 'int bad(int __user *p)' \
		'{' '	return *p;' '}' >"$top/build/module/bad.c"
	MODULE_EXTRA=$top/build/module/bad.c sh "$here/build.sh" "$1" EXTRA=bad C=2 2>&1 |
		grep 'bad.c:5:.*noderef'
}

seals_with() # WHAT
{
	/usr/sbin/modinfo -F aead "$MODULE_WORK/wireguard.ko" >"$out" && grep -qxF "$1" "$out"
}

compat_compiles() # SUITE
{
	MODULE_EXTRA=$here/compat.c quiet_build "$1" EXTRA=compat
}

module_sources()
{
	find "$top/src/module" "$top/src/core" -name '*.[ch]' | sort
}

# Without what has a line in checkpatch.exceptions.
checkpatch()
{
	sh "$here/kernel.sh" source || return
	perl "${VM_KERNELS:-$top/build/vm}/source-6.1/linux-source-6.1/scripts/checkpatch.pl" --no-tree \
		--no-summary --terse --show-types --max-line-length=100 -f $(module_sources) >"$out" 2>&1
	grep -q ':[A-Z_]*:' "$out" || [ ! -s "$out" ] || { cat "$out"; return 1; }
	while read -r type files why; do
		[ "$type" != "#" ] || continue
		regex=$(printf '%s' "$files" | sed 's/\./\\./g; s/\*/.*/g')
		sed -i "\\|${regex}[^ ]* [A-Z]*:$type:|d" "$out"
	done <"$here/checkpatch.exceptions"
	[ ! -s "$out" ] || { cat "$out"; return 1; }
}

versions_stay_in_compat()
{
	! grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION|linux/version\.h' $(module_sources | grep -v /compat/)
}

code_lines() # FILE...
{
	for f; do
		gcc -fpreprocessed -dD -E -P -x c "$f"
	done | grep -c '[^[:space:]]'
}

# Header files too. Apart: what older kernels spell otherwise, and the tests of a debug build. It is no gate.
tell_size()
{
	lines=$(code_lines $(module_sources | grep -v -e /compat/ -e /selftest))
	echo "# module and core: $lines lines of code, $(code_lines $(module_sources)) with compat/ and self-tests"
}

check_sources()
{
	check "no version of a kernel outside of compat" versions_stay_in_compat
	tell_size
	check "checkpatch finds nothing" checkpatch
}

# In a folder of its own: others may build for the same kernel.
check_suite() # SUITE
{
	export MODULE_WORK="$top/build/module/check-$1"
	check "$1: a kernel's headers are there" sh "$here/root.sh" "$1"
	check "$1: what compat promises compiles" compat_compiles "$1"
	check "$1: sparse is at work" sparse_sees "$1"
	check "$1: builds without a warning, with our own cipher and self-tests" quiet_build "$1" C=2 AEAD=own DEBUG=1
	check "$1: seals with that" seals_with crypto/
	check "$1: builds with the kernel's cipher" quiet_build "$1" C=2
	check "$1: seals with it" seals_with "the kernel's library"
	sh "$here/dkms.sh" "$1" || failures=$((failures + 1))
}

for part in ${*:-sources bullseye bookworm trixie sid}; do
	case $part in
	sources) check_sources ;;
	*) check_suite "$part" ;;
	esac
done
finish

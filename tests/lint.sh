#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Static analysis of src/: gcc's analyzer, clang-tidy (.clang-tidy) and cppcheck (lint.cppcheck). Not of
# module/, which has no meaning without a kernel's headers: module/check.sh has sparse for that.
# Prints a line for each file or tool, and what was found.
set -u
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
defines="-D_GNU_SOURCE -DRUNSTATEDIR=\"/run\" -DCONFDIR=\"/etc/wireguard\"
	-DSTATEDIR=\"/run/wireguard-quick\" -DSYSCONFDIR=\"/etc\" -DWG_TEST_HOOKS"
flags="-std=gnu11 $defines"
sources=$(find src -name "*.c" | sort | grep -v '^src/module/')

# result NAME STATUS FILE: FILE is what was said
result() {
	if [ "$2" = 0 ]; then
		echo "ok $1"
	else
		echo "not ok $1"
		sed 's/^/    /' "$3"
		failures=$((failures + 1))
	fi
}

# gcc 12 loses track of the initialiser of `addresses` in save-running.c, in whatever form it is written. It
# takes the width of a vector's lane for that of a bool (checksum.c).
analyze() {
	for f in $sources; do
		case $f in
		src/wg-quick/reconcile/save-running.c) except=-Wno-analyzer-use-of-uninitialized-value ;;
		src/tun/path/checksum.c) except=-Wno-analyzer-shift-count-overflow ;;
		*) except= ;;
		esac
		${GCC:-gcc} $flags -O1 -fanalyzer $except -Werror -c -o /dev/null "$f" || echo "$f" >>"$work/bad"
	done >"$work/gcc" 2>&1
	[ ! -e "$work/bad" ]
}

# One file a run: with several, clang-tidy 14 forgets va_start in all but the first. What it says of
# its own to standard error counts only where it did not run at all.
tidy_all() {
	printf '%s\n' $sources | grep -v -e '^src/lib/base/error\.c$' -e '^src/lib/conf/conf-code\.c$' |
		xargs -P 2 -I FILE ${CLANG_TIDY:-clang-tidy} --quiet FILE -- $flags -include tests/lint.h \
			2>"$work/count" || return
	for f in src/lib/base/error.c src/lib/conf/conf-code.c; do
		${CLANG_TIDY:-clang-tidy} --quiet $f -- $flags 2>"$work/count" || return
	done
}

analyze &
tidy_all >"$work/tidy" || [ -s "$work/tidy" ] || cp "$work/count" "$work/tidy"
! grep -q . "$work/tidy"
result clang-tidy $? "$work/tidy"
wait $!
result 'gcc -fanalyzer' $? "$work/gcc"
cppcheck --quiet --error-exitcode=1 --enable=warning,style,performance,portability --std=c11 \
	-U__KERNEL__ -D__cppcheck__ $defines --include=tests/lint.h \
	--suppressions-list=tests/lint.cppcheck \
	--template='{file}:{line}: {severity} {id}: {message}' -i src/module src >"$work/cppcheck" 2>&1
result cppcheck $? "$work/cppcheck"
exit $((failures > 0))

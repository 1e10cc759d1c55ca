#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the unit tests and the simulation run of core/ and crypto/: lines and branches, file by file,
# and whether that is enough. B is where it builds (build/cov).
. "$(dirname "$0")/tool.sh"
cd "$top" || exit 1
b=${B:-build/cov}
lines=95 branches=90
units=$(ls tests/unit/core/*.c tests/unit/crypto/*.c | sed 's|^tests/||; s|\.c$||')
sim=
[ ! -d tests/sim ] || sim=$b/tests/sim/sim

# Vector code can only run where the CPU has the instructions.
left_out=
for pair in avx2:avx2 avx512ifma:avx512; do
	grep -qw "${pair%:*}" /proc/cpuinfo || left_out="$left_out -e src/crypto/.*-${pair#*:}"
done

build()
{
	make -s -j2 COV=1 B="$b" $(for u in $units; do echo "$b/$u"; done) $sim
}

run()
{
	for u in $units; do
		timeout 300 "$b/$u" >"$b/log" 2>&1 || { cat "$b/log"; return 1; }
	done
	[ -z "$sim" ] || timeout 300 "$sim" --runs 20 >"$b/log" 2>&1 || { cat "$b/log"; return 1; }
}

report() # GCOVR'S FLAG...
{
	gcovr -r . --object-directory "$b" -f src/core/ -f src/crypto/ $left_out "$@"
}

mkdir -p "$b"
find "$b" -name '*.gcda' -delete
check "the tests of core and crypto build for counting" build
check "they pass as they are counted" run
[ -z "$left_out" ] || echo "# left out, for this CPU lacks the instructions:$left_out"
report
report --branches --print-summary
check "at least $lines % of the lines are run" report --output "$b/report" --fail-under-line $lines
check "at least $branches % of the branches are taken" \
	report --output "$b/report" --fail-under-branch $branches
finish

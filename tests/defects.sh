#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/defects.sh: each test that DEFECTS.md names exists. Its last columns are "`FILE` TEXT; `FILE` TEXT",
# where FILE is below tests/ and has TEXT in it.
. "$(dirname "$0")/tool.sh"
cd "$top/tests" || exit 1

# named FILE: `KIND|FILE|TEXT` for each test.
named()
{
	awk -F '|' '/^\|/ && $2 !~ /^ *(kind|-+) *$/ && $2 !~ /^-+$/ {
		kind = $2; sub(/^ /, "", kind); sub(/ $/, "", kind)
		n = split($4, tests, ";")
		for (i = 1; i <= n; i++) {
			if (!match(tests[i], /`[^`]*`/)) { print kind "||"; continue }
			file = substr(tests[i], RSTART + 1, RLENGTH - 2)
			text = substr(tests[i], RSTART + RLENGTH + 1); sub(/ *$/, "", text)
			print kind "|" file "|" text
		}
	}' "$1"
}

# missing FILE: what a table names and is not there.
missing()
{
	named "$1" | while IFS='|' read -r kind file text; do
		[ -n "$text" ] && grep -qsF -e "$text" "$file" || echo "$kind: no \`$text' in ${file:-any file}"
	done
}

sample=$(mktemp)
trap 'rm -f "$sample"' EXIT
printf '| kind | where | tests |\n|---|---|---|\n| a | b | `defects.sh` sample; `none.sh` x |\n| c | d | |\n' >"$sample"
check "a line without its test is found out" same "a: no \`x' in none.sh
c: no \`' in any file" "$(missing "$sample")"
check "each kind of fault in DEFECTS.md has its tests" same "" "$(missing DEFECTS.md)"
echo "# $(named DEFECTS.md | cut -d '|' -f 1 | sort -u | wc -l) kinds of fault, $(named DEFECTS.md | wc -l) tests"
finish

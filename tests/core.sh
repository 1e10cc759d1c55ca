#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The boundary of what hosts share: src/core.mk has every file of core/, and its objects joined want
# nothing of their surroundings but four functions. B is where it builds (build).
. "$(dirname "$0")/tool.sh"
dir=$top/${B:-build}/core
mkdir -p "$dir" || exit 1

# The object names of core.mk.
listed()
{
	printf 'include %s\nall:\n\t@printf "%%s\\n" $(wg-core)\n' "$top/src/core.mk" |
		make -s --no-print-directory -f - all
}

# Also that every name has its file, and none is there twice.
complete()
{
	listed | sort >"$dir/listed"
	(cd "$top/src" && find core crypto -name '*.c' 2>/dev/null | sed 's/c$/o/' | sort) >"$dir/files"
	same "" "$({ grep '^core/' "$dir/files" | comm -13 "$dir/listed" -; uniq -d "$dir/listed"
		comm -23 "$dir/listed" "$dir/files"; } | sort -u)"
}

# What the objects, joined, have undefined.
undefined() # COMPILER FLAG...
{
	objects=
	for object in $(listed); do
		mkdir -p "$dir/${object%/*}"
		"$@" -std=gnu11 -ffreestanding -fno-stack-protector -fno-pic -U_FORTIFY_SOURCE \
			-Wframe-larger-than=2048 -Werror -c -o "$dir/$object" \
			"$top/src/${object%.o}.c" || return
		objects="$objects $dir/$object"
	done
	# shellcheck disable=SC2086
	"$1" -r -nostdlib -no-pie -o "$dir/joined.o" $objects && nm -u "$dir/joined.o"
}

apart() # COMPILER FLAG...
{
	wanted=$(undefined "$@") || { echo "$wanted"; return 1; }
	same "" "$(echo "$wanted" | awk '{ print $NF }' | grep -vxE 'mem(cpy|set|move|cmp)')"
}

# The check finds what it is for.
sees_a_call()
{
	echo 'int puts(const char *); int f(void); int f(void) { return puts("x"); }' >"$dir/call.c"
	cc -ffreestanding -c -o "$dir/call.o" "$dir/call.c" && nm -u "$dir/call.o" | grep -q puts
}

check "core.mk has every file of core/, once" complete
check "a call to the C library is found out" sees_a_call
check "the shared objects need four functions only" apart cc -O2
check "the shared objects need four functions only, for size" apart cc -Os
if command -v i686-linux-gnu-gcc >/dev/null; then
	check "the shared objects need four functions only, 32-bit" apart i686-linux-gnu-gcc -O2
else
	skip "the shared objects need four functions only, 32-bit" "no i686-linux-gnu-gcc"
fi
finish

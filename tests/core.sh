#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The boundary of what hosts share: src/core.mk has every file of core/, and its objects joined want
# nothing of their surroundings but four functions, and in a kernel a division. B is where it builds (build).
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
	same "" "$(echo "$wanted" | awk '{ print $NF }' | grep -vxE 'mem(cpy|set|move|cmp)|div_u64_rem')"
}

# What a kernel's headers bring along that others do not: its own names of things, and macros that
# take names away. Without C library headers, and without those that the compiler puts in their place.
kernel_headers()
{
	mkdir -p "$dir/kernel/linux" &&
	for header in compiler limits math64 rcupdate string types; do
		echo '#include "../kernel.h"' >"$dir/kernel/linux/$header.h" || return
	done
	cat >"$dir/kernel/kernel.h" <<-'END'
		#pragma once
		typedef unsigned char u8;
		typedef unsigned short u16;
		typedef unsigned int u32;
		typedef unsigned long long u64;
		typedef int s32;
		typedef long long s64;
		typedef __SIZE_TYPE__ size_t;
		typedef _Bool bool;
		enum { false, true };
		#define NULL ((void *)0)
		#define U64_MAX ((u64)~0ULL)
		#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
		#define __rcu
		#define rcu_read_lock_bh_held() true
		#define rcu_assign_pointer(p, v) __atomic_store_n(&(p), v, __ATOMIC_RELEASE)
		#define rcu_dereference_check(p, held) ((void)(held), __atomic_load_n(&(p), __ATOMIC_CONSUME))
		#define rcu_dereference_protected(p, held) ((void)(held), (p))
		struct task_struct;
		struct task_struct *get_current(void);
		#define current get_current()
		void *memcpy(void *, const void *, size_t);
		void *memmove(void *, const void *, size_t);
		void *memset(void *, int, size_t);
		int memcmp(const void *, const void *, size_t);
		u64 div_u64_rem(u64, u32, u32 *);
	END
}

in_a_kernel()
{
	kernel_headers && apart "$@" -nostdinc -D__KERNEL__ -I"$dir/kernel" -Wall -Wextra
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
check "the shared objects need nothing that a kernel lacks" in_a_kernel cc -O2
if command -v i686-linux-gnu-gcc >/dev/null; then
	check "the shared objects need nothing that a kernel lacks, 32-bit" \
		in_a_kernel i686-linux-gnu-gcc -O2
else
	skip "the shared objects need nothing that a kernel lacks, 32-bit" "no i686-linux-gnu-gcc"
fi
finish

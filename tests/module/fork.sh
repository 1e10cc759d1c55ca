#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/fork.sh KERNEL MODULE: a machine with a tunnel is saved and goes on twice: as itself, and
# as another one, with another generation ID (QEMU's vmgenid). The copy must use no session of the one it
# is a copy of, or two machines send under the same keys and counters; itself keeps them. The machine has
# all it needs in its initramfs: one with the host's files cannot be saved. Takes a minute.
. "$(dirname "$0")/../tool.sh"
. "$top/tests/vm/modules.sh"
kernel=$1 module=$(realpath "$2")
dir=${VM_KERNELS:-$top/build/vm}/$kernel
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
sh "$top/tests/vm/kernel.sh" "$kernel" "$dir" || exit 1
work=$(mktemp -d "$dir/fork.XXXXXX")
machine=
trap '[ -z "$machine" ] || kill "$machine" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
itself=6c0c7a5e-2f1b-4d55-9d0a-9b1f3c1e7d01 other=0b7f9f7e-51c5-4a7e-8a59-1f6a0d8f2c02

# A program and the libraries that it is linked with.
give() # FILE NAME
{
	cp "$1" "$work/initrd/bin/$2"
	ldd "$1" | sed -n 's/.*[[:blank:]]\(\/[^ ]*\) (.*/\1/p' | while read -r library; do
		mkdir -p "$work/initrd${library%/*}"
		cp -L "$library" "$work/initrd$library"
	done
}

make_initrd()
{
	release=$(cat "$dir/fetched")
	mkdir -p "$work/initrd/bin" "$work/initrd/modules" "$work/initrd/dev" "$work/initrd/proc" \
		"$work/initrd/sys" "$work/initrd/run" "$work/initrd/etc"
	cp "$(command -v busybox)" "$work/initrd/bin/busybox"
	cp "$top/tests/module/fork-guest.sh" "$work/initrd/init"
	chmod 755 "$work/initrd/init"
	give "$(command -v ip)" ip
	give "$WG" wg
	module_tree "$dir/root" "$release" "$work/root" "$module" &&
		copy_modules "$work/root" "$release" "$work/initrd/modules" veth wireguard &&
		(cd "$work/initrd" && find . | cpio -o -H newc --quiet) >"$work/initrd.cpio"
}

# boot NAME GUID [ARGUMENT...]: what it prints is in $work/NAME; its monitor reads $work/monitor.
boot()
{
	boot_name=$1 guid=$2
	shift 2
	timeout -k 10 200 qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -machine pc \
		-accel tcg,thread=single -cpu max -m 512 -display none -device "vmgenid,guid=$guid" \
		-serial "file:$work/$boot_name.console" -serial "file:$work/$boot_name" \
		-kernel "$dir/vmlinux" -initrd "$work/initrd.cpio" -append "console=ttyS0 quiet panic=-1" \
		-monitor stdio "$@" <"$work/monitor" >"$work/log" 2>&1 &
	machine=$!
}

says() # NAME WORDS
{
	grep -q "$2" "$work/$1"
}

# It is saved where it says that it waits for that.
save()
{
	mkfifo "$work/monitor" && exec 3<>"$work/monitor" && boot first $itself &&
		wait_for 150 says first "save me" || return
	printf 'migrate "exec:cat >%s"\nquit\n' "$work/saved" >&3
	wait $machine
	machine=
	sed 's/^/    /' "$work/first"
	[ -s "$work/saved" ]
}

# Until it ends by itself.
goes_on() # NAME GUID
{
	boot "$1" "$2" -incoming "exec:cat $work/saved"
	wait $machine
	machine=
	sed 's/^/    /' "$work/$1"
	says "$1" "the tunnel works"
}

check "a machine of its own" make_initrd
check "it has a tunnel, and is saved" save
check "it goes on as itself" goes_on itself $itself
check "and has its session" says itself "the session of before"
check "it goes on as another machine" goes_on other $other
check "which has none of that one's" says other "a new session"
finish

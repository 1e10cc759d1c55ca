#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/vm/run.sh 6.1|6.12 SCRIPT...: boots Debian's stock kernel under emulation, with the
# host's files read-only below a root of memory, and runs the scripts there, one after the other.
# Prints what they print, and a `not ok` for each that fails or prints no result without saying so
# (see one.sh). Ends with 0 if all did, 1 if one failed, 124 after VM_TIMEOUT seconds, 125 if the
# machine did not come up; then its console is shown.
set -e
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
[ $# -ge 2 ] || { echo "usage: sh tests/vm/run.sh 6.1|6.12 SCRIPT..." >&2; exit 2; }
version=$1
shift
kernels=${VM_KERNELS:-$repo/build/vm}
dir=$kernels/$version
mkdir -p "$dir"
sh "$here/kernel.sh" "$version" "$dir"
dir=$(cd "$dir" && pwd)
case $repo$dir in
*\ *) echo "tests/vm/run.sh: the path of the repository must not hold a space" >&2; exit 2 ;;
esac

work=$(mktemp -d "$dir/run.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

quote()
{
	printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

{
	for v in WG WG_QUICK WG_QUICK_TESTHOOKS WG_TUN_TESTHOOKS ORACLE_WG ORACLE_WG_QUICK CI WG_SLOW_TESTS; do
		eval "value=\${$v-}"
		[ -z "$value" ] || echo "export $v=$(quote "$value")"
	done
	echo "export WG_TEST_VM=$version"
	echo "cd $(quote "$repo")"
	cat "$here/one.sh"
	for script; do
		shell=sh
		case $(head -n 1 "$script") in
		*bash*) shell=bash ;;
		esac
		echo "one $shell $(quote "$script")"
	done
	echo 'exit $status'
} >"$work/job"

status=0
timeout -k 10 "${VM_TIMEOUT:-2400}" qemu-system-x86_64 -nodefaults -no-user-config -no-reboot \
	-machine pc -accel tcg,thread=single -cpu max -m "${VM_MEMORY:-2048}" -display none \
	-fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
	-device virtio-9p-pci,fsdev=host,mount_tag=host \
	-serial "file:$work/console" -serial "file:$work/out" \
	-kernel "$dir/vmlinux" -initrd "$dir/initrd" \
	-append "console=ttyS0 panic=-1 quiet net.ifnames=0 wk_repo=$repo wk_modules=$dir/root wk_job=$work/job" \
	</dev/null >"$work/qemu" 2>&1 || status=$?
sed '/^vm-exit [0-9]*$/d' "$work/out" 2>/dev/null | sed '${ /^$/d; }' || :
ended=$(sed -n 's/^vm-exit \([0-9]*\)$/\1/p' "$work/out" 2>/dev/null | tail -n 1)
if [ -z "$ended" ]; then
	echo "tests/vm/run.sh: the machine did not finish; its console ends with:" >&2
	cat "$work/qemu" >&2
	tail -n 40 "$work/console" >&2 || :
	[ "$status" = 124 ] || status=125
	exit "$status"
fi
exit "$ended"

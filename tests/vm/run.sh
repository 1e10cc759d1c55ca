#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/vm/run.sh MACHINE [--module FILE|--no-module] SCRIPT...: boots a test machine, with the
# host's files read-only below a root of memory, and runs the scripts there, one after the other.
# MACHINE is one of
#	5.10 6.1 6.12 7	Debian's stock kernel, emulated (kernel.sh fetches it)
#	6.12-rt		the same with PREEMPT_RT
#	uml vpn debug	User Mode Linux that ../module/kernel.sh builds, plain, with IPsec, or watching itself
#	smp kcsan	emulated kernels that ../module/kernel.sh builds, which watch themselves
# With --module the kernel's own wireguard.ko is kept away and FILE is in its place; with --no-module
# nothing is. Prints what the scripts print, and a `not ok` for each that fails or prints no result
# without saying so (see one.sh). Ends with 0 if all did, 1 if one failed, 124 after VM_TIMEOUT
# seconds, 125 if the machine did not come up; then its console is shown.
#
# VM_KERNELS: where kernels are kept, by itself build/vm. VM_MEMORY: MiB. VM_CPUS: processors of
# an emulated machine, 2; User Mode Linux has one. VM_CONSOLE: a file for all that the kernel says. VM_ARGUMENTS: more of these for the kernel.
# VM_SCRIPT_SECONDS: of a script, 900.
# VM_UPDATES: with --module, further modules in place of the kernel's. In User Mode Linux: with
# VM_TIME_TRAVEL=1 waiting takes no time; VM_WIRES: what its network devices are
# (eth0=ucast,,127.0.0.1,PORT,OTHER-PORT joins two of them).
set -e
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
. "$here/modules.sh"

usage()
{
	echo "usage: sh tests/vm/run.sh 5.10|6.1|6.12|6.12-rt|7|uml|vpn|debug|smp|kcsan [--module FILE|--no-module] SCRIPT..." >&2
	exit 2
}

quote()
{
	printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

# What the machine runs.
job() # SCRIPT...
{
	for v in WG WG_QUICK WG_QUICK_TESTHOOKS WG_TUN_TESTHOOKS ORACLE_WG ORACLE_WG_QUICK CI WG_SLOW_TESTS \
		VM_SCRIPT_SECONDS VM_KERNELS $VM_PASS; do
		eval "value=\${$v-}"
		[ -z "$value" ] || echo "export $v=$(quote "$value")"
	done
	echo "export WG_TEST_VM=$machine"
	echo "cd $(quote "$repo")"
	cat "$here/one.sh"
	for script; do
		shell=sh
		case $(head -n 1 "$script") in
		*bash*) shell=bash ;;
		esac
		echo "one $shell $(quote "$script")"
	done
	echo 'reports'
	echo 'exit $status'
}

# Both know of the kernel's arguments the same, and have the machine's output in $work/out.
boot_emulated() # ARGUMENTS
{
	exec timeout -k 10 "${VM_TIMEOUT:-2400}" qemu-system-x86_64 -nodefaults -no-user-config -no-reboot \
		-machine pc -accel tcg,thread=single -cpu max -smp "${VM_CPUS:-2}" -m "${VM_MEMORY:-2048}" \
		-display none -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
		-device virtio-9p-pci,fsdev=host,mount_tag=host \
		-serial "file:$work/console" -serial "file:$work/out" \
		-kernel "$dir/vmlinux" -initrd "$dir/initrd" \
		-append "console=ttyS0 panic=-1 net.ifnames=0 wk_out=/dev/ttyS1 $1" </dev/null >"$work/log" 2>&1
}

boot_uml() # ARGUMENTS
{
	TMPDIR=/dev/shm exec timeout -k 10 "${VM_TIMEOUT:-2400}" "$dir/linux" mem="${VM_MEMORY:-1024}M" \
		uml_dir="$work" umid=machine ${VM_TIME_TRAVEL:+time-travel=inf-cpu} ${VM_WIRES-} \
		root=/dev/root rootfstype=hostfs rootflags=/ ro init=/bin/busybox \
		con=null con0=null,fd:1 con1=null,fd:3 console=tty0 random.trust_cpu=on panic=-1 wk_out=/dev/tty1 $1 -- sh "$here/init" \
		</dev/null >"$work/console" 2>"$work/log" 3>"$work/out"
}

machine=$1
shift || usage
module=theirs
case ${1-} in
--module)
	[ -r "$2" ] || { echo "tests/vm/run.sh: there is no module $2" >&2; exit 2; }
	module=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
	shift 2
	;;
--no-module) module='' && shift ;;
esac
[ $# -ge 1 ] || usage
dir=${VM_KERNELS:-$repo/build/vm}/$machine
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
case $machine in
uml | vpn | debug)
	sh "$here/../module/kernel.sh" "$machine" "$dir" || exit 125
	boot=boot_uml
	;;
*)
	sh "$here/kernel.sh" "$machine" "$dir" || exit 125
	boot=boot_emulated
	;;
esac
case $repo$dir in
*\ *) echo "tests/vm/run.sh: the path of the repository must not hold a space" >&2; exit 2 ;;
esac

work=$(mktemp -d "$dir/run.XXXXXX")
running=
trap '[ -z "$running" ] || kill "$running" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
modules=$dir/root
if [ "$module" != theirs ]; then
	modules=$work/root
	module_tree "$dir/root" "$(ls "$dir/root/lib/modules")" "$modules" "$module" || exit 125
fi
job "$@" >"$work/job"
status=0
# In the background, so that this can be ended: the machine ends with it.
$boot "quiet ${VM_ARGUMENTS-} wk_repo=$repo wk_modules=$modules wk_job=$work/job" &
running=$!
wait "$running" || status=$?
running=
[ -z "${VM_CONSOLE-}" ] || cat "$work/log" "$work/console" >"$VM_CONSOLE"
sed '/^vm-exit [0-9]*$/d' "$work/out" 2>/dev/null | sed '${ /^$/d; }' || :
ended=$(sed -n 's/^vm-exit \([0-9]*\)$/\1/p' "$work/out" 2>/dev/null | tail -n 1)
if [ -z "$ended" ]; then
	echo "tests/vm/run.sh: the machine did not finish; its console ends with:" >&2
	cat "$work/log" >&2
	tail -n 60 "$work/console" >&2 || :
	[ "$status" = 124 ] || status=125
	exit "$status"
fi
exit "$ended"

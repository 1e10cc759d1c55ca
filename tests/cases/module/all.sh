#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run in a machine (../../vm/run.sh uml --module FILE): the cases of this folder, each with the kernel's own
# module and then with ours. CONTRACT_CASES: names of some of them, with blanks between. With WG_TEST_FULL set
# each runs once more over IPv6.
. "$(dirname "$0")/../../tool.sh"
here=$top/tests/cases/module
theirs=$(echo "${VM_KERNELS:-$top/build/vm}"/*/root/lib/modules/"$(uname -r)"/kernel/drivers/net/wireguard/wireguard.ko)
work=$(mktemp -d)
ulimit -c 0

# What the kernel's own module needs may be modules, too, and ours needs less.
load() # theirs|ours
{
	wait_for 10 sh -c '[ ! -e /sys/module/wireguard ] || rmmod wireguard' || return
	case $1 in
	ours) modprobe wireguard ;;
	theirs)
		modinfo -F depends "$theirs" | tr ',' '\n' | xargs -rn 1 modprobe && insmod "$theirs"
		;;
	esac
}

# run CASE: with the module that is loaded; prints what the case prints.
run()
{
	unshare -n -m -p -f --mount-proc --kill-child timeout -k 5 300 bash -c '
		mount -t tmpfs run /run && mkdir -p /run/netns && mount -t sysfs sysfs /sys && exec bash "$1"' bash "$1" 2>&1
}

compare() # NAME
{
	case_name=cases/module/$1${SIX:+ over IPv6}
	begin=$(cut -d . -f 1 /proc/uptime)
	load theirs || { not_ok "$case_name: the kernel's own module is loaded"; return; }
	BASE='' run "$here/$1.sh" >"$work/theirs"
	grep '^figure' "$work/theirs" >"$work/base"
	if [ ! -s "$work/base" ]; then
		skip "$case_name" "$(sed -n 's/^untried: //p; $!d; s/^figure .*//' "$work/theirs" | tail -n 1)"
		sed 's/^/# /' "$work/theirs"
		return
	fi
	load ours || { not_ok "$case_name: our module is loaded"; return; }
	BASE=$work/base run "$here/$1.sh" >"$work/ours"
	if verdict=$(grep -x 'right: .*' "$work/ours"); then
		ok "$case_name"
		echo "# ${verdict#right: }"
	elif verdict=$(grep -x 'wrong: .*' "$work/ours"); then
		not_ok "$case_name"
		echo "    ${verdict#wrong: }"
	else
		not_ok "$case_name: a verdict" "$work/ours"
	fi
	echo "-- $case_name: $(($(cut -d . -f 1 /proc/uptime) - begin)) s"
}

[ -n "${CONTRACT_CASES-}" ] || CONTRACT_CASES=$(cd "$here" && ls ./*.sh | sed 's|^\./||; s|\.sh$||' | grep -vx 'all\|lib')
[ -e "$theirs" ] || { not_ok "the kernel's own module is there"; finish; }
export BASE SIX WG
for SIX in '' ${WG_TEST_FULL:+1}; do
	for name in $CONTRACT_CASES; do
		compare "$name"
	done
done
finish

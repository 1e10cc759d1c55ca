# SPDX-License-Identifier: GPL-2.0
# What the test scripts share. Sourced by sh and bash alike:
#
#	. "$(dirname "$0")/../tool.sh"
#	alone "$@"                        a network and mount namespace of its own
#	check "what is true" COMMAND...   ok if the command ends with 0
#	finish
#
# A script prints `ok NAME`, `not ok NAME` (its output follows, indented) or `skip NAME: reason`
# for each test, and ends with 0 only if none failed. run.sh counts these lines.

top=$(cd "$(dirname "$0")" && while [ ! -e Makefile ] && [ "$PWD" != / ]; do cd ..; done && pwd)
export WG="${WG:-$top/build/wg/wg}"
export WG_QUICK="${WG_QUICK:-$top/build/wg-quick/wg-quick}"
export WG_TUN="${WG_TUN:-$top/build/tun/wg-tun}"
export WG_QUICK_TESTHOOKS="${WG_QUICK_TESTHOOKS:-$top/build/testhooks/wg-quick/wg-quick}"
export WG_TUN_TESTHOOKS="${WG_TUN_TESTHOOKS:-$top/build/testhooks/tun/wg-tun}"
export ORACLE_WG="${ORACLE_WG:-$top/build/oracle/usr/bin/wg}"
export ORACLE_WG_QUICK="${ORACLE_WG_QUICK:-$top/build/oracle/usr/bin/wg-quick}"
failures=0

ok()
{
	echo "ok $1"
}

# not_ok NAME [FILE]: FILE is what the command printed.
not_ok()
{
	echo "not ok $1"
	[ -z "${2-}" ] || sed 's/^/    /' "$2"
	failures=$((failures + 1))
}

skip()
{
	echo "skip $1: $2"
}

# check NAME COMMAND...
check()
{
	check_name=$1
	check_output=$(mktemp)
	shift
	if "$@" >"$check_output" 2>&1; then
		ok "$check_name"
	else
		echo "status $? of: $*" >>"$check_output"
		not_ok "$check_name" "$check_output"
	fi
	rm -f "$check_output"
}

# same EXPECTED ACTUAL: both are texts; shows how they differ.
same()
{
	[ "$1" = "$2" ] || {
		echo "expected:"
		printf '%s\n' "$1"
		echo "found:"
		printf '%s\n' "$2"
		return 1
	}
}

finish()
{
	exit $((failures != 0))
}

# Starts the script again in network, mount and process namespaces of its own: what it starts ends
# with it, /run and /etc/wireguard are empty, and lo is up. Returns in the inner one only.
alone()
{
	if [ -z "${WG_TEST_ALONE-}" ]; then
		case $(head -n 1 "$0") in
		*bash*) exec env WG_TEST_ALONE=1 unshare -n -m -p -f --mount-proc --kill-child bash "$0" "$@" ;;
		*) exec env WG_TEST_ALONE=1 unshare -n -m -p -f --mount-proc --kill-child sh "$0" "$@" ;;
		esac
	fi
	unset WG_TEST_ALONE
	mount -t tmpfs -o mode=0755 run /run
	mkdir -p /run/wireguard /run/lock /etc/wireguard
	mount -t tmpfs -o mode=0700 conf /etc/wireguard
	mount -t sysfs sysfs /sys 2>/dev/null || :
	# Whatever changes it changes a copy.
	cat /etc/resolv.conf >/run/resolv.conf 2>/dev/null || :
	mount --bind /run/resolv.conf /etc/resolv.conf 2>/dev/null || :
	ip link set lo up
}

# wait_for SECONDS COMMAND...: tries it until it ends with 0.
wait_for()
{
	wait_tries=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		wait_tries=$((wait_tries - 1))
		[ "$wait_tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# Whether this kernel makes WireGuard devices (its module is loaded if need be).
kernel_has_wireguard()
{
	unshare -n ip link add wgprobe type wireguard 2>/dev/null
}

# device_add NAME: a WireGuard device, the kernel's where it has them, else wg-tun's.
device_add()
{
	ip link add "$1" type wireguard 2>/dev/null && return
	"$WG_TUN" "$1"
}

device_del()
{
	ip link del "$1"
}

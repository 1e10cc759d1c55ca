#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Many peers in, listed, synced unchanged, out; and one peer with as many allowed IPs: 100,000, or PEERS.
# The CPU of half as many is printed beside it, so that one sees whether it is linear.
here=$(dirname "$0")
. "$here/../oracle/lib.sh"
need ip awk
[ -n "$WIREKIT_INSIDE" ] || [ -x "$B/tests/bench/cost" ] || make -s B="$B" helpers >&2
enter "$@"
find_device_kind
allowed=100000 halves=yes
PEERS=${PEERS:-100000}
# Under emulation it takes minutes.
[ -z "$WG_TEST_VM" ] || halves=no

# measured LABEL COMMAND...: runs it, and notes its CPU.
measured() {
	label=$1
	shift
	rm -f "$T/cost"
	if "$B/tests/bench/cost" "$T/cost" 1 "$@"; then
		echo "# $label: $(awk '{ printf "%.1f ms of CPU, %.1f ms, %d KiB", $2 / 1000, $1 / 1000, $3 }' "$T/cost")"
	else
		echo "not ok $label"
		echo "# failed: $*"
		echo "$label" >>"$T/failed"
	fi
}

# expect CASE WANTED ACTUAL
expect() {
	[ "$2" = "$3" ] && detail= || detail="expected $2, is $3"
	result "$1" "$detail"
}

peers_of() {
	"$WG" show wkl dump | awk 'END { print NR - 1 }'
}

allowed_of() {
	"$WG" show wkl allowed-ips | awk '{ n += NF - 1 } END { print n + 0 }'
}

# How many requests to change something a command sends. To the kernel that is command 1, version 1,
# behind a netlink header that strace takes apart; to userspace it begins with "set=1".
sets_of() {
	strace -qq -xx -s 24 -e trace=sendto,sendmsg,write,writev -o "$T/trace" "$@" || return
	awk -v kernel="$([ "$DEVICE" = kernel ] && echo yes)" '
		!kernel && index($0, "\\x73\\x65\\x74\\x3d\\x31") { n++ }
		kernel && /nlmsg_type/ && index($0, "\"\\x01\\x01\\x00\\x00") { n++ }
		END { print n + 0 }' "$T/trace"
}

# Synced unchanged: nothing is sent where that can be seen; anyway the device is as it was.
sync_unchanged() {
	"$WG" show wkl dump | sort >"$T/dump.before"
	measured "syncconf unchanged, $1" "$WG" syncconf wkl "$T/conf"
	"$WG" show wkl dump | sort >"$T/dump.after"
	result "unchanged-$1" "$(difference "$T/dump.before" "$T/dump.after")"
	if command -v strace >/dev/null; then
		expect "sends-nothing-$1" 0 "$(sets_of "$WG" syncconf wkl "$T/conf")"
		sed 's/^FwMark.*/FwMark = 0x21/' "$T/conf" >"$T/conf.changed"
		expect "sends-once-$1" 1 "$(sets_of "$WG" syncconf wkl "$T/conf.changed")"
	else
		echo "skip sends-nothing-$1: no strace"
	fi
}

# round PEERS ALLOWED-IPS NAME
round() {
	"$GEN" many "$1" "$2" >"$T/conf"
	new_device wkl || { echo "not ok device-$3"; exit 1; }
	measured "setconf, $3" "$WG" setconf wkl "$T/conf"
	measured "show dump, $3" "$WG" show wkl dump
	expect "peers-$3" "$1" "$(peers_of)"
	expect "allowed-ips-$3" $(($1 * $2)) "$(allowed_of)"
	sync_unchanged "$3"
	sed '/^\[Peer\]/,$d' "$T/conf" >"$T/conf.empty"
	measured "syncconf without peers, $3" "$WG" syncconf wkl "$T/conf.empty"
	expect "out-$3" 0 "$(peers_of)"
	del_device wkl
}

[ $halves = no ] || round $((PEERS / 2)) 2 "$((PEERS / 2))-peers"
round "$PEERS" 2 "$PEERS-peers"
[ $halves = no ] || round 1 $((allowed / 2)) "$((allowed / 2))-allowed-ips"
round 1 "$allowed" "$allowed-allowed-ips"
finish

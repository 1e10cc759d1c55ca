# SPDX-License-Identifier: GPL-2.0
# Sourced by set.sh and setconf.sh: results, and a device in namespaces of its own: the kernel's where
# it has WireGuard, else wg-tun's.
# It runs the script again inside them, so it comes first.
if [ "$(id -u)" = 0 ] && [ -z "$WG_CLI_INSIDE" ]; then
	WG_CLI_INSIDE=1 exec unshare -n -m sh "$0"
fi
tmp=$(mktemp -d) failures=0 daemon= dev=cli0
trap '[ -z "$daemon" ] || kill "$daemon"; rm -rf "$tmp"' EXIT
ok()
{
	if [ "$2" = 0 ]; then
		echo "ok $1"
	else
		failures=$((failures + 1))
		echo "not ok $1"
		[ ! -s "$tmp/err" ] || sed 's/^/# /' "$tmp/err"
	fi
}
finish() { [ "$failures" = 0 ]; exit; }
# The order of peers is the data path's own.
sorted() { sort "$1"; }
# Whether both programs show the device alike; as the data path answers in any order, sorted.
oracle_agrees()
{
	[ -n "$ORACLE_WG" ] || return 0
	"$WG" show "$dev" dump | sort > "$tmp/ours"
	"$ORACLE_WG" show "$dev" dump | sort | cmp -s - "$tmp/ours"
}
with_device()
{
	[ -n "$WG_CLI_INSIDE" ] || return 1
	# Sockets are files: a /run of our own keeps them apart from the machine's.
	mount -t tmpfs none /run && ip link set lo up || return 1
	ip link add "$dev" type wireguard 2>/dev/null && return
	"${WG_TUN:-build/tun/wg-tun}" -f "$dev" > "$tmp/daemon" 2>&1 &
	daemon=$!
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -S "/run/wireguard/$dev.sock" ] && return 0
		sleep 0.1
	done
	return 1
}

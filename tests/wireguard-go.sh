#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/wireguard-go.sh [FOLDER]: the newest wireguard-go of Debian's archive (suite sid), fetched
# and unpacked into FOLDER (build/wireguard-go), to measure and test against. Never installed and
# never in PATH; a second run finds it done.
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-$top/build/wireguard-go}
. "$top/tests/archive.sh"
[ ! -x "$dir/usr/bin/wireguard-go" ] || exit 0
mkdir -p "$dir"
archive_open sid "$dir" && archive_fetch "$dir" wireguard-go || {
	echo "tests/wireguard-go.sh: cannot fetch wireguard-go of sid" >&2
	exit 1
}
dpkg-deb -f "$dir/wireguard-go.deb" Version >"$dir/version"
dpkg -x "$dir/wireguard-go.deb" "$dir"
rm -rf "$dir/apt" "$dir/wireguard-go.deb"
[ -x "$dir/usr/bin/wireguard-go" ]

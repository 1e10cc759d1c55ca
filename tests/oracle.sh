#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/oracle.sh [FOLDER]: Debian's wireguard-tools, fetched and unpacked into FOLDER
# (build/oracle), as what ours is compared with. Never installed and never in PATH.
set -e
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-$top/build/oracle}
[ ! -x "$dir/usr/bin/wg" ] || exit 0
mkdir -p "$dir"
rm -f "$dir"/wireguard-tools_*.deb
# As root apt would drop to a user who may not write here.
(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download wireguard-tools >apt.log 2>&1) || {
	echo "tests/oracle.sh: cannot fetch wireguard-tools:" >&2
	cat "$dir/apt.log" >&2
	exit 1
}
dpkg -x "$dir"/wireguard-tools_*.deb "$dir"
[ -x "$dir/usr/bin/wg" ]

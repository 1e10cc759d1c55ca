#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/small-debian.sh: makes the small Debian 12 with systemd that tests run packages and units in, once, and
# prints its folder, build/systemd/root. Tests lay memory over it and change nothing in it. Several may call this at
# once.
set -e
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/archive.sh"
base=$top/build/systemd/root
packages=systemd,systemd-sysv,dbus,iproute2,nftables,procps,kmod,bash,libmnl0,libnftnl11,libssl3,apparmor

mkdir -p "$top/build/systemd"
exec 8>"$top/build/systemd/lock"
flock 8
[ -x "$base/sbin/apparmor_parser" ] || {
	rm -rf "$base" "$base.new"
	mmdebstrap --quiet --variant=minbase --include="$packages" bookworm "$base.new" "$(archive_uri)" 8>&- >&2
	mv "$base.new" "$base"
}
echo "$base"

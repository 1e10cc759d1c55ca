#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/dns-programs.sh [FOLDER]: Debian's systemd-resolved, openresolv and resolvconf, fetched and
# unpacked into FOLDER/PACKAGE (build/dns). They are never installed: two of them exclude each other, and each
# would take over this system's /etc/resolv.conf. With systemd-resolved comes the library of its very version.
set -e
top=$(cd "$(dirname "$0")/.." && pwd)
dir=${1:-$top/build/dns}
for p in systemd-resolved openresolv resolvconf; do
	[ ! -e "$dir/$p/usr/share/doc/$p" ] || continue
	mkdir -p "$dir/$p"
	rm -f "$dir/$p"_*.deb
	# As root apt would drop to a user who may not write here.
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$p" >apt.log 2>&1) || {
		echo "tests/dns-programs.sh: cannot fetch $p:" >&2
		cat "$dir/apt.log" >&2
		exit 1
	}
	[ "$p" != systemd-resolved ] || (cd "$dir" && rm -f libsystemd-shared_*.deb &&
		apt-get -qq -o APT::Sandbox::User=root download libsystemd-shared >apt.log 2>&1 &&
		dpkg -x libsystemd-shared_*.deb "$p")
	dpkg -x "$dir/$p"_*.deb "$dir/$p"
done

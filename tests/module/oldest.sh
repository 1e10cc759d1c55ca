#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/module/oldest.sh: the module builds without a warning for the oldest kernel that it promises, Debian
# 11's 5.10, with this system's compiler. The kernel's headers are unpacked, never installed, which takes a
# twentieth of making a Debian 11 (root.sh). OLDEST_HEADERS: where they are kept, build/module/oldest.
. "$(dirname "$0")/../tool.sh"
. "$top/tests/archive.sh"
tree=${OLDEST_HEADERS:-$top/build/module/oldest}
work=$top/build/module/oldest-work

fetch_headers()
{
	[ ! -e "$tree/fetched" ] || return 0
	mkdir -p "$tree" && archive_open bullseye "$tree" || return
	headers=$(archive_depends "$tree" linux-headers-amd64 'linux-headers-[0-9].*')
	for package in "$headers" "$(archive_depends "$tree" "$headers" 'linux-headers-[0-9].*-common')" \
		"$(archive_depends "$tree" "$headers" 'linux-kbuild-[0-9].*')"; do
		[ -n "$package" ] && archive_fetch "$tree" "$package" && dpkg-deb -x "$tree/$package.deb" "$tree" || return
		rm "$tree/$package.deb"
	done
	# It names the other package by the path that it would be installed at.
	sed -i "s|/usr/src|$tree/usr/src|" "$tree/usr/src/$headers/Makefile" && echo "$headers" >"$tree/fetched"
}

# That kernel's own compiler was another one, which kbuild remarks on.
builds()
{
	make -s -C "$top" module-source DEST="$work" &&
		nice make -s -C "$tree/usr/src/$(cat "$tree/fetched")" M="$work" W=1 CC=gcc >"$work.out" 2>&1 || {
		cat "$work.out"
		return 1
	}
	! grep -iE 'warning|error' "$work.out"
}

check "the headers of Debian 11's kernel are there" fetch_headers
check "the module builds for it without a warning" builds
rm -rf "$work" "$work.out"
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh contrib/debian/build.sh [FOLDER]: builds the Debian packages of this tree into FOLDER, build/deb if none is
# given, and prints their names. The tree stays as it is: a copy is built. FOLDER/log has the output. No root is
# needed. The same tree gives the same bytes, whatever the folder is.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "${1:-$top/build/deb}"
folder=$(cd "${1:-$top/build/deb}" && pwd)

die()
{
	echo "contrib/debian/build.sh: $*" >&2
	exit 1
}

command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null ||
	die "dpkg-buildpackage and dh are missing: run \`sudo apt-get install dpkg-dev debhelper\`"
missing=$(dpkg-checkbuilddeps "$top/contrib/debian/control" 2>&1 | sed -n 's/.*: //p')
[ -z "$missing" ] || die "packages are missing: run \`sudo apt-get install $(echo "$missing" |
	sed 's/ ([^)]*)//g; s/debhelper-compat/debhelper/; s/dh-sequence-dkms/dh-dkms/')\`"

if [ -e "$top/VERSION" ]; then
	version=$(cat "$top/VERSION")
else
	version=$(sed -n 's/^.define WIREKIT_VERSION "\(.*\)"/\1/p' "$top/src/version.h")
fi
[ -n "$version" ] || die "no version in VERSION and src/version.h"
source=$folder/wirekit-$version
rm -rf "$source" "$folder"/wirekit*.deb "$folder"/wirekit*.buildinfo "$folder"/wirekit*.changes
mkdir "$source"
# What is built does not come along, be it in the folder of objects or a module in its source.
tar -C "$top" --exclude=./build --exclude=./.git --exclude='*.o' --exclude='*.ko' --exclude='*.mod' \
	--exclude='*.mod.c' --exclude='.*.cmd' -cf - . | tar -C "$source" -xf -
cp -R "$source/contrib/debian" "$source/debian"
sed "s/@VERSION@/$version/" "$source/debian/changelog.in" >"$source/debian/changelog"
# dpkg-deb makes files no older than they are: they are as old as the release.
find "$source" -exec touch -h -d "$(dpkg-parsechangelog -l "$source/debian/changelog" -S Date)" {} +

cd "$source"
# Packages with debug symbols would be taken by `apt install ./wirekit*.deb`, too.
DEB_BUILD_OPTIONS="noautodbgsym ${DEB_BUILD_OPTIONS-}" LC_ALL=C dpkg-buildpackage -b -us -uc >"$folder/log" 2>&1 || {
	tail -n 30 "$folder/log" >&2
	die "dpkg-buildpackage failed: $folder/log has its output"
}
rm -rf "$source"
ls "$folder"/wirekit*.deb

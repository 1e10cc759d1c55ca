#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/packages/dkms-source.sh FILE: whether the package wirekit-dkms has the source that `make module-source`
# copies, with its version as a word, which dh_dkms reads.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(dpkg-deb -f "$1" Version)
dpkg-deb -x "$1" "$work/package"
make -C "$top" -s module-source DEST="$work/source"
sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$version\"/" "$work/source/dkms.conf"
diff -r -x '*.o' -x '*.ko' -x '*.mod' -x '*.mod.c' -x '.*.cmd' "$work/source" "$work/package/usr/src/wirekit-$version"

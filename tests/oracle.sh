#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/oracle.sh [FOLDER]: Debian's wireguard-tools, fetched and unpacked into FOLDER
# (build/oracle), as what ours is compared with. Never installed and never in PATH.
# sh tests/oracle.sh --newest [FOLDER]: sid's `wg` into FOLDER (build/oracle-newest), with the C library that it
# wants beside it: FOLDER/wg runs it.
set -e
top=$(cd "$(dirname "$0")/.." && pwd)

die()
{
	echo "tests/oracle.sh: $*" >&2
	exit 1
}

newest()
{
	[ ! -x "$dir/wg" ] || return 0
	. "$top/tests/archive.sh"
	mkdir -p "$dir"
	archive_open sid "$dir" || die "cannot read the package list of sid"
	for package in wireguard-tools libc6; do
		archive_fetch "$dir" $package || die "cannot download sid's $package"
		dpkg -x "$dir/$package.deb" "$dir/root"
		rm "$dir/$package.deb"
	done
	loader=$(find "$dir/root/usr/lib" -name 'ld-linux*.so.*' -type f | head -n 1)
	[ -n "$loader" ] || die "sid's libc6 has no program loader"
	cat >"$dir/wg.new" <<-END
		#!/bin/sh
		exec '$loader' --argv0 wg --library-path '${loader%/*}' '$dir/root/usr/bin/wg' "\$@"
	END
	chmod +x "$dir/wg.new"
	"$dir/wg.new" --version >/dev/null || die "sid's wg does not run"
	mv "$dir/wg.new" "$dir/wg"
}

system_s()
{
	[ ! -x "$dir/usr/bin/wg" ] || return 0
	mkdir -p "$dir"
	rm -f "$dir"/wireguard-tools_*.deb
	# As root apt would drop to a user who may not write here.
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download wireguard-tools >apt.log 2>&1) || {
		cat "$dir/apt.log" >&2
		die "cannot fetch wireguard-tools"
	}
	dpkg -x "$dir"/wireguard-tools_*.deb "$dir"
	[ -x "$dir/usr/bin/wg" ]
}

case ${1-} in
--newest)
	dir=${2:-$top/build/oracle-newest}
	newest
	;;
*)
	dir=${1:-$top/build/oracle}
	system_s
	;;
esac

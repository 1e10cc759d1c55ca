#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The Debian packages: built, looked at by lintian and hardening-check, and then installed, upgraded and removed
# in a small Debian with tunnels up (packages/tunnels.sh). With WG_TEST_FULL also: built a second time elsewhere,
# with the same bytes; and under a running systemd.
. "$(dirname "$0")/tool.sh"
here=$top/tests/packages
work=$top/build/packages
debs=$work/debs

# The packages to replace, and the metapackage that asks for one of them.
fetch()
{
	[ -e "$work/debian/wireguard.deb" ] && [ -e "$work/debian/wireguard-tools.deb" ] && return
	mkdir -p "$work/debian" &&
		(cd "$work/debian" && rm -f ./*.deb && apt-get -qq -o APT::Sandbox::User=root download wireguard wireguard-tools &&
			mv wireguard_*.deb wireguard.deb && mv wireguard-tools_*.deb wireguard-tools.deb)
}

# What a packager would find in the tree: the build must not leave anything there.
tree()
{
	(cd "$top" && find . -path ./build -prune -o -path ./.git -prune -o -print | sort)
}

hardened() # FILE
{
	# The C library's own start-up code in Debian 12 is not made for control flow integrity, so that no program is
	# as a whole; our code is.
	hardening-check --nocfprotection "$1" >"$work/hardening" || { cat "$work/hardening"; return 1; }
	same "Control flow integrity: no, not found! (ignored)
Fortify Source functions: yes (some protected functions found)
Immediate binding: yes
Position Independent Executable: yes
Read-only relocations: yes
Stack protected: yes" "$(sed -n 's/^ //p' "$work/hardening" | grep -v '^Stack clash' | sort)" || return
	[ "$(uname -m)" != x86_64 ] || objdump -d "$1" | grep -q endbr64 || { echo "no endbr64"; return 1; }
}

# Programs whose frames are larger than a page touch each page of them.
probes_stack() # FILE
{
	[ "$(uname -m)" != x86_64 ] || objdump -d "$1" | grep -q 'orq *\$0x0,(%rsp)'
}

mkdir -p "$work"
before=$(tree)
rm -rf "$debs" "$work/unpacked"
check "the packages are built" env DEB_BUILD_OPTIONS="parallel=${PACKAGES_JOBS:-2}" sh "$top/contrib/debian/build.sh" "$debs"
check "the tree stays as it was" same "$before" "$(tree)"
[ "$failures" = 0 ] || finish
check "lintian finds no error and no warning" lintian --allow-root --fail-on error,warning "$debs"/*.changes
mkdir -p "$work/unpacked"
for p in wirekit wirekit-tun; do
	dpkg-deb -x "$debs/${p}_"*.deb "$work/unpacked/$p"
done
for f in "$work"/unpacked/*/usr/bin/*; do
	check "${f##*/} is hardened" hardened "$f"
done
check "large frames are probed" probes_stack "$work/unpacked/wirekit/usr/bin/wg-quick"
check "DKMS gets what \`make dkms-install' gives it" sh "$here/dkms-source.sh" "$debs"/wirekit-dkms_*.deb

check "a small Debian is there" sh "$top/tests/small-debian.sh"
check "Debian's packages are there" fetch
[ "$failures" = 0 ] || finish
sh "$here/tunnels.sh" "$debs" "$work/debian" || failures=1
[ -n "${WG_TEST_FULL-}" ] || finish

build_elsewhere()
{
	mkdir -p "$work/elsewhere/and/deeper" &&
		(umask 027 && TZ=Pacific/Kiritimati DEB_BUILD_OPTIONS=parallel=1 sh "$top/contrib/debian/build.sh" "$work/elsewhere/and/deeper") &&
		(cd "$debs" && for f in *.deb; do cmp "$f" "$work/elsewhere/and/deeper/$f" || exit; done)
}
check "a second build elsewhere gives the same bytes" build_elsewhere
sh "$here/systemd.sh" "$debs" "$work/debian" || failures=1
finish

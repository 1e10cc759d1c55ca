#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/packages/systemd.sh PACKAGES DEBIAN: the packages under a running systemd, in a container with a network of
# its own: they replace wireguard-tools whose unit has a tunnel up, are upgraded, and pass their autopkgtests.
. "$(dirname "$0")/../tool.sh"
. "$(dirname "$0")/lib.sh"
if [ -z "${WG_TEST_PACKAGES-}" ]; then
	WG_TEST_PACKAGES=1 exec unshare -m sh "$0" "$@"
fi
debs=$1
debian=$2

# What the tests need besides, from the archive, before the container is without a network.
install_tools()
{
	mount -t proc proc "$root/proc" && cp /etc/resolv.conf "$root/etc/resolv.conf" &&
		chroot "$root" sh -c 'export DEBIAN_FRONTEND=noninteractive
			apt-get -qq update && apt-get -qq install -y --no-install-recommends autopkgtest dpkg-dev iputils-ping' &&
		umount "$root/proc"
}

populate()
{
	mkdir -p "$root/job/debs" "$root/job/later" "$root/job/source" || return
	for p in wirekit wirekit-tun; do
		cp "$debs/${p}_"*.deb "$root/job/debs/$p.deb" &&
			later_version "$root/job/debs/$p.deb" "$root/job/later/$p.deb" || return
	done
	cp "$debian/wireguard-tools.deb" "$root/job/debs" &&
		cp -R "$top/contrib/debian" "$root/job/source/debian" &&
		sed "s/@VERSION@/$(dpkg-deb -f "$debs"/wirekit_*.deb Version)/" "$top/contrib/debian/changelog.in" \
			>"$root/job/source/debian/changelog" &&
		cp "$top/tests/packages/inside.sh" "$top/tests/tool.sh" "$root/job" &&
		cp "$top/tests/systemd/job.service" "$root/etc/systemd/system" &&
		rm -f "$root/etc/machine-id" && touch "$root/etc/machine-id" &&
		mkdir -p "$root/etc/systemd/system/multi-user.target.wants" &&
		ln -s ../job.service "$root/etc/systemd/system/multi-user.target.wants/job.service"
}

boot()
{
	if [ -d /run/systemd/system ]; then
		set -- --property="DeviceAllow=/dev/net/tun rw"
	else
		set -- --register=no --keep-unit
	fi
	timeout -k 10 300 systemd-nspawn --quiet "$@" --directory="$root" --private-network \
		--bind=/dev/net/tun --console=pipe --boot systemd.unit=multi-user.target </dev/null
}

work=$(mktemp -d)
trap 'umount "$work/root" "$work"; rmdir "$work"' EXIT
check "memory lies over a small Debian" debian_root "$top/build/systemd/root" "$work"
root=$work/root
check "autopkgtest is installed there" install_tools
check "the packages are put there" populate
[ "$failures" = 0 ] || finish
check "it boots, runs the test and ends" boot
cat "$root/job/out" || failures=1
! grep -q '^not ok ' "$root/job/out" || failures=1
check "the test of packages ran to its end" grep -q '^ok the end of the packages$' "$root/job/out"
finish

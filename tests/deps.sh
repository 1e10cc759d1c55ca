#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/deps.sh GROUP...: installs what building, the demo or the tests need, from Debian, and
# says what. Packages that are there already are left alone; with all there it does nothing.
set -e

build="gcc libc6-dev make pkg-config libmnl-dev libnftnl-dev libssl-dev scdoc"
demo="iproute2 iputils-ping iperf3 kmod nftables procps"
# A data path of others, to test with.
userspace="wireguard-go"
compilers="clang clang-tidy cppcheck libclang-rt-14-dev llvm libcmocka-dev libssl-dev valgrind libc6-dbg git
	gcovr"
cross="qemu-user gcc-i686-linux-gnu libc6-dev-i386-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-arm-linux-gnueabihf libc6-dev-armhf-cross"
machines="qemu-system-x86 busybox-static cpio xz-utils zstd debian-archive-keyring
	systemd-container mmdebstrap bc bison flex libelf-dev"
# What WireGuard is compared with, and what draws the chart.
bench="$userspace debian-archive-keyring openvpn openssl strongswan-charon strongswan-swanctl libcharon-extra-plugins
	libstrongswan-standard-plugins libstrongswan-extra-plugins gnuplot-nox bc bison flex"
packages="debhelper dh-dkms devscripts lintian mmdebstrap"
programs="bash bash-completion fish zsh tmux ethtool iptables libcap2-bin ncat netbase strace openssl man-db jq time openvpn tshark python3
	dbus-daemon libsystemd0"

die()
{
	echo "tests/deps.sh: $*" >&2
	exit 1
}

wanted=
for group; do
	case $group in
	build) wanted="$wanted $build" ;;
	demo) wanted="$wanted $build $demo" ;;
	userspace) wanted="$wanted $userspace" ;;
	bench) wanted="$wanted $build $demo $bench" ;;
	test) wanted="$wanted $build $demo $userspace $compilers $cross $machines $packages $programs" ;;
	minbase) wanted="$wanted debootstrap systemd-container git" ;;
	*) die "unknown group $group" ;;
	esac
done
missing=
for p in $wanted; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) || status=
	[ "$status" = installed ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] || die "these packages are missing and need root to be installed:$missing"
echo "Installing from Debian:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
{
	apt-get update -q && apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends $missing
} >"$log" 2>&1 </dev/null || {
	tail -n 30 "$log" >&2
	die "apt-get could not install them"
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The units under a real systemd: boots a small Debian in a container with a network of its own,
# with `make install` done into it, and runs systemd/inside.sh there; then boots the same system again and runs
# systemd/rebooted.sh. The Debian is made once, in build/systemd; each run lays memory over it.
. "$(dirname "$0")/tool.sh"
base=$top/build/systemd/root

# Mounts of this test are seen by nobody else and go with it.
if [ -z "${WG_TEST_SYSTEMD-}" ]; then
	WG_TEST_SYSTEMD=1 exec unshare -m sh "$0" "$@"
fi

lay_over()
{
	mount -t tmpfs -o size=512m memory "$work" &&
		mkdir "$work/upper" "$work/work" "$work/root" &&
		mount -t overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work" root "$work/root"
}

populate()
{
	make -C "$top" -s install DESTDIR="$work/root" &&
		rm -f "$work/root/etc/machine-id" &&
		touch "$work/root/etc/machine-id" &&
		mkdir "$work/root/job" &&
		cp "$top/tests/systemd/inside.sh" "$top/tests/systemd/rebooted.sh" "$top/tests/tool.sh" \
			"$top/contrib/systemd/wg-quick@.service.d/no-hooks.conf" "$work/root/job" &&
		cp "$top/tests/systemd/job.service" "$work/root/etc/systemd/system" &&
		ln -s ../job.service "$work/root/etc/systemd/system/multi-user.target.wants/job.service"
}

# Boots the system, and runs this script of /job in it.
# Without a systemd on the host nobody hands out scopes or devices.
boot() # SCRIPT
{
	cp "$work/root/job/$1" "$work/root/job/now.sh" || return 1
	if [ -d /run/systemd/system ]; then
		set -- --property="DeviceAllow=/dev/net/tun rw"
	else
		set -- --register=no --keep-unit
	fi
	timeout -k 10 180 systemd-nspawn --quiet "$@" --directory="$work/root" --private-network \
		--bind=/dev/net/tun --console=pipe --boot systemd.unit=multi-user.target </dev/null
}

# The rules that are added to the profile "wg" of the apparmor package, which Debian 12 does not have yet.
parse_rules()
{
	cp "$top/contrib/apparmor/local/wg" "$work/root/etc/apparmor.d/local/wg" || return 1
	printf '%s\n' 'abi <abi/3.0>,' 'include <tunables/global>' 'profile wg /usr/bin/wg flags=(attach_disconnected) {' \
		'include <abstractions/base>' 'include <local/wg>' '}' >"$work/root/etc/apparmor.d/wg"
	chroot "$work/root" apparmor_parser --skip-kernel-load --skip-cache /etc/apparmor.d/wg
}

work=$(mktemp -d)
trap 'umount "$work/root" "$work"; rmdir "$work"' EXIT
check "a small Debian is there" sh "$top/tests/small-debian.sh"
check "memory lies over it" lay_over
check "make install into it" populate
[ "$failures" = 0 ] || finish
check "the rules for AppArmor are well-formed" parse_rules
check "it boots, runs the test and ends" boot inside.sh
check "it boots once more, runs the test and ends" boot rebooted.sh
cat "$work/root/job/out" || failures=1
! grep -q '^not ok ' "$work/root/job/out" || failures=1
check "the test ran to its end" grep -q '^ok the end$' "$work/root/job/out"
check "the test after the reboot ran to its end" grep -q '^ok the end after the reboot$' "$work/root/job/out"
finish

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sudo sh tests/minbase.sh [COMMAND]: what somebody with a fresh Debian 12 sees. Unpacks a minimal
# Debian, clones this repository's last commit into it, and types both commands of README.md there,
# or COMMAND. Says which failed, and ends with 0 if none did. Takes as long as they do.
#
# The Debian is made once, in build/minbase; MINBASE_KEEP=1 keeps the folder it was unpacked into.
set -e
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/tests/archive.sh"
cache=$top/build/minbase

if [ "$(id -u)" != 0 ]; then
	echo "tests/minbase.sh: needs root, to make another root: run \`sudo sh tests/minbase.sh\`" >&2
	exit 1
fi

make_base()
{
	[ ! -e "$cache/base.tar" ] || return 0
	mkdir -p "$cache/new"
	debootstrap --variant=minbase bookworm "$cache/new" "$(archive_uri)" >"$cache/debootstrap.log" 2>&1 || {
		tail -n 20 "$cache/debootstrap.log" >&2
		echo "tests/minbase.sh: debootstrap failed" >&2
		return 1
	}
	tar -C "$cache/new" -cf "$cache/base.tar.new" .
	mv "$cache/base.tar.new" "$cache/base.tar"
	rm -rf "$cache/new"
}

# The kernel's files are this namespace's own, writable as on a machine; the devices are the host's.
mount_kernel_files() # ROOT
{
	mount --make-rprivate /
	mount --bind "$1" "$1"
	mount -t proc proc "$1/proc"
	mount -t sysfs sysfs "$1/sys"
	mount -t cgroup2 cgroup "$1/sys/fs/cgroup" 2>/dev/null || :
	mount --rbind /dev "$1/dev"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
	mount -t tmpfs -o mode=0755 run "$1/run"
	mkdir "$1/run/lock"
}

# Only what a login there would have in its environment.
inside() # COMMAND
{
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
		${http_proxy:+"http_proxy=$http_proxy"} ${CI:+"CI=$CI"} \
		sh -c "cd /root/wirekit && $1" </dev/null
}

# The second half, in namespaces of its own: mounts and processes go with it.
if [ "${1-}" = --inside ]; then
	root=$2
	shift 2
	mount_kernel_files "$root"
	cd "$root"
	pivot_root . mnt
	cd /
	umount -l /mnt
	failed=0
	for command; do
		echo "=== $command"
		begin=$(date +%s)
		if inside "$command"; then
			echo "ok $command ($(($(date +%s) - begin)) s)"
		else
			echo "not ok $command ($(($(date +%s) - begin)) s)"
			failed=1
		fi
	done
	exit "$failed"
fi

sh "$top/tests/deps.sh" minbase
make_base
root=$(mktemp -d "$cache/root.XXXXXX")
trap '[ -n "${MINBASE_KEEP-}" ] || rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM
tar -C "$root" -xpf "$cache/base.tar"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# What the installer of a machine writes, and debootstrap does not.
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
git -c safe.directory='*' clone -q --no-local "$top" "$root/root/wirekit"
[ $# != 0 ] || set -- "sh contrib/demo.sh" "sh tests/run.sh"
unshare -m -p -f --kill-child sh "$0" --inside "$root" "$@"

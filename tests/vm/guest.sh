# SPDX-License-Identifier: GPL-2.0
# Runs inside a test machine as its first process, started by init: `sh guest.sh JOB OUT`. The job is a
# file of shell that sets the environment and ends with the status of what it ran. What it prints
# goes to the device OUT, and `vm-exit STATUS` after it; then the machine ends.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
job=$1 out=$2
umount -l /mnt 2>/dev/null
mkdir -p /dev/pts /dev/shm /run/lock /run/wireguard
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t cgroup2 cgroup /sys/fs/cgroup 2>/dev/null
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
mkdir -p /dev/net
mknod /dev/net/tun c 10 200 2>/dev/null
hostname vm
stty -F "$out" raw
ip link set lo up
# What a kernel reports of its own start is not about what runs here.
dmesg -C
# Through a pipe: programs must not find a terminal. The status stands on a line of its own.
{
	sh "$job" 2>&1
	printf '\nvm-exit %s\n' "$?"
} </dev/null | cat >"$out"
sync
/bin/busybox poweroff -f
sleep 60

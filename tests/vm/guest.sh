# SPDX-License-Identifier: GPL-2.0
# Runs inside a test machine as its first process, started by init: `sh guest.sh JOB`. The job is a
# file of shell that sets the environment and ends with the status of what it ran. What it prints
# goes to the second serial line, and `vm-exit STATUS` after it; then the machine ends.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
mkdir -p /dev/pts /dev/shm /run/lock /run/wireguard
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t cgroup2 cgroup /sys/fs/cgroup 2>/dev/null
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
mkdir -p /dev/net
mknod /dev/net/tun c 10 200
hostname vm
stty -F /dev/ttyS1 raw
ip link set lo up
# Through a pipe: programs must not find a terminal. The status stands on a line of its own.
{
	sh "$1" 2>&1
	printf '\nvm-exit %s\n' "$?"
} </dev/null | cat >/dev/ttyS1
sync
echo o >/proc/sysrq-trigger
sleep 60

#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# The first and only process of the machine of fork.sh: a tunnel between two namespaces.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
exec >/dev/ttyS1 2>&1 </dev/null
stty raw </dev/ttyS1
mkdir -p /run/netns /var
ln -s /run /var/run
for m in /modules/*.ko; do
	insmod "$m"
done

# Not busybox's own, which its shell prefers.
ip() { /bin/ip "$@"; }
two() { ip netns exec two "$@"; }
handshake() { wg show wg1 latest-handshakes | cut -f 2; }

ip netns add two
ip link add v1 type veth peer name v2 netns two
ip link add wg1 type wireguard
two ip link add wg2 type wireguard
wg genkey >/run/1
wg genkey >/run/2
wg set wg1 private-key /run/1 listen-port 1001 peer "$(wg pubkey </run/2)" allowed-ips 10.8.0.2/32 \
	endpoint 192.0.2.2:1002
two wg set wg2 private-key /run/2 listen-port 1002 peer "$(wg pubkey </run/1)" allowed-ips 10.8.0.1/32
ip address add 192.0.2.1/24 dev v1
two ip address add 192.0.2.2/24 dev v2
ip address add 10.8.0.1/24 dev wg1
two ip address add 10.8.0.2/24 dev wg2
ip link set v1 up
two ip link set v2 up
ip link set wg1 up
two ip link set wg2 up
ping -q -c 3 -W 5 10.8.0.2
before=$(handshake)
[ "$before" -gt 0 ] && echo "save me"
# While it sleeps.
sleep 20
ping -q -c 3 -W 6 10.8.0.2 && echo "the tunnel works"
if [ "$(handshake)" = "$before" ]; then
	echo "the session of before"
else
	echo "a new session"
fi
dmesg | grep -i "virtual machine fork"
sync
poweroff -f

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in the container of systemd.sh, started by its systemd.
. /job/tool.sh
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
install_packages() { apt-get -qq install -y --no-install-recommends "$@"; }
not() { ! "$@"; }
property() { systemctl show -P "$1" "$2"; }
file() { printf '[Interface]\nPrivateKey = %s\nAddress = 10.1.1.1/24\n' "$(wg genkey)"; }

### In place of wireguard-tools, whose unit has a tunnel up
check "wireguard-tools are installed" install_packages /job/debs/wireguard-tools.deb /job/debs/wirekit-tun.deb
file >/etc/wireguard/wg0.conf
mkdir -p /etc/systemd/system/wg-quick@.service.d
printf '[Service]\nEnvironment=WG_QUICK_USERSPACE_IMPLEMENTATION=wg-tun\n' >/etc/systemd/system/wg-quick@.service.d/tun.conf
systemctl daemon-reload
check "their unit brings a tunnel up" systemctl enable --now wg-quick@wg0
check "wirekit takes their place" install_packages /job/debs/wirekit.deb
# Their removal stops it: ours starts it again.
check "the unit is active again" wait_for 30 systemctl is-active wg-quick@wg0
check "so is its tunnel" ip link show wg0 up
check "the unit is enabled still" systemctl is-enabled wg-quick@wg0
check "systemd knows our unit" sh -c 'systemctl show -P ExecReload wg-quick@wg0 | grep -q "wg-quick reload"'
check "the unit stops" systemctl stop wg-quick@wg0
check "and its tunnel is gone" not test -e /sys/class/net/wg0

### Upgraded while a tunnel and the watch are up
check "our unit brings the tunnel up" systemctl start wg-quick@wg0
check "the watch is started" systemctl start wg-quick-watch.service
index=$(cat /sys/class/net/wg0/ifindex)
watch=$(property MainPID wg-quick-watch.service)
invocation=$(property InvocationID wg-quick@wg0)
check "an upgrade" install_packages /job/later/wirekit.deb /job/later/wirekit-tun.deb
check "the tunnel is the same after it" same "$index" "$(cat /sys/class/net/wg0/ifindex)"
check "the unit was not started anew" same "$invocation" "$(property InvocationID wg-quick@wg0)"
check "the watch was" not same "$watch" "$(property MainPID wg-quick-watch.service)"
check "and is active" systemctl is-active wg-quick-watch.service


apt-get -qq remove -y wirekit >/run/removed 2>&1
check "wirekit is not removed while its unit has a tunnel up" grep -q 'systemctl stop wg-quick@wg0' /run/removed
check "the unit is active after that" systemctl is-active wg-quick@wg0
check "the watch is active after that" systemctl is-active wg-quick-watch.service
systemctl stop wg-quick@wg0
check "it is removed then" apt-get -qq remove -y wirekit
check "the watch is stopped" not systemctl is-active wg-quick-watch.service
check "it is purged" apt-get -qq purge -y wirekit
check "nothing enables it" same "" "$(find /etc/systemd/system -lname '*wg-quick*')"
rm -rf /etc/systemd/system/wg-quick@.service.d /etc/wireguard/wg0.conf
systemctl daemon-reload

### The autopkgtests
check "it is installed again" install_packages /job/later/wirekit.deb
autopkgtest -B /job/source/ -- null >/run/autopkgtest 2>&1
check "autopkgtest passes" same "keys PASS (superficial)
tunnel PASS
unit PASS" "$(sed -n '/@@@ summary/,$p' /run/autopkgtest | sed -n 's/^\([a-z]\+\) \+\([A-Z].*\)/\1 \2/p')"
grep -q PASS /run/autopkgtest || tail -n 40 /run/autopkgtest | sed 's/^/    /'
ok "the end of the packages"

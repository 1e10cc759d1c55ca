#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs in the container of ../systemd.sh, started by its systemd: the units as their users know
# them, with the binaries that `make install` put there.
. /job/tool.sh
unit=wg-quick@wg0
conf=/etc/wireguard/wg0.conf
umask 077

config() # PEER...
{
	printf '[Interface]\nPrivateKey = %s\nListenPort = 5000\nAddress = 10.1.1.1/24\n' "$key"
	for peer; do
		printf '\n[Peer]\nPublicKey = %s\nAllowedIPs = 10.2.%s.0/24\n' "$peer" "$((n += 1))"
	done
}

peers()
{
	wg show wg0 peers | sort
}

nothing_left()
{
	[ ! -e /sys/class/net/wg0 ] || { echo "the link is there"; return 1; }
	[ ! -e /run/wireguard-quick/wg0.state ] || { echo "the state file is there"; return 1; }
	[ ! -e /run/wireguard/wg0.sock ] || { echo "the socket is there"; return 1; }
	! pgrep -a wg-tun
}

key=$(wg genkey)
first=$(wg genkey | wg pubkey)
second=$(wg genkey | wg pubkey)
config "$first" >$conf

# What systemd-analyze prints of units that are not ours is no matter.
well_formed()
{
	printed=$(systemd-analyze verify --man=no wg-quick@wg0.service wg-quick-killswitch@wg0.service wg-quick.target \
		wg-quick-watch.service wg-quick-watch@wg0.service wg-tun@wgt.service 2>&1) || return 1
	same "" "$printed"
}
exposure() # UNIT
{
	systemd-analyze security --no-pager "$1" | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\) .*/\1/p'
}
exposed() # MOST UNIT
{
	found=$(exposure "$2")
	echo "# $2: exposure $found"
	awk 'BEGIN { exit !(ARGV[1] > 0 && ARGV[1] <= ARGV[2]) }' "$found" "$1"
}
main_pid()
{
	systemctl show -P MainPID "$1"
}
signal_main() # SIGNAL UNIT: 0 would be the group of this script
{
	[ "$(main_pid "$2")" -gt 0 ] && kill -"$1" "$(main_pid "$2")"
}

check "units are well-formed, and systemd-analyze says nothing" well_formed
for unit_and_most in "wg-tun@wgt 2.0" "wg-quick-killswitch@wg0 2.1" "wg-quick-watch 5.1" "wg-quick-watch@wg0 5.1" \
	"wg-quick@wg0 7.3"; do
	set -- $unit_and_most
	echo "# $1: exposure $(exposure "$1.service")"
	check "the exposure of $1 is $2 at most" exposed "$2" "$1.service"
done
orders() # PROPERTY TARGET
{
	systemctl show -P "$1" $unit | tr ' ' '\n' | grep -qx "$2"
}
for target in network-online.target nss-lookup.target; do
	check "it wants $target" orders Wants $target
	check "and comes after it" orders After $target
done
check "enable --now" systemctl enable --now $unit
check "is-active" systemctl is-active $unit
check "is-enabled" systemctl is-enabled $unit
check "the address is there" sh -c 'ip -br address show wg0 | grep -q 10.1.1.1/24'
check "the peer is there" same "$first" "$(peers)"

config "$first" "$second" >$conf
index=$(cat /sys/class/net/wg0/ifindex)
reload()
{
	systemctl reload $unit || { journalctl -u $unit -o cat -n 5; return 1; }
}
check "reload" reload
check "reload added the peer" same "$(printf '%s\n' "$first" "$second" | sort)" "$(peers)"
check "reload kept the link" same "$index" "$(cat /sys/class/net/wg0/ifindex)"
config "$first" not-a-key >$conf
check "reload of a file with an error fails" sh -c "! systemctl reload $unit"
check "and changes nothing" same "$(printf '%s\n' "$first" "$second" | sort)" "$(peers)"
check "the unit is active still" systemctl is-active $unit

config "$first" >$conf
check "start wg-quick.target" systemctl start wg-quick.target
index=$(cat /sys/class/net/wg0/ifindex)
check "restart wg-quick.target" systemctl restart wg-quick.target
check "it is active after the restart" wait_for 10 systemctl is-active $unit
check "the restart made a new link" test "$index" != "$(cat /sys/class/net/wg0/ifindex)"
check "with the peer of the file" same "$first" "$(peers)"

# A data path that dies.
carried_anew() # PID
{
	systemctl -q is-active $unit && [ "$(main_pid $unit)" != "$1" ] && [ "$(main_pid $unit)" != 0 ] &&
		[ "$(peers)" = "$first" ]
}
pid=$(main_pid $unit)
check "the main process is the daemon" same wg-tun "$(cat "/proc/$pid/comm")"
check "it is killed" signal_main KILL $unit
check "and started again, with its tunnel" wait_for 20 carried_anew "$pid"
check "the journal says that it was killed" sh -c "journalctl --sync; journalctl -u $unit -o cat | grep 'code=killed, status=9/KILL'"
mkdir -p /run/systemd/system/$unit.service.d
printf '[Service]\nEnvironment=WG_QUICK_USERSPACE_IMPLEMENTATION=/bin/false\n' >/run/systemd/system/$unit.service.d/test.conf
systemctl daemon-reload
check "it is killed again" signal_main KILL $unit
failed()
{
	[ "$(systemctl is-failed $unit)" = failed ]
}
check "where it cannot be started again, the unit fails" wait_for 30 failed
check "and nothing is left" nothing_left
rm -r /run/systemd/system/$unit.service.d
systemctl daemon-reload
systemctl reset-failed $unit

# A stop that does not hang.
stops_within() # SECONDS
{
	timeout "$1" systemctl stop $unit || systemctl -q is-failed $unit
	! systemctl -q is-active $unit
}
check "it starts again" systemctl start $unit
check "its daemon is suspended" signal_main STOP $unit
check "a daemon that does not answer is stopped within 20 seconds" stops_within 20
check "and nothing is left" wait_for 5 nothing_left
mkdir -p /run/systemd/system/$unit.service.d
printf '[Service]\nTimeoutStopSec=2\n' >/run/systemd/system/$unit.service.d/test.conf
systemctl daemon-reload
for hook in PreDown PostDown; do
	config "$first" | sed "2i $hook = sleep infinity" >$conf
	check "it starts with a $hook hook that does not end" timeout 30 systemctl start $unit
	check "and stops after TimeoutStopSec" stops_within 20
	check "without the link" test ! -e /sys/class/net/wg0
	wg-quick down --no-hooks wg0 2>/dev/null
done
rm -r /run/systemd/system/$unit.service.d
systemctl daemon-reload
systemctl reset-failed $unit

# What hooks do within the unit.
hooks="PostUp = nft add table inet mine; sysctl -qw net.ipv4.ip_forward=1; echo 1 >/etc/hook; ip netns add hook; runuser -u daemon -- true; mknod /run/hook c 1 3"
config "$first" | sed "2i $hooks" >$conf
check "a tunnel with hooks starts" systemctl start $unit
check "they have written to /etc" test -e /etc/hook
check "with the mode that it has without systemd" same 644 "$(stat -c %a /etc/hook)"
check "they have made a namespace for all" ip netns exec hook true
check "and a firewall table" nft list table inet mine
check "and a device node" test -c /run/hook
check "it stops" systemctl stop $unit
ip netns del hook
rm -f /run/hook /etc/hook

# The drop-in for tunnels without hooks.
config "$first" >$conf
mkdir -p /etc/systemd/system/$unit.service.d
cp /job/no-hooks.conf /etc/systemd/system/$unit.service.d
systemctl daemon-reload
echo "# $unit with no-hooks.conf: exposure $(exposure $unit.service)"
check "with no-hooks.conf its exposure is 4.0 at most" exposed 4.0 $unit.service
check "and it starts" systemctl start $unit
config "$first" "$second" >$conf
check "reloads" reload
check "with both peers" same "$(printf '%s\n' "$first" "$second" | sort)" "$(peers)"
check "stops" systemctl stop $unit
check "and nothing is left" nothing_left
rm -r /etc/systemd/system/$unit.service.d
systemctl daemon-reload
config "$first" >$conf
check "start it for other units' failures" systemctl start $unit
pid=$(main_pid $unit)
systemctl start wg-quick@none 2>/dev/null
check "a unit without a file fails" systemctl is-failed wg-quick@none
check "and others have not noticed" same "active $pid" "$(systemctl is-active $unit) $(main_pid $unit)"

check "disable --now" systemctl disable --now $unit
check "is-active no more" same inactive "$(systemctl is-active $unit)"
check "nothing is left" nothing_left

printf '[Interface]\nPrivateKey = %s\nAddress = 10.1.1.300/24\n' "$key" >/etc/wireguard/bad.conf
check "a file with an error does not start" sh -c '! systemctl start wg-quick@bad'
check "is-failed" systemctl is-failed wg-quick@bad
journalctl --sync
journalctl -u wg-quick@bad -o cat >/job/journal
check "the journal names file and line" grep -q 'bad.conf:3:' /job/journal
check "and quotes the line" grep -q 'Address = 10.1.1.300' /job/journal
check "the journal never shows the key" sh -c "! journalctl -o cat | grep -F '$key'"
check "nothing is left of it" test ! -e /sys/class/net/bad

# The interface without wg-quick.
unit=wg-tun@wgt
fact() # NAME: of /proc/PID/status
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$(systemctl show -P MainPID $unit)/status"
}
started()
{
	systemctl start $unit || { journalctl -u $unit -o cat -n 20; return 1; }
}
check "it starts, and is told when it is ready" started
check "its interface can be configured" wg set wgt private-key <(echo "$key") listen-port 53 peer "$first" \
	allowed-ips 10.3.0.0/24
check "the link goes up, on a low port" sh -c 'ip link set wgt up && sleep 0.3 && ss -Hlun "sport = :53" | grep -q .'
check "it is an unprivileged user" same "1 1 1 1" "$(fact Uid | tr '\t' ' ')"
check "with two capabilities" same 0000000000001400 "$(fact CapEff)"
check "in a filter of its own and the manager's" same 2 "$(fact Seccomp)"
check "a second unit shares the folder" systemctl start wg-tun@wgu
check "which stays root's alone" same "700 root" "$(stat -c '%a %U' /run/wireguard)"
check "it stops" systemctl stop $unit wg-tun@wgu
check "and leaves nothing" sh -c '! ls /sys/class/net | grep wg[tu] && ! ls /run/wireguard | grep . && ! pgrep -a wg-tun'
check "a deleted link ends it" sh -c "systemctl start $unit && ip link del wgt && sleep 0.5 && ! systemctl -q is-active $unit"
check "without a failure" sh -c "! systemctl -q is-failed $unit"

# For the next boot.
config "$first" >$conf
cat >/etc/wireguard/full.conf <<END
[Interface]
PrivateKey = $key
Address = 10.9.0.1/24
KillSwitch = boot

[Peer]
PublicKey = $second
AllowedIPs = 0.0.0.0/0
Endpoint = 192.0.2.1:51820
END
printf '[NetDev]\nName=up0\nKind=veth\n\n[Peer]\nName=up1\n' >/etc/systemd/network/up0.netdev
printf '[Match]\nName=up1\n\n[Link]\nRequiredForOnline=no\n\n[Network]\nLinkLocalAddressing=no\n' >/etc/systemd/network/up1.network
printf '[Match]\nName=up0\n\n[Network]\nAddress=192.0.2.2/24\nGateway=192.0.2.1\n' >/etc/systemd/network/up0.network
chmod 644 /etc/systemd/network/*
check "enable for the next boot" systemctl enable systemd-networkd nftables wg-quick@wg0 wg-quick@full \
	wg-quick-killswitch@full wg-quick-watch
ok "the end"
finish

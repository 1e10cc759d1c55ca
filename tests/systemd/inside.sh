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

check "units are well-formed" systemd-analyze verify --man=no wg-quick@wg0.service wg-quick-killswitch@wg0.service wg-quick.target
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
exposure()
{
	systemd-analyze security --no-pager $unit | sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\) .*/\1/p'
}
fact() # NAME: of /proc/PID/status
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$(systemctl show -P MainPID $unit)/status"
}
started()
{
	systemctl start $unit || { journalctl -u $unit -o cat -n 20; return 1; }
}
check "the unit of wg-tun is well-formed" systemd-analyze verify --man=no wg-tun@wgt.service
check "it starts, and is told when it is ready" started
check "its interface can be configured" wg set wgt private-key <(echo "$key") listen-port 53 peer "$first" \
	allowed-ips 10.3.0.0/24
check "the link goes up, on a low port" sh -c 'ip link set wgt up && sleep 0.3 && ss -Hlun "sport = :53" | grep -q .'
check "it is an unprivileged user" same "1 1 1 1" "$(fact Uid | tr '\t' ' ')"
check "with two capabilities" same 0000000000001400 "$(fact CapEff)"
check "in a filter of its own and the manager's" same 2 "$(fact Seccomp)"
check "its exposure is below 2.0" sh -c "echo $(exposure); awk 'BEGIN { exit !(ARGV[1] > 0 && ARGV[1] < 2.0) }' $(exposure)"
check "a second unit shares the folder" systemctl start wg-tun@wgu
check "which stays root's alone" same "700 root" "$(stat -c '%a %U' /run/wireguard)"
check "it stops" systemctl stop $unit wg-tun@wgu
check "and leaves nothing" sh -c '! ls /sys/class/net | grep wg[tu] && ! ls /run/wireguard | grep . && ! pgrep -a wg-tun'
check "a deleted link ends it" sh -c "systemctl start $unit && ip link del wgt && sleep 0.5 && ! systemctl -q is-active $unit"
check "without a failure" sh -c "! systemctl -q is-failed $unit"
ok "the end"
finish

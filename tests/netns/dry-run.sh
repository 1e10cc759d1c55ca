#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `up --dry-run` prints, to the line, the steps that `up` then does, and does none of them.
# not in a machine: what it compares, the other scripts do there
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
quick_setup
mkdir -p /run/hooks

# The steps, without those of a userspace data path; and warnings.
steps() { grep -e '^\[#\]' -e '^Warning' "$1" | grep -v -e '^\[#\] [^ ]*wg-tun ' -e '^\[#\] Waiting for '; }

state() { picture; ls -A /run/wireguard-quick; }

# dry WHAT: holds the two against each other for the file that is there.
dry()
{
	state >/run/before 2>&1
	"$Q" up --dry-run $C >/run/dry 2>/run/dry.err
	check "$1: the dry run" test $? = 0
	check "$1: changes nothing" diff /run/before <(state 2>&1)
	"$Q" up $C >/run/up 2>&1
	check "$1: up" test $? = 0
	check "$1: the steps are the same" same "$(steps /run/up | sort -s -k 1,1)" \
		"$(cat /run/dry /run/dry.err | sort -s -k 1,1)"
	"$Q" down $C >/run/down 2>&1 || cat /run/down
}

### Networks as they come
conf wgq "Address = 10.66.0.2/32, fd66::2/128" "DNS = 1.1.1.1, corp.example" "PreUp = : pre" \
	"PostUp = touch /run/hooks/up" "PostDown = rm /run/hooks/up"
dry "full tunnel"
check "full tunnel: it is one" grep -qx '\[#\] ip -4 rule add not fwmark 51820 table 51820' /run/dry
ALLOWED="0.0.0.0/0" conf wgq "Address = 10.66.0.2/32, fd66::2/128"
dry "full tunnel of IPv4"
ALLOWED="::/0" conf wgq "Address = fd66::2/128"
dry "full tunnel of IPv6"
ALLOWED="10.66.0.0/24, 10.66.0.7/32, 10.0.0.0/8, 172.16.0.0/12" conf wgq "Address = 10.66.0.2/24"
dry "routes that addresses cover"
ALLOWED=10.9.0.0/16 conf wgq
dry "nothing but a peer"
conf wgq "Address = 10.66.0.2/32" "Table = off"
dry "no table"
conf wgq "Address = 10.66.0.2/32" "Table = 1234"
dry "a table"
conf wgq "Address = 10.66.0.2/32, fd66::2" "FwMark = 0x4d"
dry "a mark"
ALLOWED=10.9.0.0/16 conf wgq "MTU = 1333" "Address = 10.66.0.2/32"
dry "an MTU"

### Networks with something in the way
ip route add 203.0.113.0/24 dev up0 table 51820
ip rule add fwmark 51821 lookup 77 priority 902
conf wgq "Address = 10.66.0.2/32"
dry "taken tables"
check "taken tables: the third is free" grep -qx '\[#\] wg set wgq fwmark 51822' /run/dry
ip route del 203.0.113.0/24 dev up0 table 51820
ip rule del fwmark 51821 lookup 77 priority 902
ip route add 192.0.2.9/32 dev up0 mtu 1390
sed -i 's/^Endpoint = .*/Endpoint = localhost:7/; s/^AllowedIPs = .*/AllowedIPs = 10.9.0.0\/16/' $C
dry "an endpoint by name"
check "an endpoint by name: its way has an MTU" grep -q ' mtu [0-9]* up ' /run/dry
conf wgq "Address = 10.66.0.2/32" "PreUp = true"
dry "a route with an MTU"
check "a route with an MTU: it counts" grep -qx '\[#\] ip link set mtu 1310 up dev wgq' /run/dry
ip route del 192.0.2.9/32
sysctl -qw net.ipv6.conf.default.disable_ipv6=1
conf wgq "Address = 10.66.0.2/32, fd66::2/128"
check "no IPv6 on new links: the dry run fails, too" sh -c '! "$0" up --dry-run "$1" >/run/dry 2>&1 && grep -q "cannot be routed" /run/dry' "$WG_QUICK" /run/conf/wgq.conf
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
dry "no IPv6"
sysctl -qw net.ipv6.conf.default.disable_ipv6=0
dry "no IPv6 but on new links"
check "no IPv6 but on new links: the tunnel has it" grep -q '^\[#\] ip -6 address' /run/dry
sysctl -qw net.ipv6.conf.all.disable_ipv6=0
sysctl -qw net.ipv4.conf.all.src_valid_mark=1
dry "src_valid_mark is on"
check "src_valid_mark is on: it is left" sh -c '! grep sysctl /run/dry'
sysctl -qw net.ipv4.conf.all.src_valid_mark=0
ALLOWED="0.0.0.0/0" conf wgo "Address = 10.67.0.2/32"
"$Q" up /run/conf/wgo.conf >/run/up 2>&1
dry "beside another full tunnel"
check "beside another full tunnel: src_valid_mark is shared" grep -q sysctl /run/dry

### A tunnel that is up: what up would do if it was not
up_already() # WHAT
{
	"$Q" up --dry-run $C >/run/dry 2>/run/dry.err
	"$Q" up $C >/run/up 2>&1
	state >/run/before 2>&1
	"$Q" up --dry-run $C >/run/dry.up 2>/run/dry.err
	check "$1, up: the dry run" test $? = 0
	check "$1, up: changes nothing" diff /run/before <(state 2>&1)
	check "$1, up: prints the steps of up" diff /run/dry /run/dry.up
	check "$1, up: says that it is up, and what prints the difference" grep -q "\`wgq' is up: .*wg-quick diff $C" /run/dry.err
	"$Q" down $C >/run/down 2>&1
}
conf wgq "Address = 10.66.0.2/32, fd66::2/128" "DNS = 1.1.1.1, corp.example" "PreUp = : pre" "PostUp = : post"
up_already "full tunnel"
ALLOWED="10.66.0.0/24, 10.66.0.7/32, 10.0.0.0/8" conf wgq "Address = 10.66.0.2/24" "FwMark = 7"
up_already "routes that addresses cover"
conf wgq "Address = 10.66.0.2/32" "PostUp = ip route add 10.0.0.0/8 dev %i" "PreUp = ip address add 10.3.0.1/24 dev %i"
up_already "hooks that add"

### What up would refuse
chmod 644 $C
chmod 755 /run/conf
install -m 755 "$Q" /run/bin/wg-quick-copy
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$@"; }
"$Q" down wgo >/run/down 2>&1
"$Q" up --dry-run $C >/run/dry 2>&1
check "without root" same "$(cat /run/dry)" "$(as_nobody /run/bin/wg-quick-copy up --dry-run $C 2>&1)"
chmod 600 $C
check "without root, what cannot be read is named" same "wg-quick: cannot open $C: Permission denied" \
	"$(as_nobody /run/bin/wg-quick-copy up --dry-run $C 2>&1)"
ip link add wgq type veth
chmod 644 $C
check "without root, a name that is taken" same "wg-quick: \`wgq' already exists" \
	"$(as_nobody /run/bin/wg-quick-copy up --dry-run $C 2>&1 | grep -v ^Warning)"
ip link del wgq
conf wgq "DNS = 1.1.1.1" "DNSBackend = resolvconf"
PATH=/usr/bin:/bin "$Q" up --dry-run $C >/run/dry 2>&1
check "without resolvconf, status 127" test $? = 127
flock /run/wireguard-quick/wgq.lock "$Q" up --dry-run $C >/run/dry 2>&1
check "another wg-quick at work does not stop it" test $? = 0
check "a closed pipe is an error" sh -c '"$0" up --dry-run "$1" 2>/dev/null >/dev/full; [ $? = 1 ]' "$Q" $C
finish

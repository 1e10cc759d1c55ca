#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Addresses, MTUs and tables in a file are what ip(8) makes of the same text, since wg-quick's script
# hands them to it: ip(8) is asked, and then `up --dry-run`. What the one refuses, the other does.
# not in a machine: it asks ip(8) and little of the kernel
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
quick_setup
C=/run/conf/wgq.conf
ip link add d0 type veth peer name d1
ip link set d1 up
ip link set d0 up

# planned KEY VALUE PATTERN: what follows PATTERN in the plan, or "refused".
planned()
{
	ALLOWED=10.250.0.0/16 conf wgq "$1 = $2"
	if "$WG_QUICK" up --dry-run $C >/run/plan 2>/run/log; then
		sed -n "s/$3/\\1/p" /run/plan
	else
		echo refused
	fi
}

addresses() { ip -br -$1 address show dev d0 | tr -s ' ' '\n' | grep / | grep -v ^fe80; }

# address FAMILY TEXT
address()
{
	address_ip=refused
	! ip -$1 address add "$2" dev d0 2>/dev/null || address_ip=$(addresses $1)
	ip -$1 address flush dev d0
	# The short form of ip(8) leaves the length of a single address out.
	check "Address = $2" same "$address_ip" \
		"$(planned Address "$2" "^\[#\] ip -$1 address add \([^ ]*\) dev wgq\$")"
}

for text in 10.8.0.1/24 10.8.0.1 10.8.0.1/255.255.255.0 10.8.0.1/255.255.255.255 10.8.0.1/255.0.255.0 \
	10.8.0.1/0.0.0.255 10.8.0.1/255.255 10.8.0.1/0xff.0xff.0 10.8.0.1/0x18 10.8.0.1/030 10.8.0.1/08 \
	10.8.0.1/+24 10.8.0.1/ 10.8.0.1/33 10.8.0.1/0x 10.8.0.1/255.255.255.0.0 10.8.0.1/255.255.255.00 \
	10/8 10.1/16 10.1.2/24 0x0a.1/16 0X0A.1/8 012.1.1.1/24 010.010.010.010 08.1.1.1 256.1.1.1/24 \
	0x0a000001/8 167772161/8 10..1/24 10.1./24 .10/24 10.1.1.1.1/24 10.1/8/9 1e1/8 default/8; do
	address 4 "$text"
done
for text in fd00::1/64 fd00::1 fd00::1/0x40 fd00::1/0100 fd00::1/255.255.0.0 fd00::1/ffff:ffff:: \
	fd00::1/129 fd00::1/ fd00::1%d0/64 [fd00::1]/64 ::ffff:10.0.0.1/96 fd00::1/+64; do
	address 6 "$text"
done

for text in 1400 0x500 0X500 02400 +1280 1280x 0x 08 1e3 68 67 65535 65536 0 -1 4294968576; do
	mtu=refused
	! ip link set d0 mtu "$text" 2>/dev/null || mtu=$(cat /sys/class/net/d0/mtu)
	check "MTU = $text" same "$mtu" "$(planned MTU "$text" '^\[#\] ip link set mtu \([0-9]*\) up dev wgq$')"
done
ip link set d0 mtu 1500

for text in 1234 0x100 0X100 0100 010 08 +300 100x all main Main default 0 4294967295 4294967296 -1 0x; do
	table=refused
	if ip route add 10.250.0.0/16 dev d0 table "$text" 2>/dev/null; then
		table=$(ip -N route show table all 10.250.0.0/16 | sed 's/.* table \([0-9]*\).*/\1/; /^[0-9]*$/!s/.*/254/')
		ip route del 10.250.0.0/16 dev d0 table "$text"
	fi
	ours=$(planned Table "$text" '^\[#\] ip -4 route add 10.250.0.0\/16 dev wgq\(.*\)$')
	ours=${ours# table }
	check "Table = $text" same "$table" "${ours:-254}"
done
finish

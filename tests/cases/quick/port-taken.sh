#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The listen port of a tunnel is taken: `up` fails and says so, as it does with the kernel's WireGuard and
# with wireguard-go, and leaves no interface.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"

fails_saying() # WORDS COMMAND...
{
	words=$1
	shift
	! "$@" >/run/said 2>&1 && cat /run/said && grep -qi -e "$words" /run/said
}

# First the port belongs to another wg-tun, then to a program of another kind.
conf other "Address = 10.9.0.1/24" "ListenPort = 51820"
conf wg0 "Address = 10.8.0.1/24" "ListenPort = 51820"
check "port-taken: the first tunnel comes up" "$WG_QUICK" up other
check "port-taken: up of a second tunnel on its port fails" fails_saying "in use" "$WG_QUICK" up wg0
check "port-taken: no interface is left" sh -c '! ip link show wg0'
check "port-taken: nor is a state: up works with another port" sh -c '
	sed -i "s/51820/51821/" /etc/wireguard/wg0.conf && "$WG_QUICK" up wg0 && "$WG_QUICK" down wg0'
check "port-taken: the first tunnel goes down" "$WG_QUICK" down other
for family in 4 6; do
	python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_INET6 if sys.argv[1] == "6" else socket.AF_INET, socket.SOCK_DGRAM)
if sys.argv[1] == "6":
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
s.bind(("", 51821))
time.sleep(60)' $family &
	wait_for 10 sh -c 'ss -Huan sport = :51821 | grep -q .'
	check "port-taken: up on a port that another program has over IPv$family fails" \
		fails_saying "in use" "$WG_QUICK" up wg0
	check "port-taken: no interface is left over IPv$family" sh -c '! ip link show wg0'
	kill $!
	wait $! 2>/dev/null
done
finish

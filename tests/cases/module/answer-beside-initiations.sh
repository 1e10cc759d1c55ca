# SPDX-License-Identifier: GPL-2.0
# Run by all.sh. Thousands of peers that cannot be reached initiate at once, as after boot: the answer of one that can
# does not wait for them.
. "$(dirname "$0")/lib.sh"
one ip link set wg1 down
one "$WG" set wg1 peer "$p2" persistent-keepalive 25
one "$WG" addconf wg1 <(/usr/bin/python3 -B "$here/peers.py" 40000 "PersistentKeepalive = 25") || untried "no 40000 peers"
two "$WG" set wg2 peer "$p1" remove peer "$p1" allowed-ips 10.8.0.1/32
begin=$(cut -d ' ' -f 1 /proc/uptime)
one ip link set wg1 up
for i in $(seq 300); do
	# Once the answer has been answered.
	[ "$(two "$WG" show wg2 latest-handshakes | cut -f 2)" = 0 ] || break
	sleep 0.1
done
figure seconds "$(awk "{ print \$1 - $begin }" /proc/uptime)"
end_of_base
verdict "connected after $got_seconds s, in-tree $(base seconds) s" "$got_seconds > 5"

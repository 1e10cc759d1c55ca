#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A route of IPv4 that a user gave an MTU smaller than its link's, as to the internet from a link with large frames:
# outer packets are cut to fit it. What ICMP says is believed neither there, if the MTU is locked, nor elsewhere.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
PAIR=rm
MTU=8900

# fragments COMMAND...: how many fragments the left end makes meanwhile.
count_fragments()
{
	on l awk '/^Ip: [0-9]/ { print $20 }' /proc/net/snmp
}
fragments()
{
	fragments_before=$(count_fragments)
	"$@" >/dev/null || return
	echo $(($(count_fragments) - fragments_before))
}

large() { ping_inner l -c 3 -i 0.1 -W 2 -s 4000; }

# Routes are looked at half a second after they change.
route()
{
	on l ip route replace 192.0.2.2 dev l0 "$@"
	sleep 1.2
}

# The right end says to the left one that an echo reply of it was too big, which is believed by the kernel
# whatever the sockets of the tunnel do.
forge()
{
	on r python3 - <<'END'
import socket, struct
def sum16(b):
    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    s = (s & 0xffff) + (s >> 16)
    return ~(s + (s >> 16)) & 0xffff
l, r = socket.inet_aton("192.0.2.1"), socket.inet_aton("192.0.2.2")
inner = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 1500, 1, 0x4000, 64, 1, 0, l, r) + struct.pack("!BBHHH", 0, 0, 0, 1, 1)
m = struct.pack("!BBHHH", 3, 4, 0, 0, 700) + inner
m = m[:2] + struct.pack("!H", sum16(m)) + m[4:]
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).sendto(m, ("192.0.2.1", 0))
END
	sleep 0.2
	believed "$1"
}

believed()
{
	on l ip route get 192.0.2.2
	on l ip route get 192.0.2.2 | grep -q "$1"
}

pair_make
on l ip link set l0 mtu 9000
on r ip link set r0 mtu 9000
for side in l r; do
	start $side ours
	configure $side
done
check "the tunnel is up" wait_for 6 ping_inner l -c 1 -W 1
sleep 1
check "without an MTU of the route nothing is cut" same 0 "$(fragments large)"
check "a forged message is believed by the kernel" forge "mtu 700"
on l ip link add x0 type veth peer name x1
sleep 1.2
check "still after links were looked at again" believed "mtu 700"
check "what is believed is not the route's own MTU" same 0 "$(fragments large)"
on l ip route flush cache
route mtu 1500
check "with one of 1500, large packets are cut to fit" same 9 "$(fragments large)"
route mtu lock 1500
check "with a locked one, too" same 9 "$(fragments large)"
check "a forged message is not believed there" forge "mtu lock 1500"
check "and changes nothing" same 9 "$(fragments large)"
route mtu 0
check "without it they are whole again" same 0 "$(fragments large)"
stop l
stop r
finish

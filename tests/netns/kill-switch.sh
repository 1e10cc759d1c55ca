#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KillSwitch: while programs of the host send without end (UDP, DNS, TCP, IPv4 and IPv6), the other end of the
# uplink counts what arrives in clear: nothing, whatever happens to the tunnel. Needs a wg-quick built with
# TESTHOOKS=1, too.
. "$(dirname "$0")/../tool.sh"
if [ ! -x "$WG_QUICK_TESTHOOKS" ]; then
	not_ok "there is a wg-quick built with TESTHOOKS=1 ($WG_QUICK_TESTHOOKS)"
	finish
fi
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
log=/run/log
far_key=mPxNyRIFxHzHNAWkpOHNCCzq2rQHSkCl2eNDuILzOm4=
near_public=$(echo $KEY | "$WG" pubkey)
far_public=$(echo $far_key | "$WG" pubkey)
stride=4
[ -z "${WG_TEST_VM-}" ] || stride=16
unset SSH_CONNECTION
mkdir -p /run/conf /run/netns
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
ip netns add far
ip link add near type veth peer name far netns far
ip link set near up
ip -n far link set far up
ip -n far link set lo up
ip address add 192.0.2.1/24 dev near
ip address add fd02::1/64 dev near
ip address add 192.168.7.1/24 dev near
ip -n far address add 192.0.2.2/24 dev far
ip -n far address add fd02::2/64 dev far nodad
ip -n far address add 192.168.7.2/24 dev far
ip route add default via 192.0.2.2
ip -6 route add default via fd02::2
# What waits for a neighbour has passed the table, or none, before it is sent.
wait_for 10 ping -c 1 -W 1 192.0.2.2 && wait_for 10 ping -c 1 -W 1 fd02::2
ip netns exec far nft -f - <<'END'
table inet clear {
	counter seen { }
	counter lan { }
	chain arriving {
		type filter hook prerouting priority -300;
		iifname != "far" accept
		udp dport 5000 accept
		icmpv6 type { 131, 132, 133, 134, 135, 136, 143 } accept
		ip daddr 192.168.7.2 counter name lan accept
		counter name seen
	}
}
END
# A peer for two tunnels of the host's, wgq and wgr.
ip netns exec far "$WG" >/dev/null
if ! ip -n far link add wgf type wireguard 2>/dev/null; then
	ip netns exec far "$WG_TUN" wgf
fi
echo "[Interface]
PrivateKey = $far_key
ListenPort = 5000
[Peer]
PublicKey = $near_public
AllowedIPs = 10.66.0.2/32, fd66::2/128" >/run/conf/far
ip netns exec far "$WG" setconf wgf /run/conf/far
ip -n far address add 10.66.0.1/24 dev wgf
ip -n far address add fd66::1/64 dev wgf
ip -n far link set wgf up

file() # NAME ALLOWED LINE...: with these lines of [Interface]
{
	file_name=$1 file_allowed=$2
	shift 2
	{
		printf '%s\n' "[Interface]" "PrivateKey = $KEY" "Address = 10.66.0.2/32, fd66::2/128" "$@"
		printf '%s\n' "[Peer]" "PublicKey = $far_public" "AllowedIPs = $file_allowed" "Endpoint = 192.0.2.2:5000"
	} >/run/conf/$file_name.conf
	chmod 600 /run/conf/$file_name.conf
}
full="0.0.0.0/0, ::/0"
count() # COUNTER
{
	ip netns exec far nft list counter inet clear "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}
reset()
{
	ip netns exec far nft reset counters >/dev/null
}
sent() # waits for two whole rounds
{
	sent_before=$(cat /run/rounds)
	wait_for 10 sh -c "[ \$(cat /run/rounds) -ge $((sent_before + 2)) ]"
}
through() # whether the tunnel carries both families
{
	wait_for 10 ping -c 1 -W 1 -I wgq 10.66.0.1 && wait_for 5 ping -c 1 -W 1 -I wgq fd66::1
}
end_data_path() # the daemon of wgq, killed; where the kernel is the data path, its link
{
	daemon=$(for p in /proc/[0-9]*; do tr '\0' ' ' <"$p/cmdline" | grep -q 'wg-tun.* wgq ' && basename "$p"; done)
	if [ -n "$daemon" ]; then kill -9 $daemon; else ip link del wgq; fi
	wait_for 5 sh -c '! ip link show wgq'
} 2>/dev/null
table()
{
	nft list table inet wg-quick-kill 2>/dev/null
}
quiet() # nothing was seen in clear, though programs go on sending
{
	sent && same 0 "$(count seen)"
}
echo 0 >/run/rounds

### The senders are heard at all
python3 "$(dirname "$0")/senders.py" /run/rounds &
sender=$!
sent
check "without a kill switch the packets are seen" sh -c "[ $(count seen) -gt 0 ]"

### yes
file wgq "$full" "KillSwitch = yes"
check "up" "$Q" up /run/conf/wgq.conf
reset
check "the tunnel carries both families" through
check "yes: nothing is seen while it is up" quiet
ip route add 198.51.100.0/24 via 192.0.2.2
ip -6 route add 2001:db8::/64 via fd02::2
check "yes: a route that is more specific pulls nothing past it" quiet
ip route del 198.51.100.0/24 via 192.0.2.2
ip -6 route del 2001:db8::/64 via fd02::2
check "status agrees" "$Q" status /run/conf/wgq.conf
check "the second reload does nothing" same "" "$("$Q" reload /run/conf/wgq.conf 2>&1)"
file wgq "$full, 10.9.0.0/16" "KillSwitch = yes" "FwMark = 77"
check "reload with another mark" "$Q" reload /run/conf/wgq.conf
check "its packets are let pass" through
check "yes: nothing is seen in reload" quiet
end_data_path
check "yes: nothing is seen without a data path" quiet
check "repair" "$Q" repair /run/conf/wgq.conf
check "and the tunnel carries again" through
check "yes: nothing is seen in repair" quiet
ip link del wgq 2>/dev/null
wait_for 5 sh -c '! ip link show wgq 2>/dev/null'
check "yes: nothing is seen with the link deleted by hand" quiet
cp /run/conf/wgq.conf /run/wgq.conf.before
sed -i 's/192.0.2.2:5000/no.such.name.invalid:5000/' /run/conf/wgq.conf
check "up fails where a name cannot be looked up" sh -c '! WG_ENDPOINT_RESOLUTION_RETRIES=1 "$0" up /run/conf/wgq.conf' "$Q"
check "yes: nothing is seen, for the table stays" quiet
cp /run/wgq.conf.before /run/conf/wgq.conf
check "up where the link is gone" "$Q" up /run/conf/wgq.conf
check "yes: nothing is seen in that up" quiet
WG_TEST_FAIL_AT=3 "$WG_QUICK_TESTHOOKS" reload /run/conf/wgq.conf >$log 2>&1
check "yes: nothing is seen in a reload that fails" quiet

### What others do to the table
whole=$(table)
nft flush ruleset
check "status says that the table is gone" sh -c '"$0" status /run/conf/wgq.conf; [ $? = 2 ]' "$Q"
"$Q" repair /run/conf/wgq.conf 2>/dev/null
check "repair puts it back" same "$whole" "$(table)"
nft flush chain inet wg-quick-kill leave
"$Q" repair /run/conf/wgq.conf 2>/dev/null
check "and its rules" same "$whole" "$(table)"
reset
check "yes: nothing is seen after that" quiet

### down, also without a journal
rm /run/wireguard-quick/wgq*.state
check "down without a journal" "$Q" down /run/conf/wgq.conf
check "removes the table" same "" "$(table)"
check "down when all is undone" sh -c '! "$0" down /run/conf/wgq.conf' "$Q"

### lan
file wgq "$full" "KillSwitch = lan"
"$Q" up /run/conf/wgq.conf 2>$log
reset
lan() { echo x >/dev/udp/192.168.7.2/"$1"; } 2>/dev/null
lan 9
lan 53
check "lan: private networks are reached, but for DNS" same "1 0" "$(count lan) $(count seen)"
check "lan: nothing else is seen" quiet
check "exec --bypass is refused" sh -c '"$0" exec --bypass /run/conf/wgq.conf -- true 2>&1 | grep -q "kill switch of"' "$Q"
file wgq "$full" "KillSwitch = yes"
"$Q" reload /run/conf/wgq.conf 2>$log
reset
lan 9
check "reload makes it stricter" same 0 "$(count lan)"
"$Q" down /run/conf/wgq.conf 2>$log

### boot, and wg-quick killed at each step: the switch stays all the time
file wgq "$full" "KillSwitch = boot" "PrivateKeyFile = /run/conf/absent.key"
sed -i '/^PrivateKey =/d' /run/conf/wgq.conf
check "killswitch, before the key is there" "$Q" killswitch /run/conf/wgq.conf
check "loads the table" test -n "$(table)"
"$Q" killswitch --lift /run/conf/wgq.conf 2>$log
file wgq "$full" "KillSwitch = boot"
check "killswitch" "$Q" killswitch /run/conf/wgq.conf
check "a second one does nothing" same "" "$("$Q" killswitch /run/conf/wgq.conf 2>&1)"
reset
check "boot: nothing is seen before up" quiet
env WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" up /run/conf/wgq.conf 2>$log
read -r boundaries calls </run/count
check "boot: the tunnel carries" through
env WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" down /run/conf/wgq.conf 2>$log
read -r down_boundaries down_calls </run/count
check "boot: nothing is seen after down" quiet
for n in $(seq 1 $stride "$boundaries"); do
	WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" up /run/conf/wgq.conf
	"$Q" down /run/conf/wgq.conf
done >$log 2>&1
for n in $(seq 1 $stride "$down_boundaries"); do
	"$Q" up /run/conf/wgq.conf
	WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" down /run/conf/wgq.conf
	"$Q" down /run/conf/wgq.conf
done >$log 2>&1
for n in $(seq 2 $stride "$calls"); do
	WG_TEST_FAIL_AT=$n "$WG_QUICK_TESTHOOKS" up /run/conf/wgq.conf
done >$log 2>&1
check "boot: nothing is seen wherever up and down are killed or fail ($boundaries, $down_boundaries, $calls places)" quiet
check "the table stands" test -n "$(table)"
check "without a link" sh -c '! ip link show wgq'
check "nor a second down" sh -c '! "$0" down /run/conf/wgq.conf' "$Q"
file wgq "$full" "KillSwitch = boot"
sed -i 's/192.0.2.2:5000/no.such.name.invalid:5000/' /run/conf/wgq.conf
check "an endpoint's name cannot be looked up, and the way out is said" sh -c \
	'WG_ENDPOINT_RESOLUTION_RETRIES=1 "$0" up /run/conf/wgq.conf 2>&1 | grep -q "killswitch --lift wgq"' "$Q"
rm /run/conf/wgq.conf
check "killswitch --lift, without the file" "$Q" killswitch --lift /run/conf/wgq.conf
check "removes the table" same "" "$(table)"

### yes: wherever up is killed, a link is never there without the table
file wgq "$full" "KillSwitch = yes"
: >/run/bad
for n in $(seq 3 $stride "$boundaries"); do
	WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" up /run/conf/wgq.conf
	! ip link show wgq || [ -n "$(table)" ] || echo "no table at $n" >>/run/bad
	"$Q" down /run/conf/wgq.conf
	[ -z "$(table)" ] || echo "it stays at $n" >>/run/bad
done >$log 2>&1
for n in $(seq 1 $stride "$calls"); do
	WG_TEST_FAIL_AT=$n "$WG_QUICK_TESTHOOKS" up /run/conf/wgq.conf
	[ -z "$(table)" ] || ip link show wgq || echo "it stays after failure $n" >>/run/bad
	"$Q" down /run/conf/wgq.conf
done >$log 2>&1
check "yes: killed at each step, the table is there before the link and goes with down" same "" "$(cat /run/bad)"

### Two tunnels
file wgq "$full" "KillSwitch = yes"
file wgr 10.67.0.0/24 "KillSwitch = lan"
for order in "wgq wgr" "wgr wgq"; do
	set -- $order
	for name; do "$Q" up /run/conf/$name.conf 2>>$log; done
	check "two tunnels ($order): each lets pass the other's packets" same 2 \
		"$(table | grep -c 'meta mark')"
	check "both are as their files ask" sh -c \
		'"$0" status /run/conf/wgq.conf && "$0" status /run/conf/wgr.conf' "$Q"
	reset
	check "the first carries" through
	check "nothing is seen" quiet
	"$Q" down /run/conf/$1.conf 2>>$log
	check "the other's switch stays" same "1 0" "$(table | grep -c "oifname \"$2\"") $(table | grep -c "oifname \"$1\"")"
	"$Q" down /run/conf/$2.conf 2>>$log
	check "and goes with it" same "" "$(table)"
done

### Nobody else's table
nft -f - <<'END'
table inet wg-quick-kill {
	chain leave {
		type filter hook postrouting priority 0;
		oifname "near" accept
	}
}
END
foreign=$(table)
check "a foreign table of the name ends up" sh -c '! "$0" up /run/conf/wgq.conf' "$Q"
check "and is left alone" same "$foreign" "$(table)"
nft delete table inet wg-quick-kill
check "no link is left" sh -c '! ip link show wgq'

### The admin's session
check "an SSH session from outside is not cut" sh -c \
	'SSH_CONNECTION="198.51.100.7 1 192.0.2.1 22" "$0" up /run/conf/wgq.conf 2>&1 | grep -q "would cut this SSH session"' "$Q"
check "nor is anything left" same "" "$(table)$(ip -br link show wgq 2>/dev/null)"
file wgq "$full" "KillSwitch = lan"
check "with lan, one from the LAN goes on" env SSH_CONNECTION="192.168.7.9 1 192.168.7.1 22" "$Q" up /run/conf/wgq.conf
"$Q" down /run/conf/wgq.conf 2>$log

### Forwarded packets, and no others any more
kill $sender
wait $sender 2>/dev/null
file wgq "$full" "KillSwitch = yes"
ip netns add inside
ip link add in0 type veth peer name in1 netns inside
ip address add 10.70.0.1/24 dev in0
ip link set in0 up
ip -n inside address add 10.70.0.2/24 dev in1
ip -n inside link set in1 up
ip -n inside route add default via 10.70.0.1
sysctl -qw net.ipv4.ip_forward=1
forwarded() { ip netns exec inside bash -c 'echo x >/dev/udp/192.0.2.2/9'; }
reset
forwarded
check "forwarded packets are seen without it" sh -c "[ $(count seen) -gt 0 ]"
"$Q" up /run/conf/wgq.conf 2>$log
reset
forwarded
check "and not with it" same 0 "$(count seen)"
check "down" "$Q" down /run/conf/wgq.conf
finish

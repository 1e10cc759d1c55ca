#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Masquerade, Forward and ClampMSS, beside each other and alone:
#
#	far (wgf) ===tunnel=== [ this namespace: wgq ] --- out
#
# What arrives in `out` and `far` is looked at with nft.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
far_key=mPxNyRIFxHzHNAWkpOHNCCzq2rQHSkCl2eNDuILzOm4=
near_public=$(echo $KEY | "$WG" pubkey)
far_public=$(echo $far_key | "$WG" pubkey)
mkdir -p /run/conf /run/netns
sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 \
	net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
for ns in far out; do
	ip netns add $ns
	ip link add near-$ns type veth peer name $ns netns $ns
	ip link set near-$ns up
	ip -n $ns link set $ns up
	ip -n $ns link set lo up
	ip netns exec $ns sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
done
ip address add 192.0.2.1/24 dev near-far
ip -n far address add 192.0.2.2/24 dev far
ip address add 203.0.113.1/24 dev near-out
ip address add fd03::1/64 dev near-out
ip -n out address add 203.0.113.2/24 dev out
ip -n out address add fd03::2/64 dev out
# Without the masquerade answers find their way back, too.
ip -n out route add default via 203.0.113.1
ip -n out -6 route add default via fd03::1
if ! ip -n far link add wgf type wireguard 2>/dev/null; then
	ip netns exec far "$WG_TUN" wgf
fi
echo "[Interface]
PrivateKey = $far_key
ListenPort = 5000
[Peer]
PublicKey = $near_public
AllowedIPs = 0.0.0.0/0, ::/0
Endpoint = 192.0.2.1:5001" >/run/conf/far
ip netns exec far "$WG" setconf wgf /run/conf/far
ip -n far address add 10.66.0.1/24 dev wgf
ip -n far address add fd66::1/64 dev wgf
ip -n far link set wgf up
ip -n far route add 203.0.113.0/24 dev wgf
ip -n far -6 route add fd03::/64 dev wgf
for ns in out far; do
	ip netns exec $ns nft -f - <<END
table inet seen {
	counter host { }
	counter peer { }
	counter out { }
	counter clamped { }
	chain arriving {
		type filter hook prerouting priority -300;
		ip saddr { 203.0.113.1, 10.66.0.2 } icmp type echo-request counter name host
		ip6 saddr { fd03::1, fd66::2 } icmpv6 type echo-request counter name host
		ip saddr 10.66.0.1 icmp type echo-request counter name peer
		ip6 saddr fd66::1 icmpv6 type echo-request counter name peer
		ip saddr 203.0.113.2 icmp type echo-request counter name out
		tcp flags syn tcp option maxseg size 1260 counter name clamped
		tcp flags syn tcp option maxseg size 1240 counter name clamped
	}
}
END
done

file() # NAME LINE...
{
	file_name=$1
	shift
	{
		printf '%s\n' "[Interface]" "PrivateKey = $KEY" "Address = 10.66.0.2/24, fd66::2/64" "$@"
		printf '%s\n' "[Peer]" "PublicKey = $far_public" "AllowedIPs = 10.66.0.0/24, fd66::/64" "Endpoint = 192.0.2.2:5000"
	} >/run/conf/$file_name.conf
	chmod 600 /run/conf/$file_name.conf
}
count() # NAMESPACE COUNTER
{
	ip netns exec "$1" nft list counter inet seen "$2" | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}
reset()
{
	for ns in out far; do ip netns exec $ns nft reset counters >/dev/null; done
}
settings()
{
	cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding \
		/proc/sys/net/ipv6/conf/{default,near-out,near-far}/accept_ra | tr '\n' ' '
}
gate()
{
	nft list table inet wg-quick-gate-wgq 2>/dev/null
}
pings() # from the peer to `out', both families
{
	reset
	wait_for 10 ip netns exec far ping -c 1 -W 1 203.0.113.2 && wait_for 5 ip netns exec far ping -c 1 -W 1 fd03::2
}
before=$(settings)
check "the host does not forward" same "0 0 1 1 1 " "$before"

### All at once
file wgq "ListenPort = 5001" "MTU = 1300" "Masquerade = yes" "Forward = yes" "ClampMSS = yes"
check "up" "$Q" up /run/conf/wgq.conf
check "it forwards, and goes on to accept routers' advertisements" same "1 1 2 2 2 " "$(settings)"
check "the peer reaches the network behind" pings
check "with the host's address, IPv4 and IPv6" same "yes 0" "$([ "$(count out host)" -ge 2 ] && echo yes) $(count out peer)"
# Nobody listens: the first packet tells.
ip netns exec far timeout 2 bash -c 'echo >/dev/tcp/203.0.113.2/9; echo >/dev/tcp/fd03::2/9' 2>/dev/null
check "MSS is clamped on the way out of the tunnel" sh -c "[ $(count out clamped) -ge 2 ]"
ip netns exec out timeout 2 bash -c 'echo >/dev/tcp/10.66.0.1/9; echo >/dev/tcp/fd66::1/9' 2>/dev/null
check "and on the way in" sh -c "[ $(count far clamped) -ge 2 ]"
check "status agrees" "$Q" status /run/conf/wgq.conf
check "the second reload does nothing" same "" "$("$Q" reload /run/conf/wgq.conf 2>&1)"
check "dry run shows the steps" sh -c \
	'"$0" up --dry-run /run/conf/wgq.conf 2>/dev/null | grep -c -e masquerade -e ip_forward=1 -e "all/forwarding=1" | grep -qx 3' "$Q"

### Others
whole=$(gate)
nft flush ruleset
sysctl -qw net.ipv4.ip_forward=0
check "status says what is gone" sh -c '"$0" status /run/conf/wgq.conf; [ $? = 2 ]' "$Q"
check "repair" "$Q" repair /run/conf/wgq.conf
check "puts the table back, and the setting" same "$whole 1" "$(gate) $(cat /proc/sys/net/ipv4/ip_forward)"

### Reload
file wgq "ListenPort = 5001" "MTU = 1300" "Masquerade = into" "Forward = yes"
"$Q" reload /run/conf/wgq.conf 2>/dev/null
reset
check "into: the network behind reaches the peer" wait_for 5 ip netns exec out ping -c 1 -W 1 10.66.0.1
check "with the tunnel's address" same "yes 0" "$([ "$(count far host)" -ge 1 ] && echo yes) $(count far out)"
pings
check "and the peer keeps its own" same "0 yes" "$(count out host) $([ "$(count out peer)" -ge 2 ] && echo yes)"
file wgq "ListenPort = 5001" "MTU = 1300"
"$Q" reload /run/conf/wgq.conf 2>/dev/null
check "without the keys all is as before" same "$before" "$(settings)$(gate)"

### Two tunnels forward: the last one puts the settings back
file wgq "ListenPort = 5001" "Forward = yes"
file wgr "Forward = yes"
sed -i 's/^Address = .*/Address = 10.67.0.2\/24, fd67::2\/64/; s/^AllowedIPs = .*/AllowedIPs = 10.67.0.0\/24, fd67::\/64/' /run/conf/wgr.conf
check "reload turns it on" "$Q" reload /run/conf/wgq.conf
check "up of another one" "$Q" up /run/conf/wgr.conf
check "down of the first" "$Q" down /run/conf/wgq.conf
check "another tunnel goes on forwarding" same "1 1 2 2 2 " "$(settings)"
check "reload does nothing" same "" "$("$Q" reload /run/conf/wgr.conf 2>&1)"
"$Q" down /run/conf/wgr.conf 2>/dev/null
check "the last one puts the settings back" same "$before" "$(settings)"
sysctl -qw net.ipv4.ip_forward=1
"$Q" up /run/conf/wgq.conf 2>/dev/null
"$Q" down /run/conf/wgq.conf 2>/dev/null
check "a host that forwards on its own goes on" same 1 "$(cat /proc/sys/net/ipv4/ip_forward)"
sysctl -qw net.ipv4.ip_forward=0

### The host's firewall, others' tables, and a journal that is lost
nft add table ip filter
nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }'
check "up says which chain drops" sh -c '"$0" up /run/conf/wgq.conf 2>&1 | grep -q "chain .ip filter FORWARD. drops"' "$Q"
check "and so does check" sh -c '"$0" check /run/conf/wgq.conf | grep -q forward-dropped' "$Q"
"$Q" down /run/conf/wgq.conf 2>/dev/null
nft delete table ip filter
nft add table inet wg-quick-gate-wgq
nft add chain inet wg-quick-gate-wgq mine
foreign=$(gate)
file wgq "ListenPort = 5001" "Masquerade = both" "ClampMSS = yes"
check "a foreign table of the name ends up" sh -c '! "$0" up /run/conf/wgq.conf' "$Q"
check "and is left alone" same "$foreign" "$(gate)"
nft delete table inet wg-quick-gate-wgq
"$Q" up /run/conf/wgq.conf 2>/dev/null
rm /run/wireguard-quick/*.state
check "down without a journal" "$Q" down /run/conf/wgq.conf
check "removes the table" same "" "$(gate)"
check "check: nothing is forwarded" sh -c '"$0" check /run/conf/wgq.conf | grep -q forward-off' "$Q"
finish
